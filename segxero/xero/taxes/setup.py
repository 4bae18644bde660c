"""What an organisation has decided about its tax: its country, tables and settings. Read by every module of `taxes`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CURRENCIES = {
    "AU": "AUD",
    "CA": "CAD",
    "GB": "GBP",
    "IE": "EUR",
    "NZ": "NZD",
    "SG": "SGD",
    "US": "USD",
    "ZA": "ZAR",
}
ASK = "ask"
FOLLOWS, STANDARD, UNTAXED = "follows", "standard", "untaxed"
Tables = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxSetup:
    """The tables and settings of one organisation; every setting has the value that is shipped.

    *sells* are the classes that the shop sells; empty means that nobody has said.
    """

    country: str = ""
    currency: str = ""  # the organisation's base currency; "" is its country's
    time_zone: str = "UTC"
    tables: Tables = field(default_factory=dict)
    registered: bool = True
    sells: tuple[str, ...] = ()
    ships_abroad: bool = True
    untaxed_domestic: str = ASK  # or zero_rated, exempt
    tax_missing: str = ASK  # or inside, none
    shipping_class: str = FOLLOWS  # or standard, untaxed
    gift_cards: str = "multi_purpose"  # or single_purpose
    rounds_cents: bool = False  # the policy cent_off: rounding_line

    @property
    def base_currency(self) -> str:
        return self.currency or CURRENCIES.get(self.country, "")

    def table(self, name: str) -> Mapping[str, Any]:
        """Return the rows of one table."""
        return self.tables.get(name, {})
