"""The destination of an order, seen from the organisation's country (T4). Pure; called by `decision`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from segxero.mapping.values.plain_text import plain_text
from segxero.xero.taxes.setup import TaxSetup
from segxero.xero.taxes.stated import read_flag

EU = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"}
    | {"IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}
)
NORTHERN_IRELAND = "BT"  # its postcodes; goods there are in the EU's VAT area
HOME, ABROAD, EU_AREA, UNKNOWN = "home", "abroad", "eu", "unknown"
NAMES = {
    "AUSTRALIA": "AU",
    "CANADA": "CA",
    "FRANCE": "FR",
    "GERMANY": "DE",
    "GREAT BRITAIN": "GB",
    "IRELAND": "IE",
    "NEW ZEALAND": "NZ",
    "SINGAPORE": "SG",
    "SOUTH AFRICA": "ZA",
    "UK": "GB",
    "UNITED KINGDOM": "GB",
    "UNITED STATES": "US",
    "UNITED STATES OF AMERICA": "US",
    "USA": "US",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """The place of supply: *kind* is HOME, ABROAD, EU_AREA (between EU countries) or UNKNOWN."""

    kind: str
    country: str = ""
    region: str = ""
    is_business: bool = False  # the customer has a tax number of its own
    is_base_currency: bool = True

    @property
    def is_home(self) -> bool:
        return self.kind == HOME

    @property
    def is_abroad(self) -> bool:
        return self.kind in (ABROAD, EU_AREA)

    @property
    def name(self) -> str:
        return f"{self.country}-{self.region}" if self.region else self.country


def find_destination(fields: Mapping[str, Any], setup: TaxSetup, currency: str) -> Destination:
    """Return where the order goes: the shop's own country where the goods are collected."""
    ship_to = fields.get("ShipTo") or {}
    ship_to = ship_to if isinstance(ship_to, dict) else {"Country": ship_to}
    country = read_country(ship_to.get("Country"))
    region = plain_text(ship_to.get("Region")).strip().upper()
    postcode = plain_text(ship_to.get("PostalCode")).strip().upper()
    if read_flag(fields.get("Collected")) is True:
        country = setup.country
    is_base = not currency or not setup.base_currency or currency == setup.base_currency
    # A shop selling at home only needs no address.
    if not country and not setup.ships_abroad:
        country = setup.country
    return Destination(
        kind=_find_kind(country, postcode, setup.country),
        country=country,
        region=region,
        is_business=bool(plain_text(fields.get("CustomerTaxNumber")).strip()),
        is_base_currency=is_base,
    )


def read_country(value: Any) -> str:
    """Return the two letters of a country; an unknown name stays as it is, and so is abroad."""
    # A path through an amount, such as free shipping, may end in the amount.
    text = value.strip().upper() if isinstance(value, str) else ""
    return NAMES.get(text, text)


def _find_kind(country: str, postcode: str, home: str) -> str:
    if not country:
        return UNKNOWN
    if country == home:
        return HOME
    is_eu = country in EU or (country == "GB" and postcode.startswith(NORTHERN_IRELAND))
    return EU_AREA if home in EU and is_eu else ABROAD
