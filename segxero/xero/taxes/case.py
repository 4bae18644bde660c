"""An order with all evidence for its tax; handed from step to step of `decision`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from dateutil import parser

from segxero.errors import ParkedError, PermanentError
from segxero.xero.taxes import rows
from segxero.xero.taxes.destination import Destination, find_destination
from segxero.xero.taxes.reader import read_order
from segxero.xero.taxes.rounding import find_quantum
from segxero.xero.taxes.rows import TABLE, TaxRow, TaxRows, read_rows
from segxero.xero.taxes.setup import TaxSetup
from segxero.xero.taxes.stated import ZERO, Stated
from segxero.xero.taxes.waiting import AMBIGUOUS, TaxSubject

RETIRED = "tax_types"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxCase:
    """The *stated* order, the organisation's *setup*, the *rows* of the order's day, and the destination."""

    stated: Stated
    setup: TaxSetup
    rows: TaxRows
    destination: Destination
    subject: TaxSubject
    quantum: Decimal

    @property
    def is_at_home(self) -> bool:
        """Home rows are candidates also for an order in the base currency without a place (T4)."""
        unknown = self.destination.kind == "unknown" and self.destination.is_base_currency
        return self.destination.is_home or (unknown and bool(self.stated.tax))

    def find_row(self, tax_class: str) -> TaxRow:
        """Return the home row of a class. Raise ParkedError with the missing row."""
        region = self.destination.region if self.destination.is_home else ""
        row = self.rows.find(self.setup.country, tax_class, region)
        if row is None:
            need = f"it needs the tax type of {tax_class.replace('_', ' ')} supplies"
            raise self.subject.miss_row(TABLE, f"{self.setup.country} {tax_class}", need)
        return row

    def find_type(self, rate: Decimal, tax_class: str) -> str:
        """Return the TaxType of a rate above 0 %. Raise ParkedError when two types have it."""
        region = self.destination.region if self.destination.is_home else ""
        classes = (tax_class,) if tax_class in rows.TAXED else rows.TAXED
        found = [row for row in self.rows.select(self.setup.country, region, *classes) if row.rate == rate]
        sold = [row for row in found if row.tax_class in self.setup.sells] or found
        types = list(dict.fromkeys(row.tax_type for row in sold))
        if len(types) > 1:
            sentence = (
                f"{self.subject.name} ({self.subject.money(self.subject.amount)}) is taxed at {rate.normalize():f} %,"
                f" and {' and '.join(types)} have that rate. Send the region of its address."
            )
            raise self.subject.wait(AMBIGUOUS, sentence, explanations=types)
        if not types:
            raise self.subject.miss_row(TABLE, f"{self.setup.country} standard", f"no row has {rate.normalize():f} %")
        return types[0]


def open_case(fields: Mapping[str, Any], setup: TaxSetup, order: str) -> TaxCase:
    """Read an order and the organisation's tables. Raise ParkedError or PermanentError where they cannot be read."""
    stated = read_order(fields, setup)
    parts = sum((line.amount - line.discount for line in stated.all_lines), ZERO) - stated.discount
    currency = stated.currency or setup.base_currency
    amount = stated.total if stated.total is not None else parts + (stated.tax or ZERO)
    subject = TaxSubject(order=order or str(fields.get("Reference") or ""), amount=amount, currency=currency)
    table = setup.table(TABLE)
    if not table:
        raise _miss_table(setup, subject)
    return TaxCase(
        stated=stated,
        setup=setup,
        rows=read_rows(table, find_day(fields.get("Date"), setup.time_zone)),
        destination=find_destination(fields, setup, stated.currency),
        subject=subject,
        quantum=find_quantum(currency),
    )


def find_day(value: Any, time_zone: str) -> date:
    """Return the order's day in the organisation's time zone; today where the order has none."""
    zone = ZoneInfo(time_zone)
    if isinstance(value, datetime):
        return value.astimezone(zone).date() if value.tzinfo else value.date()
    if isinstance(value, date):
        return value
    if value in (None, ""):
        return datetime.now(UTC).astimezone(zone).date()
    try:
        moment = parser.isoparse(str(value))
    except (ValueError, OverflowError):
        raise PermanentError(f"Date should be an ISO 8601 date, not {str(value)[:40]!r}") from None
    return (moment.astimezone(zone) if moment.tzinfo else moment).date()


def _miss_table(setup: TaxSetup, subject: TaxSubject) -> ParkedError:
    row = f"{setup.country or 'NZ'} standard"
    need = "no table says which tax types its sales have"
    if setup.table(RETIRED):
        # T21: the old table guessed by its row `otherwise`, so nothing is booked by it any more.
        need = f"tables/{RETIRED}.yaml is no longer read, its successor is tables/{TABLE}.yaml"
    return subject.miss_row(TABLE, row, need)
