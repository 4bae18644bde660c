"""The organisation's tables and settings, as the Xero objects need them to prepare a record."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from segxero.mapping.model import MappingSet
from segxero.mapping.organisations import merge_tables
from segxero.mapping.policies import DEFAULTS, drop_unused_rows
from segxero.mapping.shops import Shop
from segxero.mapping.tax_settings import TaxSettings
from segxero.xero.taxes.setup import TaxSetup


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The tables and settings of an organisation."""

    tables: Mapping[str, Mapping[str, Any]]
    order_id_in: str = "InvoiceNumber"
    due_days: int = 0
    currency: str = ""
    time_zone: str = "UTC"
    tax: TaxSettings = field(default_factory=TaxSettings)
    adopts: bool = True  # contacts that Xero had before us are taken over
    policies: Mapping[str, str] = field(default_factory=lambda: dict(DEFAULTS))  # every policy with its choice
    open_day: date | None = None  # the first unlocked day, read where the policy lock_date moves documents to it
    shut: Mapping[str, str] = field(default_factory=dict)  # groups refused by Xero for now -> why, see sync/waiting
    users: Mapping[str, str] = field(default_factory=dict)  # e-mail in lower case -> name
    shops: tuple[Shop, ...] = ()

    @classmethod
    def of(cls, mappings: MappingSet, organisation: str) -> "Context":
        """Read the context of *organisation* from *mappings*."""
        settings = mappings.organisations[organisation]
        return cls(
            tables=drop_unused_rows(mappings.tables_of(organisation), settings.policies),
            order_id_in=settings.order_id_in,
            due_days=settings.due_days,
            currency=settings.currency,
            time_zone=settings.time_zone,
            tax=settings.tax,
            adopts=settings.existing_contacts == "adopt",
            policies={**DEFAULTS, **settings.policies},
            shops=settings.shops,
        )

    def enter_shop(self, source: str) -> "Context":
        """Return the context of the shop that *source* belongs to: its rows and settings go before these."""
        shop = next((each for each in self.shops if source in each.sources), None)
        if shop is None or not shop.has_settings:
            return self
        return replace(
            self,
            tables=drop_unused_rows(merge_tables(self.tables, shop.tables), self.policies),
            currency=shop.currency or self.currency,
            time_zone=shop.time_zone or self.time_zone,
        )

    @property
    def zone(self) -> ZoneInfo:
        """Return the organisation's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def tax_setup(self) -> TaxSetup:
        """Return the tables and settings that decide the tax of an order."""
        return TaxSetup.of(
            self.tax,
            tables=self.tables,
            currency=self.currency,
            time_zone=self.time_zone,
            rounds_cents=self.policies.get("cent_off") == "rounding_line",
        )
