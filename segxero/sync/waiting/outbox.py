"""The outbox: records waiting for delivery, the flight on which they leave, and their results.

Turns take due records, depart and settle; the schedule frees parked records; the console and the metrics look.
"""

import logging
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from redis.exceptions import LockNotOwnedError
from redis.lock import Lock

from segxero import jsontext
from segxero.store import keys, scripts, server
from segxero.store.client import Store
from segxero.sync.records import trace
from segxero.sync.records.hash_fields import LINK, LOOKS, ON, TAKEN, XERO_ID
from segxero.sync.records.ready import Wait
from segxero.sync.records.record import Record, load
from segxero.sync.records.results import Result
from segxero.telemetry.figures import BATCH, DELAY, Counts, observe

log = logging.getLogger(__name__)

WRITE_BACK = "write_back"  # the queue that tells Segment the ids that Xero gave


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """A batch on its way: the refs and versions of its records, and when it left (seconds, Redis' clock)."""

    id: str
    versions: dict[str, str]
    sent_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The due records of a queue: their number, and the seconds that the oldest live record waits (None: no live)."""

    due: int
    oldest_seconds: float | None


class Outbox:
    """The outboxes of all organisations and queues."""

    def __init__(self, client: Store) -> None:
        self._redis = client
        self._depart = scripts.script(client, "segxero.sync.waiting", "depart")
        self._settle = scripts.script(client, "segxero.sync.waiting", "settle")

    def now(self) -> float:
        """Return Redis' clock in seconds."""
        return server.now(self._redis)

    def due(self, organisation: str, queue: str, limit: int) -> list[str]:
        """Return up to *limit* due refs: the longest waiting first, and history after live."""
        key, now = keys.outbox(organisation, queue), self.now()
        # Imported history lies beyond every second of the clock, so it needs a look of its own, after live records.
        live = list(self._redis.zrangebyscore(key, "-inf", now, start=0, num=limit))
        if len(live) == limit:
            return live
        later = keys.HISTORICAL
        return live + list(self._redis.zrangebyscore(key, later, later + now, start=0, num=limit - len(live)))

    def measure(self, organisation: str, queue: str) -> Waiting:
        """Count the due records of *queue*, in one call to Redis at one moment."""
        key, now = keys.outbox(organisation, queue), self.now()
        pipe = self._redis.pipeline(transaction=False)
        pipe.zrangebyscore(key, "-inf", now, 0, 1, withscores=True)
        pipe.zcount(key, "-inf", now)
        pipe.zcount(key, keys.HISTORICAL, keys.HISTORICAL + now)
        first, live, later = pipe.execute()
        return Waiting(due=live + later, oldest_seconds=max(now - float(first[0][1]), 0.0) if first else None)

    def load_due(self, organisation: str, queue: str, limit: int) -> list[Record]:
        """Return up to *limit* due records, and take out refs whose record is gone."""
        refs = self.due(organisation, queue, limit)
        found = load(self._redis, organisation, refs)
        for ref in set(refs) - set(found):
            self.remove(organisation, queue, ref)
        return [found[ref] for ref in refs if ref in found]

    def load(self, organisation: str, refs: Iterable[str]) -> list[Record]:
        """Return the existing records among *refs*."""
        return list(load(self._redis, organisation, refs).values())

    def oldest_seconds(self, organisation: str, queue: str) -> float | None:
        """Return the waiting time of the oldest due live record; None when none is due."""
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
        """Take out a ref whose record is gone."""
        self._redis.zrem(keys.outbox(organisation, queue), ref)

    def free(self, organisation: str, queue: str, ref: str) -> None:
        """Make a parked record due, at its old place."""
        parked = keys.parked(organisation, queue)
        place = self._redis.zscore(parked, ref)
        # Somebody else may have freed it since the list was read.
        if place is not None:
            pipe = self._redis.pipeline()
            pipe.zadd(keys.outbox(organisation, queue), {ref: place}, nx=True)
            pipe.hset(keys.record(organisation, ref), LOOKS, ON)
            pipe.zrem(parked, ref)
            pipe.execute()

    def look_again(self, organisation: str, queue: str, refs: Iterable[str]) -> None:
        """Make *refs* due and leave them parked: their cause counts as lasting until Xero takes them."""
        parked, pipe = keys.parked(organisation, queue), self._redis.pipeline()
        for ref in refs:
            if (place := self._redis.zscore(parked, ref)) is not None:
                pipe.zadd(keys.outbox(organisation, queue), {ref: place}, nx=True)
                pipe.hset(keys.record(organisation, ref), LOOKS, ON)
        pipe.execute()

    def free_parked(self, organisation: str, queue: str, version: str) -> int:
        """Make parked records due once after the mappings changed to *version*; return how many."""
        if self._redis.hget(keys.MAPPINGS_SEEN, f"{organisation} {queue}") == version:
            return 0
        refs = self._redis.zrange(keys.parked(organisation, queue), 0, -1, withscores=True)
        pipe = self._redis.pipeline()
        # Records due again already keep their place in the outbox.
        for ref, place in refs:
            pipe.zadd(keys.outbox(organisation, queue), {ref: place}, nx=True)
            pipe.zrem(keys.parked(organisation, queue), ref)
        pipe.hset(keys.MAPPINGS_SEEN, f"{organisation} {queue}", version)
        pipe.execute()
        return len(refs)

    def forget_mappings_seen(self, organisation: str, queues: Iterable[str]) -> None:
        """Let the schedule look again at all parked records, as if the mappings had changed."""
        self._redis.hdel(keys.MAPPINGS_SEEN, *(f"{organisation} {queue}" for queue in queues))

    def unlink(self, organisation: str, wait: Wait, queue: str, moved: str) -> None:
        """Let the record be looked up in Xero again; the field *moved* keeps its old id."""
        record = keys.record(organisation, wait.ref)
        pipe = self._redis.pipeline()
        # The flag makes the next turn look for the number in Xero before it sends.
        pipe.hset(record, mapping={moved: self._redis.hget(record, XERO_ID) or "", TAKEN: ON})
        pipe.hdel(record, *LINK)
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
        # Nothing was sent: the turn that took the lock will find the same records due.
        if not stored:
            raise LockNotOwnedError(f"another turn of {queue} has begun")
        Counts(self._redis).add_all(observe(BATCH, len(records), queue))
        log.info("flight_departed", extra=_facts(organisation, queue, flight.id, records))
        return flight

    def flight(self, organisation: str, queue: str) -> Flight | None:
        """Return the flight whose end nobody has written down."""
        text = self._redis.get(keys.flight(organisation, queue))
        # Nearly always: turns end their own flights, and only a crash leaves another.
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

        Return None, and write nothing, when *flight* is not current, or *lock* is lost and there is no flight.
        """
        laid = [
            self._laid(organisation, queue, result) | trace.describe_result(organisation, result, flight, said)
            for result in results
        ]
        answer = self._settle(
            keys=[keys.flight(organisation, queue), keys.DEAD_LETTERS, keys.lock(organisation, queue), keys.COUNTS],
            args=[flight, jsontext.dumps(laid), _token(lock) if lock else "", _common(queue)],
        )
        return [str(name) for name in answer[1:]] if answer[0] else None

    @staticmethod
    def _laid(organisation: str, queue: str, result: Result) -> dict[str, Any]:
        record = result.record
        record_key, events = keys.record(organisation, record.ref), keys.events(organisation, record.ref)
        outbox, parked = keys.outbox(organisation, queue), keys.parked(organisation, queue)
        missing, waiters = keys.missing(organisation, queue), keys.waiters(organisation, record.ref)
        member = jsontext.canonical(
            {"queue": queue, "ref": record.ref, "record": record_key, "outbox": outbox, "parked": parked}
        )
        return {
            "ref": record.ref,
            "version": record.version,
            "disposition": result.disposition,
            "reason": result.reason,
            "obstacle": result.obstacle.to_json(),
            "record": record_key,
            "events": events,
            "outbox": outbox,
            "parked": parked,
            "missing": missing,
            "waiters": waiters,
            "set": result.fields,
            "delay": str(result.delay_seconds),
            "letter": result.letter,
            "stuck": "1" if result.stuck else "",
            "tell": keys.outbox(organisation, WRITE_BACK) if result.writes_back else "",
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


@cache
def _common(queue: str) -> str:
    """Return the same for all results of *queue*, as settle.lua takes it."""
    bounds = " ".join(DELAY.steps[:-1])
    return jsontext.dumps({"queue": queue, "bounds": bounds, "historical": str(keys.HISTORICAL), **trace.LIMITS})


def _facts(organisation: str, queue: str, flight: str, records: Sequence[Record]) -> dict[str, Any]:
    digests = [keys.digest(record.ref) for record in records]
    return {"organisation": organisation, "queue": queue, "flight": flight, "records": digests}


def _token(lock: Lock) -> str:
    """Return the token of *lock* in Redis; '' when it is not held."""
    token = lock.local.token
    return token.decode() if token else ""
