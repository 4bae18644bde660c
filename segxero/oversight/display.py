"""Rows about organisations, queues and trace entries, as the commands and the console show them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from segxero.mapping.model import MappingSet
from segxero.mapping.names import SOURCES
from segxero.oversight.sighting import spell_sums
from segxero.oversight.standing import QueueStanding, Standing
from segxero.sync.folding.unbooked import UnbookedSum
from segxero.sync.folding.unbooked_advice import advise


def organisation_row(standing: Standing) -> dict[str, Any]:
    rest, outage = standing.rest, standing.outage
    return {
        "organisation": standing.organisation,
        "waiting": standing.waiting,
        "oldest_seconds": round(standing.oldest_seconds),
        "calls_left_minute": rest.minute,
        "calls_left_day": rest.day,
        "day_ends_in_seconds": round(rest.day_ends_in),
        "down_since": f"{datetime.fromtimestamp(outage.since, UTC):%Y-%m-%dT%H:%M:%SZ}" if outage else None,
        "why": outage.reason if outage else None,
        "refused_because": standing.paused or None,
        "next_try_in_seconds": round(outage.next_try_seconds) if outage else None,
    }


def queue_row(queue: QueueStanding) -> dict[str, Any]:
    return {
        "queue": queue.queue,
        "waiting": queue.waiting,
        "oldest_seconds": round(queue.oldest_seconds),
        "parked": queue.parked,
    }


def unbooked_row(one: UnbookedSum, mappings: MappingSet) -> dict[str, Any]:
    """Return the ignored events of a name whose money nothing books."""
    names = mappings.tables.get(SOURCES, {})
    return {
        "organisation": one.organisation,
        "source": one.source,
        "source_name": str(names.get(one.source, "")),
        "event": one.event,
        "why": one.why,
        "count": one.count,
        "sums": {currency: str(amount) for currency, amount in sorted(one.sums.items())},
        "unread": one.unread,
        "first": _day(one.first),
        "last": _day(one.last),
        "suggestion": advise(one, mappings.organisations.get(one.organisation)).sentence,
    }


def print_sums(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return *row* with its sums as text, for a table."""
    return {**row, "sums": spell_sums({name: Decimal(text) for name, text in row["sums"].items()})}


def _day(second: int) -> str:
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%d}" if second else ""


def entry_row(entry: Mapping[str, Any]) -> dict[str, str]:
    """Return the row of a trace entry."""
    return {"time": _time(entry["at"]), "what": _what(entry), "detail": _detail(entry)}


def _time(at: Any) -> str:
    return datetime.fromtimestamp(float(at), UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def _what(entry: Mapping[str, Any]) -> str:
    if "mapping" in entry:
        return f"{entry['type']} {entry['event']}".rstrip()
    return str(entry["disposition"])


def _detail(entry: Mapping[str, Any]) -> str:
    if "mapping" in entry:
        fields = ", ".join(entry["set"]) or "nothing new"
        # A document of an order is computed from all facts, so it names no message of Segment.
        if "message" not in entry:
            return f"computed from the facts of the order, happened {entry['happened']}Z\nsets {fields}"
        message = f"messageId {entry['message']}, received {_time(entry['received'])}, happened {entry['happened']}Z"
        return f"{message}\nmapping {entry['mapping']} sets {fields}"
    parts = (entry.get("answer"), entry.get("flight") and f"flight {entry['flight']}", entry.get("reason"))
    return ", ".join(str(part) for part in parts if part)
