"""The demo company of a new book: its properties, currencies, day rates and users. It starts without contacts."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from segxero.sandbox.countries.facts import find_country

CURRENCIES = {
    "NZD": "New Zealand Dollar",
    "USD": "United States Dollar",
    "EUR": "Euro",
    "GBP": "British Pound",
    "AUD": "Australian Dollar",
}
_OTHER_NAMES = {"SGD": "Singapore Dollar", "ZAR": "South African Rand", "CAD": "Canadian Dollar"}
# Made-up day rates against one unit of the base currency, in place of XE's.
DAY_RATES = {
    "NZD": Decimal("1.000000"),
    "USD": Decimal("0.600000"),
    "EUR": Decimal("0.540000"),
    "GBP": Decimal("0.460000"),
    "AUD": Decimal("0.910000"),
    "SGD": Decimal("0.770000"),
    "ZAR": Decimal("10.300000"),
    "CAD": Decimal("0.840000"),
}
USERS = ("ann.owner@demo.example", "ben.sales@demo.example", "cleo.support@demo.example")


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


def name_currency(code: str) -> str:
    return CURRENCIES.get(code) or _OTHER_NAMES.get(code, code)


def find_rate(code: str, base: str) -> Decimal:
    """Return the day rate of the currency *code* against *base*."""
    return round(DAY_RATES.get(code, Decimal(1)) / DAY_RATES.get(base, Decimal(1)), 6)


def list_currencies(base: str) -> dict[str, str]:
    """Return the enabled currencies, the base currency first."""
    return {base: name_currency(base)} | CURRENCIES


def make_organisation(
    name: str, country: str, currency: str, *, identity: str, short_code: str, created: datetime
) -> dict[str, Any]:
    """Return the properties of a new organisation in *country* (a code) with the base currency *currency*."""
    facts = find_country(country)
    return {
        "Name": name,
        "LegalName": name,
        "PaysTax": True,
        "Version": facts.version,
        "OrganisationType": "COMPANY",
        "BaseCurrency": currency,
        "CountryCode": country,
        "IsDemoCompany": True,
        "OrganisationStatus": "ACTIVE",
        "FinancialYearEndDay": 31,
        "FinancialYearEndMonth": 3,
        "SalesTaxBasis": facts.basis,
        "SalesTaxPeriod": facts.period,
        "DefaultSalesTax": "Remember previous",
        "DefaultPurchasesTax": "Remember previous",
        "CreatedDateUTC": created,
        "OrganisationEntityType": "COMPANY",
        "Timezone": facts.time_zone,
        "ShortCode": short_code,
        "OrganisationID": identity,
        "Edition": "BUSINESS",
        "Class": "DEMO",
        "Addresses": [],
        "Phones": [],
        "ExternalLinks": [],
        "PaymentTerms": {},
    }
