"""The outboxes of the simulation: a record once, however often it is touched, with the second since which it waits."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tests.simulation.shop import Touch


@dataclass(slots=True)
class Outbox:
    """The records of one queue, of which *most* go in a call."""

    name: str
    most: int
    due: dict[str, float] = field(default_factory=dict)
    parked: dict[str, float] = field(default_factory=dict)
    historical: deque[str] = field(default_factory=deque)
    busy: bool = False
    looks_at: float | None = None

    @property
    def is_full(self) -> bool:
        return 1 < self.most <= len(self.due)

    @property
    def pending(self) -> dict[str, float]:
        return {**self.due, **self.parked}

    def take(self) -> tuple[dict[str, float], int]:
        """Take out one call's records, the longest waiting first, and as many historical ones as still fit in."""
        live = dict(sorted(self.due.items(), key=lambda item: item[1])[: self.most])
        for record in live:
            del self.due[record]
        historical = min(self.most - len(live), len(self.historical))
        for _ in range(historical):
            self.historical.popleft()
        return live, historical


class Parking:
    """Parks what needs a record that is on its way, and frees it with its old place."""

    def __init__(self, outboxes: Mapping[str, Outbox]) -> None:
        self._outboxes = outboxes
        self._waiters: dict[tuple[str, str], list[tuple[str, str]]] = {}

    def place(self, touch: Touch) -> None:
        """Put the record that *touch* changes where it belongs."""
        outbox = self._outboxes[touch.queue]
        missing = [need for need in touch.needs if need[1] in self._outboxes[need[0]].pending]
        if missing:
            outbox.parked.setdefault(touch.record, outbox.due.pop(touch.record, touch.second))
            for need in missing:
                self._waiters.setdefault(need, []).append((touch.queue, touch.record))
        elif touch.record not in outbox.parked:
            outbox.due.setdefault(touch.record, touch.second)

    def free(self, queue: str, records: Iterable[str]) -> Iterator[str]:
        """Free what needs nothing any more but *records*, which are delivered; yield the queues of what is free."""
        for record in records:
            for waiter in self._waiters.pop((queue, record), []):
                outbox = self._outboxes[waiter[0]]
                if waiter[1] in outbox.parked and not any(waiter in others for others in self._waiters.values()):
                    outbox.due.setdefault(waiter[1], outbox.parked.pop(waiter[1]))
                    yield waiter[0]
