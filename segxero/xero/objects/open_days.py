"""Open days: the date of a record whose own date Xero refuses, because the books are locked for it.

A new record moves once, and keeps that date: Xero changes nothing in a locked period. A document states its own date
behind the description of its first line. A payment has no text of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from dateutil import parser

from segxero.errors import PermanentError
from segxero.xero.money.lines import LONGEST_DESCRIPTION
from segxero.xero.objects.context import Context
from segxero.xero.objects.wanted import Wanted
from segxero.xero.objects.xero_object import XeroObject

LOCKED = "locked"  # remembered: Xero has refused the date
OPEN_DAY = "open_day"  # remembered: the day of its booking


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The day under which a record is *booked*, and its *own*."""

    own: date
    booked: date

    @classmethod
    def of(cls, own: date, wanted: Wanted, context: Context) -> "Day":
        """Decide under which day a record of the day *own* is booked."""
        return cls(own=own, booked=max(own, _earliest(wanted, context) or own))

    @property
    def moved(self) -> bool:
        return self.booked != self.own

    @property
    def keeps(self) -> dict[str, str]:
        """The facts to remember once Xero has the record."""
        return {OPEN_DAY: self.booked.isoformat()} if self.moved else {}

    def state_own(self, items: list[dict[str, Any]], verb: str) -> list[dict[str, Any]]:
        """Put the own date of a moved document behind its first line, such as `Mug (ordered 2025-03-03)`."""
        if not self.moved or not items:
            return items
        behind = f" ({verb} {self.own.isoformat()})"
        text = str(items[0]["Description"])[: LONGEST_DESCRIPTION - len(behind)] + behind
        return [{**items[0], "Description": text}, *items[1:]]


class DatedObject(XeroObject):
    """A kind of record with a date; the policy lock_date may move it to the first open day."""

    forgets: ClassVar[tuple[str, ...]] = (LOCKED,)

    def needs_open_day(self, remembered: Mapping[str, str]) -> bool:
        """Xero has refused the record's own date."""
        return bool(remembered.get(LOCKED))

    def move_date(self, wanted: Wanted) -> Mapping[str, str] | None:
        """Date a new record on the first open day. A record in Xero stays where it is."""
        return None if wanted.xero_id else {LOCKED: "1"}

    def find_day(self, wanted: Wanted, context: Context) -> Day:
        """Return the record's own day, and the day under which it is booked."""
        return Day.of(read_day(wanted.fields.get("Date"), "Date", context.zone), wanted, context)


def read_day(value: Any, name: str, zone: ZoneInfo) -> date:
    """Read an ISO 8601 date; a moment gets its date in the organisation's time zone."""
    try:
        moment = parser.isoparse(str(value))
    except (ValueError, OverflowError):
        raise PermanentError(f"{name} should be an ISO 8601 date, not {str(value)[:40]!r}") from None
    if moment.tzinfo:
        moment = moment.astimezone(zone)
    return moment.date()


def kept_day(remembered: Mapping[str, str]) -> date | None:
    """Return the day to which a record was moved."""
    kept = remembered.get(OPEN_DAY)
    return date.fromisoformat(kept) if kept else None


def _earliest(wanted: Wanted, context: Context) -> date | None:
    # The lock date may have moved since: a booked document stays where it is.
    if kept := kept_day(wanted.remembered):
        return kept
    return None if wanted.xero_id or not wanted.remembered.get(LOCKED) else context.open_day
