"""One organisation's day, event by event in virtual time: the queues take turns as the workers do, at the real pace."""

import heapq
import itertools
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from segxero.sync.turn import MOST
from segxero.xero import pace
from segxero.xero.budget import CALLS_A_MINUTE, WINDOW_SECONDS, Rest
from tests.simulation.shop import DAY, Day, Touch, touches

CALL_SECONDS = 0.5
LIVE, LAST = ("contacts", "tracking", "invoices"), "history"
BATCH = {"contacts": MOST, "tracking": 1, "invoices": MOST, LAST: 1}


@dataclass(slots=True)
class Queue:
    """An outbox: records with the second since which each waits; those of an import apart."""

    name: str
    due: dict[str, float] = field(default_factory=dict)
    historical: dict[str, float] = field(default_factory=dict)
    parked: dict[str, float] = field(default_factory=dict)
    busy: bool = False
    looks_at: float = -1.0


@dataclass(slots=True)
class Figures:
    """What the day came to: waits (seconds) of live records, and what was spent on what."""

    waits: list[float] = field(default_factory=list)
    waiting: int = 0
    calls: int = 0
    left: int = 0
    historical: int = 0
    historical_waiting: int = 0
    notes: int = 0
    notes_waiting: int = 0
    least_share_of_spare: float = 9.0  # the smallest share at which a note or an imported record was sent


class Simulation:
    """Plays *day* with *day_limit* calls."""

    def __init__(self, day: Day, day_limit: int) -> None:
        self._limit = self._left = day_limit
        self._queues = {name: Queue(name) for name in (*LIVE, LAST)}
        self._minute: deque[float] = deque()
        self._heap: list[tuple[float, int, str, object]] = []
        self._numbers = itertools.count()
        self._waiters: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self.figures = Figures()
        self._queues["invoices"].historical = {f"old {number}": 0.0 for number in range(day.historical)}
        if day.historical:
            self._look(0.0, "invoices")
        self._touches = touches(day)
        self._next_touch()

    def play(self) -> Figures:
        """Return the figures of the day."""
        while self._heap and self._heap[0][0] < DAY:
            now, _, kind, what = heapq.heappop(self._heap)
            if kind == "touch" and isinstance(what, Touch):
                self._touched(what)
                self._next_touch()
            elif kind == "look":
                self._turn(now, self._queues[str(what)])
            elif isinstance(what, tuple):
                self._delivered(now, *what)
        return self._closed()

    def _next_touch(self) -> None:
        if (touch := next(self._touches, None)) is not None:
            heapq.heappush(self._heap, (touch.second, next(self._numbers), "touch", touch))

    def _look(self, when: float, name: str) -> None:
        queue = self._queues[name]
        if not queue.busy and (queue.looks_at < 0 or when < queue.looks_at):
            queue.looks_at = when
            heapq.heappush(self._heap, (when, next(self._numbers), "look", name))

    def _touched(self, touch: Touch) -> None:
        queue = self._queues[touch.queue]
        missing = [need for need in touch.needs if self._is_pending(*need)]
        if missing:
            queue.parked.setdefault(touch.record, queue.due.pop(touch.record, touch.second))
            self._waiters.setdefault(missing[0], []).append((touch.queue, touch.record))
        elif touch.record not in queue.parked:
            queue.due.setdefault(touch.record, touch.second)
        self._look(touch.second, touch.queue)

    def _is_pending(self, name: str, record: str) -> bool:
        queue = self._queues[name]
        return record in queue.due or record in queue.parked

    def _turn(self, now: float, queue: Queue) -> None:
        if queue.busy or now != queue.looks_at:
            return
        queue.looks_at = -1.0
        while self._minute and self._minute[0] <= now - WINDOW_SECONDS:
            self._minute.popleft()
        wait = self._wait(now, queue)
        if wait is None:
            return
        if wait <= 0 and len(self._minute) >= CALLS_A_MINUTE:
            wait = self._minute[0] + WINDOW_SECONDS - now
        if wait > 0:
            self._look(now + min(wait, pace.LOOK_AGAIN_SECONDS), queue.name)
            return
        self._send(now, queue)

    def _wait(self, now: float, queue: Queue) -> float | None:
        rest = Rest(minute=CALLS_A_MINUTE - len(self._minute), day=self._left, day_ends_in=DAY - now)
        if queue.due and queue.name != LAST:
            is_full = 1 < BATCH[queue.name] <= len(queue.due)
            oldest = now - min(next(iter(queue.due.values())), min(queue.due.values()))
            return pace.gather_seconds(rest, self._limit, oldest, is_full=is_full)
        if queue.due or queue.historical:
            others = any(self._queues[name].due for name in LIVE)
            if queue.name == LAST:
                others = others or any(self._queues[name].historical for name in LIVE)
            return pace.spare_seconds(rest, self._limit, others_wait=others)
        return None

    def _send(self, now: float, queue: Queue) -> None:
        room = BATCH[queue.name]
        live = sorted(queue.due.items(), key=lambda item: item[1])[:room]
        old = list(itertools.islice(queue.historical.items(), room - len(live)))
        if not live or queue.name == LAST:
            rest = Rest(minute=0, day=self._left, day_ends_in=DAY - now)
            self.figures.least_share_of_spare = min(
                self.figures.least_share_of_spare, pace.share(rest, self._limit)
            )
        for record, _ in live:
            del queue.due[record]
        for record, _ in old:
            del queue.historical[record]
        queue.busy = True
        self._left -= 1
        self._minute.append(now)
        self.figures.calls += 1
        heapq.heappush(self._heap, (now + CALL_SECONDS, next(self._numbers), "delivered", (queue.name, live, old)))

    def _delivered(
        self, now: float, name: str, live: Iterable[tuple[str, float]], old: Iterable[tuple[str, float]]
    ) -> None:
        queue = self._queues[name]
        queue.busy = False
        for record, since in live:
            if name == LAST:
                self.figures.notes += 1
            else:
                self.figures.waits.append(now - since)
            for waiter, waiting in self._waiters.pop((name, record), []):
                self._freed(waiter, waiting)
                self._look(now, waiter)
        self.figures.historical += len(list(old))
        self._look(now, name)

    def _freed(self, name: str, record: str) -> None:
        queue = self._queues[name]
        if record in queue.parked:
            queue.due.setdefault(record, queue.parked.pop(record))

    def _closed(self) -> Figures:
        figures = self.figures
        figures.left = self._left
        figures.waiting = sum(len(self._queues[name].due) + len(self._queues[name].parked) for name in LIVE)
        figures.waits += [DAY - since for name in LIVE for since in self._queues[name].due.values()]
        figures.historical_waiting = len(self._queues["invoices"].historical)
        last = self._queues[LAST]
        figures.notes_waiting = len(last.due) + len(last.parked)
        return figures
