"""The decisions of an organisation about its tax: its country, tables and settings. Read by every module of `taxes`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from segxero.mapping.tax_settings import TaxSettings

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
    """The tables and settings of an organisation; every setting has its shipped value.

    *sells* are the sold classes; empty while nobody has said.
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

    @classmethod
    def of(
        cls, settings: TaxSettings, *, tables: Tables, currency: str, time_zone: str, rounds_cents: bool
    ) -> "TaxSetup":
        """Make the set-up of an organisation; without a country it is the country of its only home rows."""
        chosen = {field.name: getattr(settings, field.name) for field in fields(settings)}
        return cls(
            **{**chosen, "country": settings.country or find_country(tables)},
            tables=tables,
            currency=currency,
            time_zone=time_zone,
            rounds_cents=rounds_cents,
        )

    @property
    def base_currency(self) -> str:
        return self.currency or CURRENCIES.get(self.country, "")

    def table(self, name: str) -> Mapping[str, Any]:
        """Return the rows of a table."""
        return self.tables.get(name, {})


def find_country(tables: Tables) -> str:
    """Return the country of the rows for no supply, if there is only one."""
    names = [str(name).split() for name in tables.get("tax_rows", {})]
    countries = {words[0].partition("-")[0] for words in names if words[1:2] == ["no_supply"]}
    return countries.pop() if len(countries) == 1 else ""
