"""One organisation's day, event by event in virtual time: its queues take turns as the workers do, at the real pace."""

import heapq
import itertools
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from segxero.sync.delivery.lane import MOST
from segxero.xero.api import pace
from segxero.xero.api.budget import CALLS_A_MINUTE, WINDOW_SECONDS, CallsLeft
from tests.simulation.outbox import Outbox, Parking
from tests.simulation.shop import DAY, Day, Touch, touches

CALL_SECONDS = 0.5
LEAST_SECONDS = 0.01
LIVE, LAST = ("contacts", "tracking", "invoices"), "history"


@dataclass(slots=True)
class Figures:
    """What the day came to; waits are in seconds."""

    waits: list[float] = field(default_factory=list)  # of live records, also of those that still wait at the end
    waiting: int = 0
    calls: int = 0
    left: int = 0
    historical: int = 0
    historical_waiting: int = 0
    notes: int = 0
    notes_waiting: int = 0
    least_share_of_spare: float = 1.0  # the smallest share of the calls at which something not urgent was sent

    @property
    def worst(self) -> float:
        return max(self.waits)


class Simulation:
    """Plays *day* with *day_limit* calls; not *paced*, every record takes the next call there is."""

    def __init__(self, day: Day, day_limit: int, *, paced: bool = True) -> None:
        self._limit = self._left = day_limit
        self._paced = paced
        self._outboxes = {name: Outbox(name, 1 if name in ("tracking", LAST) else MOST) for name in (*LIVE, LAST)}
        self._parking = Parking(self._outboxes)
        self._minute: deque[float] = deque()
        self._heap: list[tuple[float, int, str, Any]] = []
        self._numbers = itertools.count()
        self._touches = touches(day)
        self.figures = Figures()
        self._outboxes["invoices"].historical = deque(f"old {number}" for number in range(day.historical))
        self._look(0.0, "invoices")
        self._next_touch()

    def play(self) -> Figures:
        """Return the figures of the day."""
        steps = {"touch": self._touched, "look": self._turn, "answer": self._answered}
        while self._heap and self._heap[0][0] < DAY:
            now, _, kind, subject = heapq.heappop(self._heap)
            steps[kind](now, subject)
        return self._closed()

    def _at(self, when: float, kind: str, subject: Any) -> None:
        heapq.heappush(self._heap, (when, next(self._numbers), kind, subject))

    def _next_touch(self) -> None:
        if (touch := next(self._touches, None)) is not None:
            self._at(touch.second, "touch", touch)

    def _touched(self, now: float, touch: Touch) -> None:
        self._parking.place(touch)
        self._look(now, touch.queue)
        self._next_touch()

    def _look(self, when: float, name: str) -> None:
        outbox = self._outboxes[name]
        if not outbox.busy and (outbox.looks_at is None or when < outbox.looks_at):
            outbox.looks_at = when
            self._at(when, "look", name)

    def _turn(self, now: float, name: str) -> None:
        outbox = self._outboxes[name]
        if outbox.busy or now != outbox.looks_at:
            return
        outbox.looks_at = None
        while self._minute and self._minute[0] <= now - WINDOW_SECONDS:
            self._minute.popleft()
        rest = CallsLeft(minute=CALLS_A_MINUTE - len(self._minute), day=self._left, day_ends_in=DAY - now)
        wait = self._wait(now, outbox, rest)
        if wait == 0 and rest.minute <= 0:
            wait = self._minute[0] + WINDOW_SECONDS - now
        if wait == 0:
            self._send(now, outbox, pace.share(rest, self._limit))
        elif wait is not None:
            self._look(now + min(max(wait, LEAST_SECONDS), pace.LOOK_AGAIN_SECONDS), name)

    def _wait(self, now: float, outbox: Outbox, rest: CallsLeft) -> float | None:
        if not outbox.due and not outbox.historical:
            return None
        if not self._paced:
            return 0.0 if rest.day else rest.day_ends_in
        if outbox.due and outbox.name != LAST:
            return pace.live_seconds(
                rest, self._limit, now - min(outbox.due.values()), len(LIVE), is_full=outbox.is_full
            )
        urgent = any(
            other.due or (outbox.name == LAST and other.historical)
            for other in self._outboxes.values()
            if other.name != LAST
        )
        return pace.spare_seconds(rest, self._limit, urgent=urgent)

    def _send(self, now: float, outbox: Outbox, share: float) -> None:
        live, historical = outbox.take()
        if not live or outbox.name == LAST:
            self.figures.least_share_of_spare = min(self.figures.least_share_of_spare, share)
        self.figures.historical += historical
        outbox.busy = True
        self._left -= 1
        self._minute.append(now)
        self.figures.calls += 1
        self._at(now + CALL_SECONDS, "answer", (outbox.name, live))

    def _answered(self, now: float, subject: tuple[str, dict[str, float]]) -> None:
        name, live = subject
        self._outboxes[name].busy = False
        if name == LAST:
            self.figures.notes += len(live)
        else:
            self.figures.waits += [now - since for since in live.values()]
        for freed in self._parking.free(name, live):
            self._look(now, freed)
        self._look(now, name)

    def _closed(self) -> Figures:
        figures = self.figures
        figures.left = self._left
        for name in LIVE:
            rest = self._outboxes[name].pending
            figures.waiting += len(rest)
            figures.waits += [DAY - since for since in rest.values()]
            figures.historical_waiting += len(self._outboxes[name].historical)
        figures.notes_waiting = len(self._outboxes[LAST].pending)
        return figures
