"""Dead letters of records: everything that a person needs to see about a record that cannot go on.

Called by planning, verdicts and policies; a letter of an event that became no record is made in workers/events.py.
"""

import traceback
from collections.abc import Sequence
from datetime import UTC, datetime

from segxero.dead_letters import DeadLetter
from segxero.errors import PermanentError
from segxero.sync.records.record import Record

CORRECT_AND_DISCARD = "correct the record in Xero or the data at its source, then discard this letter"


def write_letter(record: Record, error: BaseException, events: Sequence[str], next_step: str) -> str:
    """Return the dead letter (JSON) for *record*."""
    is_foreseen = isinstance(error, PermanentError)
    return DeadLetter(
        error=type(error).__name__,
        message=str(error),
        next_step=next_step,
        queue=record.row.queue,
        organisation=record.organisation,
        object=record.object,
        key=record.key,
        sentences=tuple(getattr(error, "sentences", ())),
        traceback="" if is_foreseen else "".join(traceback.format_exception(error)),
        attempts=record.attempts + 1,
        events=tuple(events),
        mapping=record.mapping.partition(" ")[0],
        version=record.mapping.partition(" ")[2],
        first_failed_at=_iso(record.failing_since),
        attempted_at=tuple(map(_iso, record.attempted)),
        amount=str(record.fields.get("Total") or ""),
        currency=str(record.fields.get("CurrencyCode") or ""),
    ).to_json()


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds else ""
