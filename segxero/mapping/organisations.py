"""Organisations as `organisations.yaml` declares them: their sources, shops and choices. It is pure.

The loader makes them; the set of mappings, the check and the rooms of `sync` read them.
"""

import dataclasses
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from typing import Any

from segxero.mapping.language.directive import DirectiveSettings
from segxero.mapping.shops import Shop
from segxero.mapping.tax_settings import TaxSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorSettings:
    """Who owes an order, and how guests are kept apart (chapter D)."""

    same_email: str = "apart"
    guests: str = "one_each"
    debtor: str = "company"
    bill_to_line: str = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation(DebtorSettings):
    """A Xero organisation: its Segment sources (None means all) and the settings of its records.

    Rows of *tables* go before those of the files of the same name. *tenant* is its id or exact name in Xero. *policies*
    holds its choices. *booking_sources* may book money (None means all sources); the browser sources among them are
    named once more in *booking_browsers*. Events named in *not_booked* are left out on purpose.
    """

    name: str
    sources: tuple[str, ...] | None = None
    order_id_in: str = "InvoiceNumber"
    due_days: int = 14
    currency: str = ""
    time_zone: str = "UTC"
    existing_contacts: str = "adopt"
    tenant: str = ""
    booking_sources: tuple[str, ...] | None = None
    booking_browsers: tuple[str, ...] = ()
    not_booked: tuple[str, ...] = ()
    shops: tuple[Shop, ...] = ()
    tax: TaxSettings = dataclasses.field(default_factory=TaxSettings)
    policies: dict[str, str] = dataclasses.field(default_factory=dict, hash=False)
    tables: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict, hash=False)

    def takes(self, source: str) -> bool:
        return self.sources is None or source in self.sources

    def may_book(self, source: str) -> bool:
        """Tell whether *source* may make documents and payments."""
        return self.booking_sources is None or source in self.booking_sources

    def shop_of(self, source: str) -> Shop | None:
        """Return the shop that *source* belongs to; None for no shop."""
        return next((shop for shop in self.shops if source in shop.sources), None)

    def settings(self, tables: MappingType[str, MappingType[str, Any]], shop: Shop | None = None) -> DirectiveSettings:
        """Return the settings that compile its mappings, or those of its *shop*; *tables* are those of the files."""
        own = merge_tables(tables, self.tables)
        return DirectiveSettings(
            tables=merge_tables(own, shop.tables) if shop else own,
            time_zone=(shop.time_zone if shop else "") or self.time_zone,
            currency=(shop.currency if shop else "") or self.currency,
        )


def merge_tables(
    tables: MappingType[str, MappingType[str, Any]], others: MappingType[str, MappingType[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Put the rows of *others* over those of *tables*."""
    names = dict.fromkeys([*tables, *others])
    return {name: {**tables.get(name, {}), **others.get(name, {})} for name in names}
