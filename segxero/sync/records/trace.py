"""The trace of a record: a short list in Redis of the events that were folded into it and of its results.

fold.lua and settle.lua write the trace in the same step as the change that it describes, so it costs no call of its own
and is never wrong. It is bounded: the last LONGEST entries, for LIFETIME_SECONDS after the last. Fold and outbox
make the entries, `segxero trace` and the console read them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from segxero import jsontext
from segxero.store import keys
from segxero.sync.records.operations import Operation
from segxero.sync.records.results import Result

LONGEST = 50
LIFETIME_SECONDS = 90 * 86_400
LONGEST_TEXT = 300  # characters of a name or a reason

LIMITS = {"longest": str(LONGEST), "lifetime": str(LIFETIME_SECONDS)}


def describe_event(event: Mapping[str, Any], message_id: str, request_id: str, received: float) -> str:
    """Return the part (JSON) shared by the entries of all records of an event."""
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


def describe_operation(organisation: str, ref: str, operation: Operation) -> dict[str, str]:
    """Return the leaves that fold.lua needs for an entry; it adds the time, the fields that were set, and the event."""
    stamp = operation.fields[0][1] if operation.fields else "||"
    said = jsontext.dumps({"happened": stamp.split("|")[1], "mapping": operation.mapping})
    return {"trace": keys.trace(organisation, ref), "said": said}


def describe_result(organisation: str, result: Result, flight: str, answer: str) -> dict[str, str]:
    """Return the leaves that settle.lua needs for an entry; it adds the time."""
    entry = {
        "disposition": str(result.disposition),
        "reason": result.reason[:LONGEST_TEXT],
        "flight": flight,
        "answer": answer[:LONGEST_TEXT],
    }
    filled = {name: text for name, text in entry.items() if text}
    return {"trace": keys.trace(organisation, result.record.ref), "said": jsontext.dumps(filled)}


def read(texts: Sequence[str]) -> list[dict[str, Any]]:
    """Return the entries of a trace, the oldest first."""
    return [jsontext.loads(text) for text in texts]
