"""A turn: bring up to 50 records of one outbox into Xero in one call.

The flight is stored before it is sent. A turn that finds a flight of somebody who died asks Xero what is there before
anything is sent again.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from redis.exceptions import LockError
from redis.lock import Lock

from segxero.errors import AuthenticationError, PermanentError, RetryableError, SegxeroError, UncertainError
from segxero.mapping.policies import PARK
from segxero.store.client import Store
from segxero.sync.contacts.debtors import Debtors
from segxero.sync.contacts.identity import ContactIdentity
from segxero.sync.delivery import policies
from segxero.sync.delivery.planning import Planner, choose_batch, find_place, take_front
from segxero.sync.delivery.verdicts import judge_answer, judge_lookup, judge_loss, judge_orphan
from segxero.sync.records import results as outcomes
from segxero.sync.records.record import REMEMBERED, Record, load
from segxero.sync.records.results import Ready, Result
from segxero.sync.recovery.links import Links
from segxero.sync.waiting.outbox import Outbox
from segxero.sync.waiting.retry_groups import RetryGroups
from segxero.sync.waiting.wakes import Wakes
from segxero.xero.api.answers import NotThereError
from segxero.xero.api.client import XeroClient
from segxero.xero.api.refusals import find_call_policy
from segxero.xero.api.request import Request
from segxero.xero.books.cache import FRESH_SECONDS, BooksCache
from segxero.xero.books.users import Users
from segxero.xero.objects.context import Context
from segxero.xero.objects.table import OBJECTS, in_queue

log = logging.getLogger(__name__)

MOST = 50
LOOKUP = 40  # keys in one look-up: more would make the address too long


@dataclass(slots=True, kw_only=True)
class Report:
    """What a turn did: results by disposition, and in how many seconds there is more to do (None: nothing known)."""

    counts: dict[str, int] = field(default_factory=dict)
    again_seconds: float | None = None


@dataclass(slots=True, kw_only=True)
class Turn:
    """One turn of one organisation's queue, taken under its *lock*."""

    organisation: str
    queue: str
    lock: Lock
    store: Store
    outbox: Outbox
    planner: Planner
    identity: ContactIdentity
    debtors: Debtors
    users: Users
    links: Links
    books: BooksCache
    retry_groups: RetryGroups
    wakes: Wakes
    xero: XeroClient
    context: Context
    writes_back: bool = False
    report: Report = field(default_factory=Report)
    batch: list[Record] = field(default_factory=list)  # what is being looked up or sent right now
    said: str = ""  # how Xero answered last, for the traces of the records it was asked about
    flight: str = ""  # the id of the flight that is on its way
    answered: bool = False  # Xero answered a look-up or a write

    def recover(self) -> None:
        """Turn the flight of a turn that died into uncertain records."""
        flight = self.outbox.flight(self.organisation, self.queue)
        if flight is None:
            return
        records = load(self.store, self.organisation, flight.versions).values()
        log.warning("flight_recovered", extra={"organisation": self.organisation, "queue": self.queue})
        age = int(self.outbox.now() - flight.sent_at)
        self._settle([judge_orphan(record, age, self.planner.bury) for record in records], flight.id)

    def take(self) -> Report:
        """Plan the due records, look up what is uncertain, or else send one batch."""
        self._join_people()
        refs = self.outbox.due(self.organisation, self.queue, MOST)
        found = load(self.store, self.organisation, refs)
        for ref in set(refs) - set(found):
            self.outbox.remove(self.organisation, self.queue, ref)
        records = self.links.taken_over(self.organisation, [found[ref] for ref in refs if ref in found])
        records, joined = self.debtors.sort(self.organisation, self.queue, records)
        self._settle(joined)
        if self.users.needed(record.fields for record in records):
            names = self.users.names(self.organisation)
            self.context = replace(self.context, users=names)
        self._read_open_day(records)
        plan = self.planner.plan(self.organisation, records, self.context)
        ready, waiting = policies.admit(plan.ready, self.context)
        self._settle([*plan.settled, *waiting])
        if plan.look:
            self._look(plan.look)
        elif ready:
            self._send(ready)
        return self.report

    def _join_people(self) -> None:
        """Join the keys of people before their contacts are planned; documents with another contact become due."""
        if any(row.joins_people for row in in_queue(self.queue)):
            for queue in self.debtors.people.join(self.organisation):
                self.wakes.wake(self.organisation, queue)

    def _read_open_day(self, records: Sequence[Record]) -> None:
        """Read the lock dates when Xero has refused a date and the organisation's policy is to move it."""
        locked = [record for record in records if record.row.needs_open_day(record.remembered)]
        if not locked or self.context.policies["lock_date"] != "first_open_day":
            return
        # A second refusal says that what is known of the lock dates is old.
        fresh = 0.0 if any(record.attempts > 1 for record in locked) else FRESH_SECONDS
        books = self.books.of(self.organisation, "Organisations", fresh_seconds=fresh)
        self.context = replace(self.context, open_day=books.first_open_day)

    def fail(self, error: Exception) -> Report:
        """Bury the records at hand after an *error* nobody foresaw; a replay looks them up in Xero first.

        Raise *error* when there are none: then it has nothing to do with a record.
        """
        if not self.batch:
            raise error
        log.error("turn_failed", extra={"organisation": self.organisation, "queue": self.queue}, exc_info=error)
        dead = [self.planner.bury(record, error) for record in self.batch]
        self._settle([outcomes.doubt(result) for result in dead], self.flight)
        return self.report

    def _look(self, look: Sequence[Ready]) -> None:
        """Ask Xero which of the records it has already; adopt those, and free the others to be sent."""
        row = look[0].record.row
        alike = [ready for ready in look if ready.record.row is row and find_place(ready) == find_place(look[0])]
        asked = take_front(alike, min(LOOKUP, row.batch))
        self.batch = [ready.record for ready in asked]
        try:
            answer = self._call(row.lookup([ready.wanted for ready in asked], self.context))
        except PermanentError as error:
            self._settle(self._halved(asked, error))
            return
        results, missing = judge_lookup(answer, asked, self.context, self.planner.bury)
        was_sent = any(ready.record.uncertain for ready in missing)
        if missing and (row.look_first or not was_sent):
            self._settle(results)
            self._send(missing)
            return
        self._settle([*results, *(outcomes.pending_absent(ready.record) for ready in missing)])

    def _send(self, ready: Sequence[Ready]) -> None:
        chosen = choose_batch(ready)
        self.batch = [item.record for item in chosen]
        batch = self._named(self._unknown(chosen))
        if not batch:
            return
        unchanged = [item for item in batch if item.is_unchanged]
        self._settle([outcomes.unchanged(item) for item in unchanged])
        batch = [item for item in batch if not item.is_unchanged]
        if not batch:
            return
        request = batch[0].record.row.write([(item.wanted, item.prepared.payload) for item in batch])
        self.flight = self.outbox.depart(self.organisation, self.queue, [item.record for item in batch], self.lock).id
        try:
            answer = self._call(request, f"{self.organisation}-{self.flight}", self.lock.reacquire)
        except UncertainError as error:
            self._settle([judge_loss(item.record, str(error)) for item in batch], self.flight)
            raise
        except (RetryableError, AuthenticationError, LockError):
            self._settle([outcomes.pending(item.record) for item in batch], self.flight)
            raise
        except PermanentError as error:
            if request.method != "DELETE" or not isinstance(error, NotThereError):
                self._conclude(self._halved(batch, error))
                return
            answer = {}  # what was to be taken away is gone already
        now = self.outbox.now()
        self._conclude(judge_answer(answer, batch, self.context, self.planner.bury, now))

    def _conclude(self, results: Sequence[Result]) -> None:
        """End the flight, then make the calls after which Xero takes what it has just refused, each once."""
        self._settle(results, self.flight)
        asked: list[Request] = []
        for request in filter(None, (result.repair for result in results)):
            if request in asked:
                continue
            asked.append(request)
            try:
                self._call(request, last_look=self.lock.reacquire)
            except PermanentError as error:
                facts = {"organisation": self.organisation, "endpoint": request.path, "reason": str(error)}
                log.warning("repair_refused", extra=facts)

    def _call(
        self, request: Request, idempotency_key: str = "", last_look: Callable[[], object] | None = None
    ) -> dict[str, Any]:
        try:
            answer = self.xero.call(self.organisation, request, idempotency_key, last_look)
        except SegxeroError as error:
            self.answered = self.answered or isinstance(error, PermanentError)
            self.said = f"{request.method}: {error}"
            raise
        self.answered = True
        self.said = f"{request.method}: 200"
        return answer

    def _unknown(self, batch: Sequence[Ready]) -> list[Ready]:
        """Take over the contacts that Xero had before us; return the others."""
        if not batch[0].record.row.has_unique_names:
            return list(batch)
        asks = self.context.policies["which_contact"] == PARK
        adopted = self.identity.adopt(
            self.organisation, batch, self.outbox.now(), strangers=self.context.adopts, asks=asks
        )
        self._settle(adopted)
        refs = {result.record.ref for result in adopted}
        return [item for item in batch if item.record.ref not in refs]

    def _named(self, batch: Sequence[Ready]) -> list[Ready]:
        """Give contacts the names that no other contact holds."""
        if not batch or not batch[0].record.row.has_unique_names:
            return list(batch)
        return self.identity.choose_names(self.organisation, self.queue, batch, self.context)

    def _halved(self, batch: Sequence[Ready], error: PermanentError) -> list[Result]:
        """Xero refused the call as a whole: send halves until the culprit is alone, and bury that one.

        What a policy speaks of is no culprit's; it may concern all.
        """
        sentences = getattr(error, "sentences", ())
        if len(batch) == 1 or find_call_policy(sentences):
            decided = [policies.decide_refusal(item, sentences, {}, self.context) for item in batch]
            return [
                result or self.planner.bury(item.record, error) for item, result in zip(batch, decided, strict=True)
            ]
        half = (len(batch) + 1) // 2
        return [outcomes.pending(item.record, batch=half) for item in batch]

    def _settle(self, results: Sequence[Result], flight: str = "") -> None:
        if not results and not flight:
            return
        if self.writes_back:
            results = [replace(result, writes_back=_has_new_link(result)) for result in results]
        for gone in {wait for result in results for wait in result.unlinks}:
            other = OBJECTS[gone.object]
            self.outbox.unlink(self.organisation, gone, other.queue, REMEMBERED + other.archived_as)
            self.wakes.wake(self.organisation, other.queue)
        self.retry_groups.note(self.organisation, results)
        freed = self.outbox.settle(self.organisation, self.queue, results, flight, self.lock, self.said)
        self.said = ""
        if freed is None:
            log.warning("stale_answer", extra={"organisation": self.organisation, "queue": self.queue})
            return
        self.retry_groups.free(self.organisation, results)
        for result in results:
            self.report.counts[result.disposition] = self.report.counts.get(result.disposition, 0) + 1
        for queue in freed:
            if queue != self.queue:
                self.wakes.wake(self.organisation, queue)


def _has_new_link(result: Result) -> bool:
    return result.record.row.is_told_to_segment and result.is_new_link
