"""The demo company of a new sandbox: accounts, tax rates, currencies, users, no contacts."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from segxero.sandbox.options import SandboxOptions

# code, name, type, class, tax type, takes payments
_ACCOUNTS = (
    ("090", "Business Bank Account", "BANK", "ASSET", "NONE", False),
    ("200", "Sales", "REVENUE", "REVENUE", "OUTPUT2", False),
    ("260", "Other Revenue", "REVENUE", "REVENUE", "OUTPUT2", False),
    ("310", "Cost of Goods Sold", "DIRECTCOSTS", "EXPENSE", "INPUT2", False),
    ("400", "Advertising", "EXPENSE", "EXPENSE", "INPUT2", False),
    ("425", "Freight & Courier", "EXPENSE", "EXPENSE", "INPUT2", False),
    ("630", "Inventory", "INVENTORY", "ASSET", "NONE", False),
    ("610", "Accounts Receivable", "CURRENT", "ASSET", "NONE", False),
    ("800", "Accounts Payable", "CURRLIAB", "LIABILITY", "NONE", False),
    ("880", "Owner A Drawings", "EQUITY", "EQUITY", "NONE", True),
)
_SYSTEM_ACCOUNTS = {"610": "DEBTORS", "800": "CREDITORS"}

# tax type, name, percent, to revenue, to expenses, to assets and equity
_TAX_RATES = (
    ("OUTPUT2", "15% GST on Income", "15", True, False, True),
    ("INPUT2", "15% GST on Expenses", "15", False, True, True),
    ("OUTPUT", "10% GST on Income", "10", True, False, True),
    ("INPUT", "10% GST on Expenses", "10", False, True, True),
    ("NONE", "No GST", "0", True, True, True),
    ("ZERORATED", "Zero Rated", "0", True, False, False),
    ("ZERORATEDOUTPUT", "Zero Rated Income", "0", True, False, False),
    ("EXEMPTOUTPUT", "Exempt Income", "0", True, False, False),
)
_REPORTED_AS = {"OUTPUT2": "OUTPUT", "INPUT2": "INPUT", "ZERORATED": "OUTPUT", "ZERORATEDOUTPUT": "OUTPUT"}
CURRENCIES = {
    "NZD": "New Zealand Dollar",
    "USD": "United States Dollar",
    "EUR": "Euro",
    "GBP": "British Pound",
    "AUD": "Australian Dollar",
}
# Made-up day rates against one unit of the base currency, in place of XE's.
DAY_RATES = {
    "NZD": Decimal("1.000000"),
    "USD": Decimal("0.600000"),
    "EUR": Decimal("0.540000"),
    "GBP": Decimal("0.460000"),
    "AUD": Decimal("0.910000"),
}
# country -> version, Xero's time zone word, IANA name
COUNTRIES = {
    "NZ": ("NZ", "NEWZEALANDSTANDARDTIME", "Pacific/Auckland"),
    "AU": ("AU", "AUSEASTERNSTANDARDTIME", "Australia/Sydney"),
    "GB": ("UK", "GMTSTANDARDTIME", "Europe/London"),
    "US": ("US", "EASTERNSTANDARDTIME", "America/New_York"),
}
ELSEWHERE = ("GLOBAL", "UTC", "UTC")
USERS = ("ann.owner@demo.example", "ben.sales@demo.example", "cleo.support@demo.example")


def make_accounts() -> list[dict[str, Any]]:
    return [
        {
            "Code": code,
            "Name": name,
            "Status": "ACTIVE",
            "Type": kind,
            "TaxType": tax_type,
            "Class": group,
            "EnablePaymentsToAccount": payments,
            "ShowInExpenseClaims": False,
            "ReportingCode": group[:3],
            "HasAttachments": False,
        }
        | ({"BankAccountNumber": "0908007006543", "BankAccountType": "BANK"} if kind == "BANK" else {})
        | ({"SystemAccount": _SYSTEM_ACCOUNTS[code]} if code in _SYSTEM_ACCOUNTS else {})
        for code, name, kind, group, tax_type, payments in _ACCOUNTS
    ]


def make_tax_rates() -> list[dict[str, Any]]:
    return [
        {
            "Name": name,
            "TaxType": tax_type,
            "ReportTaxType": _REPORTED_AS.get(tax_type, tax_type),
            "CanApplyToAssets": others,
            "CanApplyToEquity": others,
            "CanApplyToExpenses": expenses,
            "CanApplyToLiabilities": True,
            "CanApplyToRevenue": revenue,
            "DisplayTaxRate": Decimal(percent),
            "EffectiveRate": Decimal(percent),
            "Status": "ACTIVE",
            "TaxComponents": [
                {"Name": "GST", "Rate": Decimal(percent), "IsCompound": False, "IsNonRecoverable": False}
            ],
        }
        for tax_type, name, percent, revenue, expenses, others in _TAX_RATES
    ]


def make_users(emails: Iterable[str]) -> list[dict[str, Any]]:
    """Return a user per e-mail address, named after it: `ben.sales@…` is Ben Sales. The first is the subscriber."""
    found = []
    for number, email in enumerate(emails):
        first, _, last = email.partition("@")[0].partition(".")
        found.append(
            {
                "EmailAddress": email,
                "FirstName": first.title(),
                "LastName": last.title(),
                "IsSubscriber": not number,
                "OrganisationRole": "STANDARD" if number else "FINANCIALADVISER",
            }
        )
    return found


def list_currencies(base: str) -> dict[str, str]:
    """Return the enabled currencies, the base currency first."""
    return {base: CURRENCIES.get(base, base)} | CURRENCIES


def make_organisation(options: SandboxOptions, name: str, identity: str, created: datetime) -> dict[str, Any]:
    version, timezone, _ = COUNTRIES.get(options.country, ELSEWHERE)
    return {
        "Name": name,
        "LegalName": name,
        "PaysTax": True,
        "Version": version,
        "OrganisationType": "COMPANY",
        "BaseCurrency": options.base_currency,
        "CountryCode": options.country,
        "IsDemoCompany": True,
        "OrganisationStatus": "ACTIVE",
        "FinancialYearEndDay": 31,
        "FinancialYearEndMonth": 3,
        "SalesTaxBasis": "PAYMENTS",
        "SalesTaxPeriod": "TWOMONTHS",
        "DefaultSalesTax": "Remember previous",
        "DefaultPurchasesTax": "Remember previous",
        "CreatedDateUTC": created,
        "OrganisationEntityType": "COMPANY",
        "Timezone": timezone,
        "ShortCode": "!Sbx01",
        "OrganisationID": identity,
        "Edition": "BUSINESS",
        "Class": "DEMO",
        "Addresses": [],
        "Phones": [],
        "ExternalLinks": [],
        "PaymentTerms": {},
    }
