"""The tax rates of a new organisation, by country: codes, names and percentages as Xero's pages list them.

A new book starts with them. Old rates stay active, as in Xero: 15 % in the United Kingdom is never a rate of today.
Ireland and Canada have no codes of their own, so their organisations start with rates that a person has made.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

# Flags of the accounts that a rate applies to: revenue, expenses, assets and equity; liabilities take every rate.
_SALES = (True, False, True)
_REVENUE_ONLY = (True, False, False)
_PURCHASES = (False, True, True)
_ANY = (True, True, True)

# tax type, name, percent or components, accounts
Row = tuple[str, str, Any, tuple[bool, bool, bool]]

_GLOBAL: tuple[Row, ...] = (
    ("OUTPUT", "Tax on Sales", "0", _SALES),
    ("INPUT", "Tax on Purchases", "0", _PURCHASES),
    ("NONE", "Tax Exempt", "0", _ANY),
    ("GSTONIMPORTS", "Sales Tax on Imports", "0", _PURCHASES),
)
_RATES: dict[str, tuple[Row, ...]] = {
    "AU": (
        ("OUTPUT", "GST on Income", "10", _SALES),
        ("INPUT", "GST on Expenses", "10", _PURCHASES),
        ("EXEMPTOUTPUT", "GST Free Income", "0", _REVENUE_ONLY),
        ("EXEMPTEXPENSES", "GST Free Expenses", "0", _PURCHASES),
        ("INPUTTAXED", "Input Taxed", "0", _ANY),
        ("EXEMPTEXPORT", "GST Free Exports", "0", _REVENUE_ONLY),
        ("BASEXCLUDED", "BAS Excluded", "0", _ANY),
        ("GSTONIMPORTS", "GST on Imports", "0", _PURCHASES),
    ),
    "NZ": (
        ("OUTPUT2", "15% GST on Income", "15", _SALES),
        ("INPUT2", "15% GST on Expenses", "15", _PURCHASES),
        ("NONE", "No GST", "0", _ANY),
        ("ZERORATED", "Zero Rated", "0", _REVENUE_ONLY),
    ),
    "GB": (
        ("OUTPUT2", "20% (VAT on Income)", "20", _SALES),
        ("INPUT2", "20% (VAT on Expenses)", "20", _PURCHASES),
        ("RROUTPUT", "5% (VAT on Income)", "5", _SALES),
        ("RRINPUT", "5% (VAT on Expenses)", "5", _PURCHASES),
        ("ZERORATEDOUTPUT", "Zero Rated Income", "0", _SALES),
        ("ZERORATEDINPUT", "Zero Rated Expenses", "0", _PURCHASES),
        ("EXEMPTOUTPUT", "Exempt Income", "0", _SALES),
        ("EXEMPTINPUT", "Exempt Expenses", "0", _PURCHASES),
        ("ECZROUTPUT", "Zero Rated EC Goods Income", "0", _SALES),
        ("ECZROUTPUTSERVICES", "Zero Rated EC Services", "0", _SALES),
        ("NONE", "No VAT", "0", _ANY),
        ("OUTPUT", "17.5% (VAT on Income)", "17.5", _SALES),
        ("SROUTPUT", "15% (VAT on Income)", "15", _SALES),
    ),
    "US": (
        *_GLOBAL,
        (
            "TAX001",
            "New York City Sales Tax",
            (("New York State", "4"), ("New York City", "4.5"), ("MCTD", "0.375")),
            _SALES,
        ),
    ),
    "IE": (
        *_GLOBAL,
        ("TAX001", "Standard Rate Sales 23%", "23", _SALES),
        ("TAX002", "Reduced Rate Sales 13.5%", "13.5", _SALES),
        ("TAX003", "Second Reduced Rate Sales 9%", "9", _SALES),
        ("TAX004", "Livestock Sales 4.8%", "4.8", _SALES),
        ("TAX005", "Zero Rated Sales", "0", _SALES),
        ("TAX006", "EU Goods Sales", "0", _SALES),
        ("TAX007", "EU Services Sales", "0", _SALES),
        ("TAX008", "Standard Rate Purchases 23%", "23", _PURCHASES),
    ),
    "SG": (
        ("OUTPUTY24", "Standard-Rated Supplies", "9", _SALES),
        ("INPUTY24", "Standard-Rated Purchases", "9", _PURCHASES),
        ("ZERORATEDOUTPUT", "Zero-Rated Supplies", "0", _SALES),
        ("ES33OUTPUT", "Regulation 33 Exempt Supplies", "0", _SALES),
        ("ESN33OUTPUT", "Non-Regulation 33 Exempt Supplies", "0", _SALES),
        ("OSOUTPUT2", "Out Of Scope Supplies", "0", _SALES),
        ("NONE", "No Tax", "0", _ANY),
        ("OUTPUT", "2022 Standard-Rated Supplies", "7", _SALES),
        ("OUTPUTY23", "2023 Standard-Rated Supplies", "8", _SALES),
    ),
    "ZA": (
        ("OUTPUT3", "Standard Rate Sales", "15", _SALES),
        ("INPUT3", "Standard Rate Purchases", "15", _PURCHASES),
        ("ZERORATED", "Zero rate (Excluding Goods Exported)", "0", _SALES),
        ("ZERORATEDOUTPUT", "Zero Rate (only Exported Goods)", "0", _SALES),
        ("EXEMPTOUTPUT", "Exempt and Non-Supplies", "0", _SALES),
        ("NONE", "No VAT", "0", _ANY),
        ("OUTPUT", "Old Standard Rate Sales", "14", _SALES),
        ("OUTPUT2", "Old Change in use and Export of Second-hand Goods", "14", _SALES),
    ),
    "CA": (
        *_GLOBAL,
        ("TAX001", "GST", "5", _ANY),
        ("TAX002", "HST ON", "13", _ANY),
        ("TAX003", "HST NS", "14", _ANY),
        ("TAX004", "HST NB NL PE", "15", _ANY),
        ("TAX005", "GST/PST BC", (("GST", "5"), ("PST BC", "7")), _ANY),
        ("TAX006", "GST/PST SK", (("GST", "5"), ("PST SK", "6")), _ANY),
        ("TAX007", "GST/RST MB", (("GST", "5"), ("RST MB", "7")), _ANY),
        ("TAX008", "GST/QST QC", (("GST", "5"), ("QST", "9.975")), _ANY),
        ("TAX009", "GST 0%", "0", _ANY),
    ),
}
# The shipped tax table books Australian sales of a New Zealand shop at 10 %. A person can make such rates in Xero.
_SHOP_RATES: tuple[Row, ...] = (
    ("OUTPUT", "10% GST on Income", "10", _SALES),
    ("INPUT", "10% GST on Expenses", "10", _PURCHASES),
    ("ZERORATEDOUTPUT", "Zero Rated Income", "0", _REVENUE_ONLY),
    ("EXEMPTOUTPUT", "Exempt Income", "0", _REVENUE_ONLY),
)
_REPORTED_AS = {
    **dict.fromkeys(("OUTPUT2", "OUTPUT3", "OUTPUTY23", "OUTPUTY24", "ZERORATED"), "OUTPUT"),
    **dict.fromkeys(("INPUT2", "INPUT3", "INPUTY24"), "INPUT"),
    **dict.fromkeys(("RROUTPUT", "SROUTPUT"), "OUTPUT"),
    "RRINPUT": "INPUT",
    "ECZROUTPUT": "ECOUTPUT",
    "ECZROUTPUTSERVICES": "ECOUTPUTSERVICES",
    "OSOUTPUT2": "OSOUTPUT",
}


def make_tax_rates(country: str, *, with_shop_rates: bool = False) -> list[dict[str, Any]]:
    """Return the tax rates of an organisation in *country* (a code); *with_shop_rates* adds the demo shop's."""
    rows: Sequence[Row] = _RATES.get(country, _GLOBAL)
    if country == "NZ" and with_shop_rates:
        rows = (*rows, *_SHOP_RATES)
    return [_make_rate(row) for row in rows]


def make_own_rate(tax_type: str, name: str, percent: Decimal) -> dict[str, Any]:
    """Return a rate of a person's own, which applies to sales accounts."""
    return _make_rate((tax_type, name, str(percent), _SALES))


def _make_rate(row: Row) -> dict[str, Any]:
    tax_type, name, percent, (revenue, expenses, others) = row
    components = ((name, percent),) if isinstance(percent, str) else percent
    total = sum((Decimal(rate) for _, rate in components), Decimal(0))
    # Own rates count as plain sales tax in Xero's reports.
    own = "OUTPUT" if tax_type.startswith("TAX") else tax_type
    return {
        "Name": name,
        "TaxType": tax_type,
        "ReportTaxType": _REPORTED_AS.get(tax_type, own),
        "CanApplyToAssets": others,
        "CanApplyToEquity": others,
        "CanApplyToExpenses": expenses,
        "CanApplyToLiabilities": True,
        "CanApplyToRevenue": revenue,
        "DisplayTaxRate": total,
        "EffectiveRate": total,
        "Status": "ACTIVE",
        "TaxComponents": [
            {"Name": part, "Rate": Decimal(rate), "IsCompound": False, "IsNonRecoverable": False}
            for part, rate in components
        ],
    }
