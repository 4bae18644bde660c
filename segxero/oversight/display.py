"""Rows for people: organisations, queues, causes and trace entries, as the commands and the console show them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from segxero.oversight.blocked import BlockedCause
from segxero.oversight.standing import QueueStanding, Standing


def organisation_row(standing: Standing) -> dict[str, Any]:
    rest, outage = standing.rest, standing.outage
    return {
        "organisation": standing.organisation,
        "waiting": standing.waiting,
        "oldest (s)": round(standing.oldest_seconds),
        "calls left (minute)": rest.minute,
        "calls left (day)": rest.day,
        "day ends in (s)": round(rest.day_ends_in),
        "down since": f"{datetime.fromtimestamp(outage.since, UTC):%Y-%m-%dT%H:%M:%SZ}" if outage else None,
        "why": outage.reason if outage else None,
        "not let in": standing.paused or None,
        "next try in (s)": round(outage.next_try_seconds) if outage else None,
    }


def queue_row(queue: QueueStanding) -> dict[str, Any]:
    return {
        "queue": queue.queue,
        "waiting": queue.waiting,
        "oldest (s)": round(queue.oldest_seconds),
        "parked": queue.parked,
    }


def cause_row(cause: BlockedCause) -> dict[str, Any]:
    sums = ", ".join(f"{amount} {currency}".strip() for currency, amount in sorted(cause.sums.items()))
    return {
        "organisation": cause.organisation,
        "queue": cause.queue,
        "error": cause.error,
        "cause": cause.cause,
        "count": cause.count,
        "blocks": sums,
        "since": cause.since.isoformat(timespec="seconds"),
        "next step": cause.next_step,
    }


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
        message = f"messageId {entry['message']}, received {_time(entry['received'])}, happened {entry['happened']}Z"
        return f"{message}\nmapping {entry['mapping']} sets {fields}"
    parts = (entry.get("answer"), entry.get("flight") and f"flight {entry['flight']}", entry.get("reason"))
    return ", ".join(str(part) for part in parts if part)
