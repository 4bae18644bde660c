"""Shops: sources of an organisation that share one series of order numbers, such as a website and its server.

`organisations.yaml` declares them. A shop with a prefix puts it before the keys of its orders, refunds and payments, so
that two orders 1001 of two shops are two. It is pure.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SHARED, APART = "shared", "apart"
CONTACTS = (SHARED, APART)
PLACE = "\n"  # between the names of organisation and shop, where a shop has settings of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """One shop; *contacts* are shared with other shops unless they are apart. Empty settings are the organisation's."""

    name: str
    sources: tuple[str, ...]
    prefix: str = ""
    contacts: str = SHARED
    currency: str = ""
    time_zone: str = ""
    tables: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict, hash=False)

    @property
    def has_settings(self) -> bool:
        """Tell whether mappings are compiled for this shop by itself."""
        return bool(self.currency or self.time_zone or self.tables)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyNames:
    """The objects whose keys belong to a shop: *orders* always, *people* where contacts are apart.

    *links* are the fields that hold the key of an order.
    """

    orders: frozenset[str]
    people: frozenset[str]
    links: frozenset[str]

    def prefix_of(self, shop: Shop, name: str) -> str:
        """Return what stands before a key of the object *name* in *shop*."""
        is_own = name in self.orders or (name in self.people and shop.contacts == APART)
        return shop.prefix if is_own else ""

    def prefix_fields(self, shop: Shop, name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return *fields* of the object *name* with the shop's prefix before keys of orders, and with its currency."""
        if name not in self.orders:
            return dict(fields)
        found = {
            field: f"{shop.prefix}{value}" if field in self.links and value not in ("", None) else value
            for field, value in fields.items()
        }
        if shop.currency and "CurrencyCode" in found and found["CurrencyCode"] in ("", None):
            found["CurrencyCode"] = shop.currency
        return found
