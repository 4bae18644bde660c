"""Where an organisation stands: what waits in each queue, the calls that are left, and an outage that lasts."""

from collections.abc import Iterable
from dataclasses import dataclass

from segxero.sync.waiting.breaker import Outage
from segxero.sync.waiting.gate import Gate
from segxero.sync.waiting.outbox import Outbox
from segxero.xero.api.budget import Budget, CallsLeft


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStanding:
    """What waits in a queue; *oldest_seconds* is how long the longest waiting live record waits, 0 for none."""

    queue: str
    waiting: int
    parked: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An organisation: its queues, its calls, its outage if one lasts, and why it is *paused* ('': Xero lets it in)."""

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
    """Looks up where organisations stand; looking changes nothing."""

    def __init__(self, outbox: Outbox, budget: Budget, gate: Gate) -> None:
        self._outbox = outbox
        self._budget = budget
        self._gate = gate

    def of(self, organisation: str, queues: Iterable[str]) -> Standing:
        """Return where *organisation* stands with its *queues* now."""
        return Standing(
            organisation=organisation,
            queues=tuple(self._queue(organisation, queue) for queue in queues),
            rest=self._budget.calls_left(organisation),
            outage=self._gate.outage(organisation),
            paused=self._gate.refusal(organisation),
        )

    def _queue(self, organisation: str, queue: str) -> QueueStanding:
        return QueueStanding(
            queue=queue,
            waiting=self._outbox.waiting(organisation, queue),
            parked=self._outbox.parked(organisation, queue),
            oldest_seconds=self._outbox.oldest_seconds(organisation, queue) or 0.0,
        )
