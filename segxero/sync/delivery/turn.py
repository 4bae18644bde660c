"""A turn: bring up to 50 records of a lane into Xero in a single call.

The flight is stored before it is sent. A turn that finds the flight of a process that died asks Xero what is there
before anything is sent again. The deliverer makes a turn and calls `recover`, `take` and `fail`.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from redis.exceptions import LockError

from segxero.errors import AuthenticationError, PermanentError, RetryableError, SegxeroError, UncertainError
from segxero.mapping.policies import PARK
from segxero.sync.contacts.debtors import Debtors
from segxero.sync.contacts.identity import ContactIdentity
from segxero.sync.delivery import policies
from segxero.sync.delivery.contexts import Contexts
from segxero.sync.delivery.lane import Lane
from segxero.sync.delivery.planning import Planner, choose_batch, find_place, take_front
from segxero.sync.delivery.verdicts import judge_answer, judge_lookup, judge_loss, judge_orphan
from segxero.sync.records import results as outcomes
from segxero.sync.records.ready import Ready
from segxero.sync.records.record import Record
from segxero.sync.records.results import Result
from segxero.sync.recovery.links import Links
from segxero.xero.api.answers import NotThereError
from segxero.xero.api.client import XeroClient
from segxero.xero.api.refusals import find_call_policy
from segxero.xero.api.request import Request
from segxero.xero.objects.context import Context
from segxero.xero.objects.table import in_queue

log = logging.getLogger(__name__)

LOOKUP = 40  # keys in one look-up: more would make the address too long


@dataclass(slots=True, kw_only=True)
class Report:
    """The results of a turn by disposition, and the seconds until there is more to do (None: nothing known)."""

    counts: dict[str, int] = field(default_factory=dict)
    again_seconds: float | None = None


@dataclass(slots=True, kw_only=True)
class Turn:
    """A turn at a lane, taken under its lock."""

    lane: Lane
    contexts: Contexts
    planner: Planner
    identity: ContactIdentity
    debtors: Debtors
    links: Links
    xero: XeroClient
    context: Context
    batch: list[Record] = field(default_factory=list)  # the records that are looked up or sent right now
    answered: bool = False  # Xero answered a look-up or a write

    def recover(self) -> None:
        """Turn the flight of a turn that died into uncertain records."""
        if (found := self.lane.find_lost_flight()) is not None:
            flight, records = found
            age = int(self.lane.now() - flight.sent_at)
            self.lane.land([judge_orphan(record, age, self.planner.bury) for record in records], flight.id)

    def take(self) -> Report:
        """Plan the due records, look up the uncertain ones, or else send a batch."""
        organisation = self.lane.organisation
        self._join_people()
        records = self.links.taken_over(organisation, self.lane.load_due())
        records, joined = self.debtors.sort(organisation, self.lane.queue, records)
        self.lane.settle(joined)
        self.context = self.contexts.complete(self.context, organisation, records)
        plan = self.planner.plan(organisation, records, self.context)
        ready, waiting = policies.admit(plan.ready, self.context)
        self.lane.settle([*plan.settled, *waiting])
        # Look-ups go first: a record that may be in Xero already holds up others that wait for it.
        if plan.look:
            self._look(plan.look)
        elif ready:
            self._send(ready)
        return Report(counts=dict(self.lane.counts))

    def _join_people(self) -> None:
        """Join the keys of people before their contacts are planned; documents with another contact become due."""
        if any(row.joins_people for row in in_queue(self.lane.queue)):
            for queue in self.debtors.people.join(self.lane.organisation):
                self.lane.wake(queue)

    def fail(self, error: Exception) -> Report:
        """Bury the records at hand after an unforeseen *error*; a replay looks them up in Xero first.

        Raise *error* when there are none: then it has nothing to do with a record.
        """
        if not self.batch:
            raise error
        facts = {"organisation": self.lane.organisation, "queue": self.lane.queue}
        log.error("turn_failed", extra=facts, exc_info=error)
        self.lane.land([outcomes.doubt(self.planner.bury(record, error)) for record in self.batch])
        return Report(counts=dict(self.lane.counts))

    def _look(self, look: Sequence[Ready]) -> None:
        """Ask Xero which of the records it has already; adopt those, and free the others to be sent."""
        row, place = look[0].record.row, find_place(look[0])
        alike = [ready for ready in look if ready.record.row is row and find_place(ready) == place]
        asked = take_front(alike, min(LOOKUP, row.batch))
        self.batch = [ready.record for ready in asked]
        try:
            answer = self._call(row.lookup([ready.wanted for ready in asked], self.context))
        except PermanentError as error:
            self.lane.settle(self._halve(asked, error))
            return
        results, missing = judge_lookup(answer, asked, self.context, self.planner.bury)
        was_sent = any(ready.record.uncertain for ready in missing)
        # A record that was sent goes again in a turn of its own, unless its object is looked up before each send.
        if missing and (row.look_first or not was_sent):
            self.lane.settle(results)
            self._send(missing)
            return
        self.lane.settle([*results, *(outcomes.pending_absent(ready.record) for ready in missing)])

    def _send(self, ready: Sequence[Ready]) -> None:
        chosen = choose_batch(ready)
        self.batch = [item.record for item in chosen]
        batch = self._identify(chosen)
        same = {item.record.ref for item in batch if item.is_unchanged}
        self.lane.settle([outcomes.unchanged(item) for item in batch if item.record.ref in same])
        batch = [item for item in batch if item.record.ref not in same]
        if not batch:
            return
        request = batch[0].record.row.write([(item.wanted, item.prepared.payload) for item in batch])
        key = self.lane.depart([item.record for item in batch])
        try:
            answer = self._call(request, key, self.lane.hold_on)
        except UncertainError as error:
            self.lane.land([judge_loss(item.record, str(error)) for item in batch])
            raise
        except (RetryableError, AuthenticationError, LockError):
            # Nothing was sent, or Xero took nothing: the records keep their place.
            self.lane.land([outcomes.pending(item.record) for item in batch])
            raise
        except PermanentError as error:
            if request.method != "DELETE" or not isinstance(error, NotThereError):
                self._conclude(self._halve(batch, error))
                return
            answer = {}  # a part that was to be taken away is gone already
        self._conclude(judge_answer(answer, batch, self.context, self.planner.bury, self.lane.now()))

    def _identify(self, batch: Sequence[Ready]) -> list[Ready]:
        """Adopt the records of *batch* that Xero had before us, and give the others names that nobody holds."""
        if not batch[0].record.row.has_unique_names:
            return list(batch)
        lane = self.lane
        asks = self.context.policies["which_contact"] == PARK
        strangers = self.context.adopts
        adopted = self.identity.adopt(lane.organisation, batch, lane.now(), strangers=strangers, asks=asks)
        lane.settle(adopted)
        refs = {result.record.ref for result in adopted}
        others = [item for item in batch if item.record.ref not in refs]
        return self.identity.choose_names(lane.organisation, lane.queue, others, self.context) if others else []

    def _conclude(self, results: Sequence[Result]) -> None:
        """End the flight, then make the calls after which Xero takes what it has just refused, each once."""
        self.lane.land(results)
        asked: list[Request] = []
        for request in filter(None, (result.repair for result in results)):
            if request in asked:
                continue
            asked.append(request)
            try:
                self._call(request, last_look=self.lane.hold_on)
            except PermanentError as error:
                facts = {"organisation": self.lane.organisation, "endpoint": request.path, "reason": str(error)}
                log.warning("repair_refused", extra=facts)

    def _call(
        self, request: Request, idempotency_key: str = "", last_look: Callable[[], object] | None = None
    ) -> dict[str, Any]:
        try:
            answer = self.xero.call(self.lane.organisation, request, idempotency_key, last_look)
        except SegxeroError as error:
            self.answered = self.answered or isinstance(error, PermanentError)
            self.lane.said = f"{request.method}: {error}"
            raise
        self.answered = True
        self.lane.said = f"{request.method}: 200"
        return answer

    def _halve(self, batch: Sequence[Ready], error: PermanentError) -> list[Result]:
        """Xero refused the call as a whole: send halves until the culprit is alone, and bury it.

        A refusal that a policy covers is no record's fault; it may concern all.
        """
        sentences = getattr(error, "sentences", ())
        if len(batch) == 1 or find_call_policy(sentences):
            decided = [policies.decide_refusal(item, sentences, {}, self.context) for item in batch]
            return [
                result or self.planner.bury(item.record, error) for item, result in zip(batch, decided, strict=True)
            ]
        half = (len(batch) + 1) // 2
        return [outcomes.pending(item.record, batch=half) for item in batch]
