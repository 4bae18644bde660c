"""The chart of accounts of a new organisation: the same codes in every country, with the country's tax types.

A new book starts with it. The codes are those of Xero's demo companies, and a web shop's accounts beside them.
"""

from typing import Any

from segxero.sandbox.countries.facts import Country

# code, name, type, class, tax ("sales", "purchases" or "untaxed"), takes payments
_ACCOUNTS = (
    ("090", "Business Bank Account", "BANK", "ASSET", "untaxed", False),
    ("091", "Stripe {currency}", "BANK", "ASSET", "untaxed", False),
    ("092", "PayPal USD", "BANK", "ASSET", "untaxed", False),
    ("093", "Gateway Reserve", "BANK", "ASSET", "untaxed", False),
    ("200", "Sales", "REVENUE", "REVENUE", "sales", False),
    ("205", "Discounts Given", "REVENUE", "REVENUE", "sales", False),
    ("260", "Other Revenue", "REVENUE", "REVENUE", "sales", False),
    ("266", "Restocking Fees", "REVENUE", "REVENUE", "sales", False),
    ("310", "Cost of Goods Sold", "DIRECTCOSTS", "EXPENSE", "purchases", False),
    ("400", "Advertising", "EXPENSE", "EXPENSE", "purchases", False),
    ("404", "Bank Fees", "EXPENSE", "EXPENSE", "untaxed", False),
    ("405", "Chargebacks", "REVENUE", "REVENUE", "sales", False),
    ("425", "Freight & Courier", "EXPENSE", "EXPENSE", "purchases", False),
    ("610", "Accounts Receivable", "CURRENT", "ASSET", "untaxed", False),
    ("630", "Inventory", "INVENTORY", "ASSET", "untaxed", False),
    ("640", "Disputed Payments", "CURRENT", "ASSET", "untaxed", True),
    ("800", "Accounts Payable", "CURRLIAB", "LIABILITY", "untaxed", False),
    ("820", "{tax_name}", "CURRLIAB", "LIABILITY", "untaxed", False),
    ("825", "Gift Cards", "CURRLIAB", "LIABILITY", "untaxed", True),
    ("826", "Store Credit", "CURRLIAB", "LIABILITY", "untaxed", True),
    ("827", "Customer Deposits", "CURRLIAB", "LIABILITY", "untaxed", True),
    ("828", "Tips", "CURRLIAB", "LIABILITY", "untaxed", False),
    ("829", "Foreign Taxes", "CURRLIAB", "LIABILITY", "untaxed", False),
    ("860", "Rounding", "CURRLIAB", "LIABILITY", "untaxed", False),
    ("880", "Owner A Drawings", "EQUITY", "EQUITY", "untaxed", True),
)
_SYSTEM_ACCOUNTS = {"610": "DEBTORS", "800": "CREDITORS", "820": "GST", "860": "ROUNDING"}
_BANK_CURRENCIES = {"092": "USD"}
_BANK_NUMBER = "0908007006543"


def make_accounts(country: Country, currency: str) -> list[dict[str, Any]]:
    """Return the accounts of an organisation in *country* with the base currency *currency*."""
    words = {"currency": currency, "tax_name": country.tax_name}
    tax_types = {"sales": country.sales, "purchases": country.purchases, "untaxed": country.untaxed}
    return [
        {
            "Code": code,
            "Name": name.format_map(words),
            "Status": "ACTIVE",
            "Type": kind,
            "TaxType": tax_types[tax],
            "Class": group,
            "EnablePaymentsToAccount": payments,
            "ShowInExpenseClaims": False,
            "ReportingCode": group[:3],
            "HasAttachments": False,
        }
        | (_describe_bank(code, currency) if kind == "BANK" else {})
        | ({"SystemAccount": _SYSTEM_ACCOUNTS[code]} if code in _SYSTEM_ACCOUNTS else {})
        for code, name, kind, group, tax, payments in _ACCOUNTS
    ]


def _describe_bank(code: str, currency: str) -> dict[str, str]:
    return {
        "BankAccountNumber": f"{_BANK_NUMBER}{code}" if code != "090" else _BANK_NUMBER,
        "BankAccountType": "BANK",
        "CurrencyCode": _BANK_CURRENCIES.get(code, currency),
    }
