"""Facts about a country as Xero tells them: edition, time zone, currency, basis of the tax return, usual tax types.

A new book starts with them. Xero has no edition of its own for Ireland, Singapore, South Africa and Canada.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A country; *sales*, *purchases* and *untaxed* are the tax types that its chart of accounts starts with.

    *time_zone* is Xero's word and *zone* the IANA name. *swaps_none* holds for an edition without a NONE of its own.
    """

    version: str
    time_zone: str
    zone: str
    currency: str
    basis: str
    period: str
    sales: str
    purchases: str
    untaxed: str = "NONE"
    tax_name: str = "Tax"
    swaps_none: bool = False


GLOBAL = Country(
    version="GLOBAL",
    time_zone="UTC",
    zone="UTC",
    currency="USD",
    basis="ACCRUALS",
    period="QUARTERLY",
    sales="OUTPUT",
    purchases="INPUT",
)
COUNTRIES = {
    "AU": Country(
        version="AU",
        time_zone="AUSEASTERNSTANDARDTIME",
        zone="Australia/Sydney",
        currency="AUD",
        basis="ACCRUALS",
        period="QUARTERLY1",
        sales="OUTPUT",
        purchases="INPUT",
        untaxed="BASEXCLUDED",
        tax_name="GST",
        swaps_none=True,
    ),
    "NZ": Country(
        version="NZ",
        time_zone="NEWZEALANDSTANDARDTIME",
        zone="Pacific/Auckland",
        currency="NZD",
        basis="PAYMENTS",
        period="TWOMONTHS",
        sales="OUTPUT2",
        purchases="INPUT2",
        tax_name="GST",
    ),
    "GB": Country(
        version="UK",
        time_zone="GMTSTANDARDTIME",
        zone="Europe/London",
        currency="GBP",
        basis="ACCRUAL",
        period="QUARTERLY",
        sales="OUTPUT2",
        purchases="INPUT2",
        tax_name="VAT",
    ),
    "US": Country(
        version="US",
        time_zone="EASTERNSTANDARDTIME",
        zone="America/New_York",
        currency="USD",
        basis="ACCRUALS",
        period="QUARTERLY",
        sales="OUTPUT",
        purchases="INPUT",
        tax_name="Sales Tax",
    ),
    "IE": Country(
        version="GLOBAL",
        time_zone="GMTSTANDARDTIME",
        zone="Europe/Dublin",
        currency="EUR",
        basis="ACCRUALS",
        period="TWOMONTHS",
        sales="TAX001",
        purchases="TAX008",
        tax_name="VAT",
    ),
    "SG": Country(
        version="GLOBAL",
        time_zone="SINGAPORESTANDARDTIME",
        zone="Asia/Singapore",
        currency="SGD",
        basis="ACCRUALS",
        period="QUARTERLY",
        sales="OUTPUTY24",
        purchases="INPUTY24",
        tax_name="GST",
    ),
    "ZA": Country(
        version="GLOBAL",
        time_zone="SOUTHAFRICASTANDARDTIME",
        zone="Africa/Johannesburg",
        currency="ZAR",
        basis="ACCRUALS",
        period="TWOMONTHS",
        sales="OUTPUT3",
        purchases="INPUT3",
        tax_name="VAT",
    ),
    "CA": Country(
        version="GLOBAL",
        time_zone="EASTERNSTANDARDTIME",
        zone="America/Toronto",
        currency="CAD",
        basis="ACCRUALS",
        period="QUARTERLY",
        sales="TAX001",
        purchases="TAX001",
        tax_name="GST",
    ),
}


def find_country(code: str) -> Country:
    """Return the facts of the country *code*; a country without an entry has those of the global edition."""
    return COUNTRIES.get(code, GLOBAL)
