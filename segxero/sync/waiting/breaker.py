"""The breaker: while Xero is down for an organisation, single calls at growing intervals try whether it is back.

It opens with the first call to meet an outage (a time-out, a reset, a 5xx, "offline", no connection) and closes with
the first answer. An outage of the organisation closes all of its queues. Any other outage may concern one kind of call
only, so each further queue may try once for itself; a queue that alone keeps failing rests longer and longer, and the
others go on. A refusal (4xx) is an answer: it never opens the breaker. The gate alone calls it.

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
    """The answer to a queue: call at once when *wait_seconds* is 0, perhaps as the probe of an outage; else wait."""

    wait_seconds: float
    is_probe: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """An outage of an organisation: since when (Redis' clock), why, and the seconds until Xero is tried again."""

    since: float
    reason: str
    next_try_seconds: float


class Breaker:
    """The breakers of all organisations, shared by all workers through Redis, which also gives the time."""

    def __init__(self, client: Store) -> None:
        self._redis = client
        self._admit = scripts.script(client, "segxero.sync.waiting", "admit")
        self._open = scripts.script(client, "segxero.sync.waiting", "open_breaker")
        self._close = scripts.script(client, "segxero.sync.waiting", "close_breaker")

    def admit(self, organisation: str, queue: str) -> Clearance:
        """Let *queue* call, or say how long it must wait. An admitted call ends in any of the next three methods."""
        return self._asked(organisation, queue, "")

    def meet_outage(self, organisation: str, queue: str, admission: Clearance, error: RetryableError) -> float:
        """Note that the call met the outage of *error*; return the seconds until the queue's next try."""
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
        # Only the call that opens it tells of the outage: the others would fill the log with the same line.
        if opened:
            log.warning("outage_began", extra={"organisation": organisation, "queue": queue, "reason": str(error)})
        return float(wait) / 1000

    def hear_answer(self, organisation: str, queue: str) -> bool:
        """Note that Xero answered; tell whether that ends an outage."""
        lasted = int(self._close(keys=[keys.breaker(organisation)], args=[queue]))
        if lasted >= 0:
            log.warning("outage_ended", extra={"organisation": organisation, "seconds": lasted // 1000})
        return lasted >= 0

    def give_back(self, organisation: str, admission: Clearance) -> None:
        """Let another queue be the probe: this queue made no call after all."""
        # After an answer in the meantime there is no outage left, and nothing to probe.
        if admission.is_probe and self._redis.hexists(keys.breaker(organisation), "open_since"):
            self._redis.hset(keys.breaker(organisation), "probe_at", 0)

    def wait_seconds(self, organisation: str, queue: str) -> float:
        """Return how long *queue* would have to wait; asking changes nothing."""
        return self._asked(organisation, queue, "1").wait_seconds

    def find_outage(self, organisation: str) -> Outage | None:
        """Return the outage that lasts, or None."""
        stored = self._redis.hgetall(keys.breaker(organisation))
        # A closed breaker may still hold the rests of single queues; these are no outage.
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
