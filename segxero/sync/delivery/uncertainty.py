"""Uncertainty: what was sent and has no answer is looked up in Xero, but not while its call may still be running there.

A call with a key of its own (a number, a name) that runs on for longer than we wait is refused by Xero as the second
one. One without a key, a note, would be doubled, so that waits longer.
"""

from segxero.errors import PermanentError
from segxero.sync.delivery.verdicts import Bury
from segxero.sync.records.record import Record
from segxero.sync.waiting.outbox import Result

SURE_SECONDS = 10  # after the answer was given up
LONGEST_CALL_SECONDS = 30  # after the departure of a call whose process died
SURE_SECONDS_WITHOUT_KEY = 60
MOST_DEATHS = 5  # processes that may die over one record before a person looks at it


def lost(record: Record, reason: str) -> Result:
    """Return what becomes of *record*, whose answer is lost."""
    delay = SURE_SECONDS_WITHOUT_KEY if record.row.appends else SURE_SECONDS
    return Result(record=record, disposition="uncertain", reason=reason, set={"uncertain": "1"}, delay_seconds=delay)


def orphaned(record: Record, age: int, bury: Bury) -> Result:
    """Return what becomes of *record*, whose flight left *age* seconds ago with a process that is gone."""
    deaths = record.deaths + 1
    if deaths >= MOST_DEATHS:
        return bury(record, PermanentError(f"{deaths} processes died while they sent this record"))
    ended = SURE_SECONDS_WITHOUT_KEY if record.row.appends else LONGEST_CALL_SECONDS
    return Result(
        record=record,
        disposition="uncertain",
        reason="the process died while it was sent",
        set={"deaths": str(deaths), "uncertain": "1"},
        delay_seconds=max(ended - age, 0),
    )
