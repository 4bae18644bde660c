"""The trace of a record: a short list in Redis of the events that were folded into it and of what became of it.

fold.lua and settle.lua write it in the steps that do what it tells, so it costs no call of its own and is never wrong.
It is bounded: the last LONGEST entries, for LIFETIME_SECONDS after the last one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from segxero import jsontext
from segxero.store import keys
from segxero.sync.records.operations import Operation

LONGEST = 50
LIFETIME_SECONDS = 90 * 86_400
LONGEST_TEXT = 300  # characters of a name or a reason

LIMITS = {"longest": str(LONGEST), "lifetime": str(LIFETIME_SECONDS)}


def told_event(event: Mapping[str, Any], message_id: str, request_id: str, received: float) -> str:
    """Return what is the same in the entries of all records that an event touches, as JSON."""
    name = event.get("event")
    return jsontext.dumps(
        {
            "type": str(event.get("type", "")),
            "event": name[:LONGEST_TEXT] if isinstance(name, str) else "",
            "message": message_id,
            "request": request_id,
            "received": round(received, 3),
        }
    )


def of_operation(organisation: str, ref: str, operation: Operation) -> dict[str, str]:
    """Return the leaves that fold.lua needs for an entry; it adds the time, the fields that were set, and the event."""
    stamp = operation.fields[0][1] if operation.fields else "||"
    said = jsontext.dumps({"happened": stamp.split("|")[1], "mapping": operation.mapping})
    return {"trace": keys.trace(organisation, ref), "said": said}


def of_result(organisation: str, ref: str, disposition: str, reason: str, flight: str, answer: str) -> dict[str, str]:
    """Return the leaves that settle.lua needs for an entry; it adds the time."""
    entry = {
        "disposition": disposition,
        "reason": reason[:LONGEST_TEXT],
        "flight": flight,
        "answer": answer[:LONGEST_TEXT],
    }
    filled = {name: text for name, text in entry.items() if text}
    return {"trace": keys.trace(organisation, ref), "said": jsontext.dumps(filled)}


def read(texts: Sequence[str]) -> list[dict[str, Any]]:
    """Return the entries of a trace, the oldest first."""
    return [jsontext.loads(text) for text in texts]
