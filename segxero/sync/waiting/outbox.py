"""The outbox: records that wait to be delivered, the flight they leave on, and what became of them."""

import logging
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from redis.exceptions import LockNotOwnedError
from redis.lock import Lock

from segxero import jsontext
from segxero.store import keys, scripts
from segxero.store.client import Store
from segxero.sync.records import trace
from segxero.sync.records.record import Record
from segxero.telemetry.figures import BATCH, DELAY, Counts, observed
from segxero.xero.api.request import Request
from segxero.xero.objects.table import OBJECTS

log = logging.getLogger(__name__)

WRITE_BACK = "write_back"  # the queue that tells Segment what Xero has


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A record that must have a Xero id before this one can go, or, with a *version*, change from that one."""

    object: str
    key: str
    version: str = ""

    @property
    def ref(self) -> str:
        return keys.reference(self.object, self.key)

    @property
    def queue(self) -> str:
        return OBJECTS[self.object].queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one record; *set* is written into it, *letter* is a dead letter (JSON) or ''."""

    record: Record
    disposition: str
    reason: str = ""
    set: dict[str, str] = field(default_factory=dict)
    delay_seconds: int = 0
    letter: str = ""
    waits: tuple[Wait, ...] = ()
    unlinks: tuple[Wait, ...] = ()  # contacts that are no longer where they were in Xero: they are looked up again
    stuck: bool = False  # nothing but a person helps; those who wait for it look again whether they can go without
    tell: bool = False  # Segment is to be told the Xero id
    held: str = ""  # the group of records with which a parked one is looked at again, see holds.py
    repair: Request | None = None  # a call after which Xero takes the record


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """A batch on its way: the refs and versions of its records, and when it left (seconds, Redis' clock)."""

    id: str
    versions: dict[str, str]
    sent_at: float


