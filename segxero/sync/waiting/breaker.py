"""The breaker: while an organisation's Xero is down, one call at growing intervals finds out whether it is back.

It opens with the first call that meets an outage (a time-out, a reset, a 5xx, "offline", no connection) and closes with
the first that Xero answers. An outage that names the organisation holds all of its queues. Any other may concern one
kind of call only, so each further queue may try once for itself; a queue that alone keeps failing rests longer and
longer, and the others go on. A refusal (4xx) is an answer: it never opens the breaker.

The hash holds open_since, pause, probe_at, reason, all ('1': every queue is concerned), and for each queue
`tried:` (it failed, or tries, since it opened), `failures:` (times that it opened it) and `rests:` (until when).
"""

import logging
import random
from dataclasses import dataclass

from segxero.errors import ORGANISATION, RetryableError
from segxero.store import keys, scripts, server
from segxero.store.client import Store

log = logging.getLogger(__name__)

FIRST_SECONDS = 2.0
LONGEST_SECONDS = 300.0  # Xero's advice for an organisation that is offline
PROBE_SECONDS = 60.0  # longer than the calls of a turn; a probe whose process died is made again after it
JITTER = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """Whether a queue may call: at once when *wait_seconds* is 0, perhaps as the probe of an outage."""

    wait_seconds: float
    is_probe: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Since when (seconds, Redis' clock) an organisation is down and why, and in how many seconds Xero is tried."""

    since: float
    reason: str
    next_try_seconds: float


class Breaker:
    """The breakers of all organisations, shared by all workers through Redis, whose clock is the clock."""

    def __init__(self, client: Store) -> None:
        self._redis = client
        self._admit = scripts.script(client, "segxero.sync.waiting", "admit")
        self._open = scripts.script(client, "segxero.sync.waiting", "open_breaker")
        self._close = scripts.script(client, "segxero.sync.waiting", "close_breaker")

    def admit(self, organisation: str, queue: str) -> Clearance:
        """Let *queue* call, or say how long it must wait. A call that is let through ends in one of the next three."""
        return self._asked(organisation, queue, "")

    def met_outage(self, organisation: str, queue: str, admission: Clearance, error: RetryableError) -> float:
        """Note that the call met the outage that *error* tells of; return the seconds until the queue's next try."""
        wait, opened = self._open(
            keys=[keys.breaker(organisation)],
            args=[
                queue,
                "1" if admission.is_probe else "",
                "1" if error.down == ORGANISATION else "",
                str(error),
                round(error.retry_after * 1000),
                round(FIRST_SECONDS * 1000),
                round(LONGEST_SECONDS * 1000),
                random.uniform(1 - JITTER, 1 + JITTER),  # noqa: S311 - not for secrets
            ],
        )
        if opened:
            log.warning("outage_began", extra={"organisation": organisation, "queue": queue, "reason": str(error)})
        return float(wait) / 1000

    def answered(self, organisation: str, queue: str) -> bool:
        """Note that Xero answered; tell whether that ends an outage."""
        lasted = int(self._close(keys=[keys.breaker(organisation)], args=[queue]))
        if lasted >= 0:
            log.warning("outage_ended", extra={"organisation": organisation, "seconds": lasted // 1000})
        return lasted >= 0

    def made_no_call(self, organisation: str, admission: Clearance) -> None:
        """Let another be the probe: this one did not call after all."""
        if admission.is_probe and self._redis.hexists(keys.breaker(organisation), "open_since"):
            self._redis.hset(keys.breaker(organisation), "probe_at", 0)

    def wait_seconds(self, organisation: str, queue: str) -> float:
        """Return how long *queue* would have to wait; asking changes nothing."""
        return self._asked(organisation, queue, "1").wait_seconds

    def outage(self, organisation: str) -> Outage | None:
        """Return the outage that lasts, or None."""
        stored = self._redis.hgetall(keys.breaker(organisation))
        if "open_since" not in stored:
            return None
        return Outage(
            since=int(stored["open_since"]) / 1000,
            reason=stored["reason"],
            next_try_seconds=max(int(stored["probe_at"]) / 1000 - server.now(self._redis), 0.0),
        )

    def _asked(self, organisation: str, queue: str, only: str) -> Clearance:
        granted, wait, is_probe = self._admit(
            keys=[keys.breaker(organisation)], args=[queue, round(PROBE_SECONDS * 1000), only]
        )
        return Clearance(wait_seconds=0.0 if granted else max(wait, 1) / 1000, is_probe=bool(is_probe))
