"""A lane is a queue of an organisation while its lock is held: due records come out of it, results go into it.

The deliverer opens a lane for each turn; the turn reads its due records, departs and settles through it.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from redis.lock import Lock

from segxero.store import keys, server
from segxero.store.client import Store
from segxero.store.locks import exclusively
from segxero.sync.records.hash_fields import REMEMBERED
from segxero.sync.records.record import Record
from segxero.sync.records.results import Result
from segxero.sync.waiting.outbox import Flight, Outbox
from segxero.sync.waiting.retry_groups import RetryGroups
from segxero.sync.waiting.wakes import Wakes
from segxero.xero.objects.table import OBJECTS

log = logging.getLogger(__name__)

LOCK_SECONDS = 40  # longer than a call with its time-outs; when a turn dies, the next may begin after it
MOST = 50  # records that one turn looks at


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """Opens the lanes of all organisations. With *writes_back*, Segment is told each new Xero id."""

    store: Store
    outbox: Outbox
    retry_groups: RetryGroups
    wakes: Wakes
    writes_back: bool = False

    @contextmanager
    def open(self, organisation: str, queue: str) -> Iterator["Lane | None"]:
        """Hold the lock of the queue for the block; yield None when another turn has it."""
        # Records that come from here on need a wake-up of their own: this turn may not see them.
        self.wakes.answered(organisation, queue)
        with exclusively(self.store, keys.lock(organisation, queue), LOCK_SECONDS) as lock:
            if lock is None:
                yield None
            else:
                yield Lane(lanes=self, organisation=organisation, queue=queue, lock=lock)

    def has_due(self, organisation: str, queue: str) -> bool:
        """Tell whether a record may be delivered now."""
        return bool(self.outbox.due(organisation, queue, 1))

    def has_work(self, organisation: str, queue: str) -> bool:
        """Tell whether a turn would find a due record, or the flight of a process that is gone."""
        return self.has_due(organisation, queue) or self.outbox.flight(organisation, queue) is not None


@dataclass(slots=True, kw_only=True)
class Lane:
    """The queue of an organisation during a turn; *counts* are the results so far, by disposition."""

    lanes: Lanes
    organisation: str
    queue: str
    lock: Lock
    counts: Counter[str] = field(default_factory=Counter)
    flight: str = ""  # the id of the flight that is on its way
    said: str = ""  # Xero's last answer, for the traces of the records that it concerns

    def now(self) -> float:
        """Return Redis' clock in seconds."""
        return server.now(self.lanes.store)

    def load_due(self) -> list[Record]:
        """Return the records that may be delivered now."""
        return self.lanes.outbox.load_due(self.organisation, self.queue, MOST)

    def find_lost_flight(self) -> tuple[Flight, list[Record]] | None:
        """Return the flight of a process that is gone, and its records; None when there is none."""
        flight = self.lanes.outbox.flight(self.organisation, self.queue)
        if flight is None:
            return None
        log.warning("flight_recovered", extra={"organisation": self.organisation, "queue": self.queue})
        return flight, self.lanes.outbox.load(self.organisation, flight.versions)

    def depart(self, records: Sequence[Record]) -> str:
        """Store the flight of *records* before it is sent; return the key by which Xero knows a repeated call."""
        self.flight = self.lanes.outbox.depart(self.organisation, self.queue, records, self.lock).id
        return f"{self.organisation}-{self.flight}"

    def wake(self, queue: str) -> None:
        """Wake another *queue* of the organisation."""
        self.lanes.wakes.wake(self.organisation, queue)

    def hold_on(self) -> None:
        """Prolong the lock. Raise LockError when another turn has it: then the call must not be sent."""
        self.lock.reacquire()

    def settle(self, results: Sequence[Result]) -> None:
        """Write down *results* beside the flight, which goes on."""
        if results:
            self._settle(results, "")

    def land(self, results: Sequence[Result], lost_flight: str = "") -> None:
        """Write down *results* and end the flight of this turn, or the *lost_flight* of another."""
        # The id stays: results that come after the landing are late, and settle.lua refuses them.
        self._settle(results, lost_flight or self.flight)

    def _settle(self, results: Sequence[Result], flight: str) -> None:
        lanes = self.lanes
        if lanes.writes_back:
            results = [replace(result, writes_back=_is_told(result)) for result in results]
        self._unlink(results)
        # Noted first: a crash between the two steps leaves a group without records, not records without a group.
        lanes.retry_groups.note(self.organisation, results)
        freed = lanes.outbox.settle(self.organisation, self.queue, results, flight, self.lock, self.said)
        self.said = ""
        if freed is None:
            log.warning("stale_answer", extra={"organisation": self.organisation, "queue": self.queue})
            return
        lanes.retry_groups.free(self.organisation, results)
        self.counts.update(str(result.disposition) for result in results)
        for queue in freed:
            if queue != self.queue:
                lanes.wakes.wake(self.organisation, queue)

    def _unlink(self, results: Sequence[Result]) -> None:
        """Let the records that have moved in Xero be looked up again, before others wait for them."""
        for gone in {wait for result in results for wait in result.unlinks}:
            other = OBJECTS[gone.object]
            self.lanes.outbox.unlink(self.organisation, gone, other.queue, REMEMBERED + other.archived_as)
            self.lanes.wakes.wake(self.organisation, other.queue)


def _is_told(result: Result) -> bool:
    return result.record.row.is_told_to_segment and result.is_new_link
