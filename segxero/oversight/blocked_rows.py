"""Rows about everything waiting for a person: the commands and the console show the same."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from segxero.oversight.blocked import Blocked, BlockedCause
from segxero.oversight.sighting import spell_money, spell_sums

NAMED = 5  # records that a row of a cause names
DAY, HOUR, MINUTE = 86_400, 3600, 60  # seconds


def blocked_row(one: Blocked) -> dict[str, Any]:
    """Return everything about *one*, under stable keys."""
    return {
        "id": one.id,
        "organisation": one.organisation,
        "queue": one.queue,
        "object": one.object,
        "key": one.key,
        "customer": one.customer,
        "amount": None if one.amount is None else str(one.amount),
        "currency": one.currency,
        "since": one.since.isoformat(timespec="seconds"),
        "age_seconds": round((datetime.now(UTC) - one.since).total_seconds()),
        "error": one.error,
        "message": one.message,
        "next_step": one.next_step,
        "cause": one.cause_id,
        "attempts": one.letter.attempts if one.letter else 0,
        "failed_at": one.letter.failed_at if one.letter else None,
    }


def short_blocked_row(one: Blocked) -> dict[str, Any]:
    """Return the columns for a person who looks for an order."""
    return {
        "id": one.id,
        "organisation": one.organisation,
        "record": f"{one.object or one.queue} {one.key}",
        "customer": one.customer,
        "amount": spell_amount(one),
        "age": spell_age((datetime.now(UTC) - one.since).total_seconds()),
        "why": f"{one.error}: {one.message}",
        "next_step": one.next_step,
    }


def cause_row(cause: BlockedCause, named: Sequence[Blocked]) -> dict[str, Any]:
    """Return everything about *cause*; *named* are its records with the names of their customers."""
    return {
        "id": cause.id,
        "organisation": cause.organisation,
        "queue": cause.queue,
        "error": cause.error,
        "cause": cause.cause,
        "count": cause.count,
        "blocks": spell_sums(cause.sums),
        "sums": {currency: str(amount) for currency, amount in sorted(cause.sums.items())},
        "since": cause.since.isoformat(timespec="seconds"),
        "next_step": cause.next_step,
        "records": [blocked_row(one) for one in named],
    }


def short_cause_row(cause: BlockedCause, named: Sequence[Blocked]) -> dict[str, Any]:
    """Return the columns of *cause* for a table."""
    names = "\n".join(
        f"{one.object or one.queue} {one.key} {one.customer} {spell_amount(one)}".strip() for one in named
    )
    rest = cause.count - len(named)
    return {
        "id": cause.id,
        "organisation": cause.organisation,
        "cause": cause.said,
        "count": cause.count,
        "blocks": spell_sums(cause.sums),
        "age": spell_age((datetime.now(UTC) - cause.since).total_seconds()),
        "records": f"{names}\nand {rest} more" if rest else names,
        "next_step": cause.next_step,
    }


def spell_amount(one: Blocked) -> str:
    """Write the money of *one*; '' where it has none."""
    return "" if one.amount is None else spell_money(one.amount, one.currency)


def spell_age(seconds: float) -> str:
    """Write an age in its largest units: `3 d 4 h`, `2 h 5 min`, `12 s`."""
    left = max(int(seconds), 0)
    if left >= DAY:
        return f"{left // DAY} d {left % DAY // HOUR} h"
    if left >= HOUR:
        return f"{left // HOUR} h {left % HOUR // MINUTE} min"
    return f"{left // MINUTE} min" if left >= MINUTE else f"{left} s"
