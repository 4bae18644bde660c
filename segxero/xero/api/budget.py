"""The budget: the calls left to an organisation, shared by all workers and hosts through Redis.

Limits per app and organisation (developer.xero.com, "OAuth 2.0 API limits"): 60 calls a minute, 5 in flight,
1,000 a day on the Starter tier and 5,000 above it. Xero's headers overrule our count. Times are in Redis' clock.
"""

import uuid
from dataclasses import dataclass

from segxero.errors import RetryableError
from segxero.store import keys, scripts, server
from segxero.store.client import Store

CALLS_A_MINUTE = 60
# Xero's windows begin at moments of its own; a slightly longer window of ours keeps a slow call and its
# successors out of one window of Xero.
WINDOW_SECONDS = 63
IN_FLIGHT = 5
DAY_MILLISECONDS = 86_400_000
LEASE_SECONDS = 90  # longer than the longest call, so a lost answer still counts as in flight


class BudgetError(RetryableError):
    """No call may be sent now; *reason* is `minute`, `day`, `concurrent` or `retry-after`."""

    def __init__(self, message: str = "", retry_after: float = 0.0, reason: str = "") -> None:
        super().__init__(message, retry_after)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits in Xero's answer: the calls left (None: not stated), and a refusal with its seconds."""

    minute_left: int | None = None
    day_left: int | None = None
    problem: str = ""
    pause_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsLeft:
    """The calls left now; *day_ends_in* is in seconds."""

    minute: int
    day: int
    day_ends_in: float


class Budget:
    """Grants calls and learns from answers; *day_limit* is used until Xero's headers give another."""

    def __init__(self, client: Store, day_limit: int) -> None:
        self._redis = client
        self.day_limit = day_limit
        self._acquire = scripts.script(client, "segxero.xero.api", "acquire")
        self._observe = scripts.script(client, "segxero.xero.api", "observe")

    def acquire(self, organisation: str) -> str:
        """Return a lease for a call. Raise BudgetError with the seconds to wait."""
        lease = uuid.uuid4().hex
        granted, wait, reason = self._acquire(
            keys=self._keys(organisation),
            args=[lease, CALLS_A_MINUTE, WINDOW_SECONDS * 1000, IN_FLIGHT, LEASE_SECONDS * 1000, self.day_limit],
        )
        if granted:
            return lease
        seconds = wait / 1000
        raise BudgetError(f"no call to Xero for {seconds:.0f} s ({reason})", retry_after=seconds, reason=reason)

    def observe(self, organisation: str, lease: str, limits: Limits) -> None:
        """Learn from an answer and give the *lease* back ('' keeps it until it runs out)."""
        self._observe(
            keys=self._keys(organisation),
            args=[
                lease,
                "" if limits.minute_left is None else limits.minute_left,
                "" if limits.day_left is None else limits.day_left,
                round(limits.pause_seconds * 1000),
                limits.problem,
                CALLS_A_MINUTE,
            ],
        )

    def calls_left(self, organisation: str) -> CallsLeft:
        """Return the calls left now."""
        calls, _, state_key = self._keys(organisation)
        now = int(server.now(self._redis) * 1000)
        state = self._redis.hgetall(state_key)
        used = self._redis.zcount(calls, now - WINDOW_SECONDS * 1000, "+inf")
        began = int(state.get("day_began", 0))
        over = now - began >= DAY_MILLISECONDS
        return CallsLeft(
            minute=max(CALLS_A_MINUTE - used, 0),
            day=self.day_limit if over else max(int(state.get("day_left", 0)), 0),
            day_ends_in=86_400.0 if over else (began + DAY_MILLISECONDS - now) / 1000,
        )

    @staticmethod
    def _keys(organisation: str) -> list[str]:
        prefix = keys.budget(organisation)
        return [f"{prefix}:calls", f"{prefix}:leases", f"{prefix}:state"]
