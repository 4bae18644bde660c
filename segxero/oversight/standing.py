"""The standing of an organisation: waiting records by queue, calls left, and a current outage.

Read by `segxero status`, the console and the gauges.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from segxero.sync.waiting.breaker import Outage
from segxero.sync.waiting.gate import Gate
from segxero.sync.waiting.outbox import Outbox
from segxero.xero.api.budget import Budget, CallsLeft


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStanding:
    """The records waiting in a queue; *oldest_seconds* is the longest wait of a live record, 0 if none waits."""

    queue: str
    waiting: int
    parked: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An organisation's queues, calls left, current outage, and the reason if it is *paused* ('' if not)."""

    organisation: str
    queues: tuple[QueueStanding, ...]
    rest: CallsLeft
    outage: Outage | None
    paused: str = ""

    @property
    def waiting(self) -> int:
        return sum(queue.waiting for queue in self.queues)

    @property
    def oldest_seconds(self) -> float:
        return max((queue.oldest_seconds for queue in self.queues), default=0.0)


class Standings:
    """Reads the standing of organisations, without changing anything."""

    def __init__(self, outbox: Outbox, budget: Budget, gate: Gate) -> None:
        self._outbox = outbox
        self._budget = budget
        self._gate = gate

    def read(self, organisation: str, queues: Iterable[str]) -> Standing:
        """Return the current standing of *organisation* and its *queues*."""
        return Standing(
            organisation=organisation,
            queues=tuple(self._queue(organisation, queue) for queue in queues),
            rest=self._budget.calls_left(organisation),
            outage=self._gate.find_outage(organisation),
            paused=self._gate.find_refusal(organisation),
        )

    def _queue(self, organisation: str, queue: str) -> QueueStanding:
        return QueueStanding(
            queue=queue,
            waiting=self._outbox.waiting(organisation, queue),
            parked=self._outbox.parked(organisation, queue),
            oldest_seconds=self._outbox.oldest_seconds(organisation, queue) or 0.0,
        )
