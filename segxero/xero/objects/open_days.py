"""Open days: the date of a document whose own date Xero refuses, because its books are locked for it.

A document moves once, when it is new, and keeps that date: Xero changes nothing in a locked period. Its own date stands
behind the description of its first line. A payment has no text of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from segxero.xero.money.lines import LONGEST_DESCRIPTION
from segxero.xero.objects.row import Context, Wanted

LOCKED, OPEN_DAY = "locked", "open_day"  # remembered: Xero has refused its date; the day under which it is booked


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The day under which a document is *booked*, and its *own*."""

    own: date
    booked: date

    @classmethod
    def of(cls, own: date, wanted: Wanted, context: Context) -> "Day":
        return cls(own=own, booked=max(own, _earliest(wanted, context) or own))

    @property
    def moved(self) -> bool:
        return self.booked != self.own

    @property
    def keeps(self) -> dict[str, str]:
        """What the record remembers once Xero has it."""
        return {OPEN_DAY: self.booked.isoformat()} if self.moved else {}

    def said(self, items: list[dict[str, Any]], what: str) -> list[dict[str, Any]]:
        """Return the lines with the own date behind the first one's description, such as `Mug (ordered 2025-03-03)`."""
        if not self.moved or not items:
            return items
        behind = f" ({what} {self.own.isoformat()})"
        text = str(items[0]["Description"])[: LONGEST_DESCRIPTION - len(behind)] + behind
        return [{**items[0], "Description": text}, *items[1:]]


def kept_day(remembered: Mapping[str, str]) -> date | None:
    """Return the day to which a document that remembers this was moved."""
    kept = remembered.get(OPEN_DAY)
    return date.fromisoformat(kept) if kept else None


def _earliest(wanted: Wanted, context: Context) -> date | None:
    if kept := kept_day(wanted.remembered):
        return kept
    return None if wanted.xero_id or not wanted.remembered.get(LOCKED) else context.open_day


def is_locked(remembered: Mapping[str, str]) -> bool:
    """Tell whether Xero has refused the date of a record that remembers this."""
    return bool(remembered.get(LOCKED))
