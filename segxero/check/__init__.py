"""The set-up check: reports every fault at once, each with its remedy. Called by `segxero check` and the release step.

The check writes nothing to Xero. In Redis it refreshes only tokens and the cached books.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import redis

from segxero.check import (
    clock,
    connections,
    environment,
    mappings,
    queues,
    receiver,
    schedule,
    secret_keys,
    sources,
    store,
)
from segxero.check.books import compare, look
from segxero.check.finding import Finding, State, fault, unseen
from segxero.check.set_up import SetUp

__all__ = ["AREAS", "Area", "Finding", "SetUp", "State", "check_set_up", "compare"]

XERO_SETTINGS = ("XERO_CLIENT_ID", "XERO_CLIENT_SECRET", "XERO_GRANT", "XERO_API_URL", "XERO_IDENTITY_URL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A part of the set-up: its check, and the settings and earlier areas it *needs*."""

    name: str
    look: Callable[[SetUp], Iterator[Finding]]
    needs: tuple[str, ...] = ()


# An area stands behind the areas it needs.
AREAS = (
    Area(name="settings", look=environment.look),
    Area(name="mappings", look=mappings.look, needs=("SEGXERO_MAPPINGS",)),
    Area(name="Redis", look=store.look, needs=("REDIS_URL",)),
    Area(name="booking sources", look=sources.look, needs=("mappings", "XERO_API_URL")),
    Area(name="secret keys", look=secret_keys.look, needs=("SEGXERO_SECRET_KEY", "XERO_CLIENT_ID", "Redis")),
    Area(name="queues", look=queues.look),
    Area(name="schedule", look=schedule.look, needs=("Redis",)),
    Area(name="Xero's app", look=connections.look_at_app, needs=XERO_SETTINGS),
    Area(
        name="Xero's connections",
        look=connections.look,
        needs=("Xero's app", "SEGXERO_SECRET_KEY", "Redis", "mappings"),
    ),
    Area(name="books", look=look.look, needs=("Xero's connections",)),
    Area(name="clock", look=clock.look),
    Area(name="receiver", look=receiver.look, needs=("SEGXERO_PUBLIC_URL", "SEGMENT_SHARED_SECRET")),
)


def check_set_up(set_up: SetUp) -> Iterator[Finding]:
    """Check every area of *set_up*. An area whose needs are missing yields a finding with the reason."""
    for area in AREAS:
        reason = next((set_up.missing[need] for need in area.needs if need in set_up.missing), "")
        if reason:
            # Dependent areas are skipped with the same reason, so a person reads the first fault only.
            set_up.missing[area.name] = reason
            yield unseen(area.name, reason)
            continue
        try:
            yield from area.look(set_up)
        except redis.RedisError as error:
            set_up.missing["Redis"] = "Redis stopped answering"
            yield fault(area.name, f"Redis stopped answering ({type(error).__name__})", store.UNREACHABLE)