class Outbox:
    """The outboxes of all organisations and queues."""

    def __init__(self, client: Store) -> None:
        self._redis = client
        self._depart = scripts.script(client, "segxero.sync.waiting", "depart")
        self._settle = scripts.script(client, "segxero.sync.waiting", "settle")

    def now(self) -> float:
        """Return Redis' clock in seconds: one clock for all hosts."""
        seconds, micros = self._redis.time()
        return float(seconds) + float(micros) / 1e6

    def due(self, organisation: str, queue: str, limit: int) -> list[str]:
        """Return up to *limit* refs that may be delivered now: the longest waiting first, and history after live."""
        key, now = keys.outbox(organisation, queue), self.now()
        live = list(self._redis.zrangebyscore(key, "-inf", now, start=0, num=limit))
        if len(live) == limit:
            return live
        later = keys.HISTORICAL
        return live + list(self._redis.zrangebyscore(key, later, later + now, start=0, num=limit - len(live)))

    def oldest_seconds(self, organisation: str, queue: str) -> float | None:
        """Return for how long the longest waiting live record waits that is due; None when none is."""
        now = self.now()
        first = self._redis.zrangebyscore(keys.outbox(organisation, queue), "-inf", now, 0, 1, withscores=True)
        return max(now - float(first[0][1]), 0.0) if first else None

    def waiting(self, organisation: str, queue: str) -> int:
        """Return how many records wait, due or not."""
        return int(self._redis.zcard(keys.outbox(organisation, queue)))

    def parked(self, organisation: str, queue: str) -> int:
        """Return how many records wait for another record or for a person."""
        return int(self._redis.zcard(keys.parked(organisation, queue)))

    def put(self, organisation: str, queue: str, ref: str) -> None:
        """Make a record due now."""
        self._redis.zadd(keys.outbox(organisation, queue), {ref: self.now()}, nx=True)

    def remove(self, organisation: str, queue: str, ref: str) -> None:
        """Take a ref out that names no record any more."""
        self._redis.zrem(keys.outbox(organisation, queue), ref)

    def free(self, organisation: str, queue: str, ref: str) -> None:
        """Make one parked record due, at the place that it had."""
        parked = keys.parked(organisation, queue)
        place = self._redis.zscore(parked, ref)
        if place is not None:
            pipe = self._redis.pipeline()
            pipe.zadd(keys.outbox(organisation, queue), {ref: place}, nx=True)
            pipe.hset(keys.record(organisation, ref), "looks", "1")
            pipe.zrem(parked, ref)
            pipe.execute()

    def look_again(self, organisation: str, queue: str, refs: Iterable[str]) -> None:
        """Make parked records due that stay parked meanwhile: nobody is told that their cause is over before it is."""
        parked, pipe = keys.parked(organisation, queue), self._redis.pipeline()
        for ref in refs:
            if (place := self._redis.zscore(parked, ref)) is not None:
                pipe.zadd(keys.outbox(organisation, queue), {ref: place}, nx=True)
                pipe.hset(keys.record(organisation, ref), "looks", "1")
        pipe.execute()

    def free_parked(self, organisation: str, queue: str, version: str) -> int:
        """Make parked records due once after the mappings changed to *version*; return how many."""
        if self._redis.hget(keys.MAPPINGS_SEEN, f"{organisation} {queue}") == version:
            return 0
        refs = self._redis.zrange(keys.parked(organisation, queue), 0, -1, withscores=True)
        pipe = self._redis.pipeline()
        for ref, place in refs:
            pipe.zadd(keys.outbox(organisation, queue), {ref: place}, nx=True)
            pipe.zrem(keys.parked(organisation, queue), ref)
        pipe.hset(keys.MAPPINGS_SEEN, f"{organisation} {queue}", version)
        pipe.execute()
        return len(refs)

    def unlink(self, organisation: str, wait: Wait, queue: str, moved: str) -> None:
        """Let the record be looked up in Xero again; the field *moved* keeps the id that it had."""
        record = keys.record(organisation, wait.ref)
        pipe = self._redis.pipeline()
        pipe.hset(record, mapping={moved: self._redis.hget(record, "xero_id") or "", "taken": "1"})
        pipe.hdel(record, "xero_id", "delivered", "seen")
        pipe.zadd(keys.outbox(organisation, queue), {wait.ref: self.now()}, nx=True)
        pipe.execute()

    def depart(self, organisation: str, queue: str, records: Sequence[Record], lock: Lock) -> Flight:
        """Store the flight of *records* before it is sent. Raise LockNotOwnedError when the turn lost its *lock*."""
        flight = Flight(
            id=uuid.uuid4().hex, versions={record.ref: record.version for record in records}, sent_at=self.now()
        )
        content = jsontext.dumps({"versions": flight.versions, "sent_at": str(flight.sent_at)})
        stored = self._depart(
            keys=[keys.flight(organisation, queue), lock.name],
            args=[f"{flight.id}\n{content}", _token(lock), round((lock.timeout or 0) * 1000)],
        )
        if not stored:
            raise LockNotOwnedError(f"another turn of {queue} has begun")
        Counts(self._redis).add_all(observed(BATCH, len(records), queue))
        log.info("flight_departed", extra=_facts(organisation, queue, flight.id, records))
        return flight

    def flight(self, organisation: str, queue: str) -> Flight | None:
        """Return the flight whose end nobody has written down."""
        text = self._redis.get(keys.flight(organisation, queue))
        if text is None:
            return None
        identifier, _, content = text.partition("\n")
        values = jsontext.loads(content)
        return Flight(id=identifier, versions=values["versions"], sent_at=float(values["sent_at"]))

    def settle(
        self,
        organisation: str,
        queue: str,
        results: Sequence[Result],
        flight: str = "",
        lock: Lock | None = None,
        said: str = "",
    ) -> list[str] | None:
        """Write *results* down; return the queues whose records were freed. *said* is how Xero answered.

        Return None, and write nothing, when *flight* is not current, or without one when *lock* is somebody else's.
        """
        laid = [
            self._laid(organisation, queue, result)
            | trace.of_result(organisation, result.record.ref, result.disposition, result.reason, flight, said)
            for result in results
        ]
        answer = self._settle(
            keys=[keys.flight(organisation, queue), keys.DEAD_LETTERS, keys.lock(organisation, queue)],
            args=[flight, jsontext.dumps(laid), _token(lock) if lock else "", keys.HISTORICAL],
        )
        return [str(name) for name in answer[1:]] if answer[0] else None

    @staticmethod
    def _laid(organisation: str, queue: str, result: Result) -> dict[str, Any]:
        record = result.record
        record_key = keys.record(organisation, record.ref)
        outbox, parked = keys.outbox(organisation, queue), keys.parked(organisation, queue)
        member = jsontext.canonical(
            {"queue": queue, "ref": record.ref, "record": record_key, "outbox": outbox, "parked": parked}
        )
        return {
            "ref": record.ref,
            "version": record.version,
            "disposition": result.disposition,
            "reason": result.reason,
            "record": record_key,
            "events": keys.events(organisation, record.ref),
            "outbox": outbox,
            "parked": parked,
            "missing": keys.missing(organisation, queue),
            "waiters": keys.waiters(organisation, record.ref),
            "set": {**result.set, **_held(result)},
            "counts": keys.COUNTS,
            "queue": queue,
            "bounds": " ".join(DELAY.steps[:-1]),
            "delay": str(result.delay_seconds),
            "letter": result.letter,
            "stuck": "1" if result.stuck else "",
            "tell": keys.outbox(organisation, WRITE_BACK) if result.tell else "",
            "waits": [
                {
                    "ref": wait.ref,
                    "queue": wait.queue,
                    "outbox": keys.outbox(organisation, wait.queue),
                    "record": keys.record(organisation, wait.ref),
                    "waiters": keys.waiters(organisation, wait.ref),
                    "member": member,
                    "version": wait.version,
                }
                for wait in result.waits
            ],
        }


def _held(result: Result) -> dict[str, str]:
    """Return what the record keeps of its group: one that is still on its way keeps the group that it had."""
    record = result.record
    on_its_way = result.disposition in ("pending", "uncertain")
    if on_its_way or not (result.held or record.held or record.looks):
        return {}
    return {"held": result.held, "looks": ""}


def _facts(organisation: str, queue: str, flight: str, records: Sequence[Record]) -> dict[str, Any]:
    digests = [keys.digest(record.ref) for record in records]
    return {"organisation": organisation, "queue": queue, "flight": flight, "records": digests}


def _token(lock: Lock) -> str:
    """Return what *lock* wrote into Redis; '' when it is not held."""
    token = lock.local.token
    return token.decode() if token else ""
