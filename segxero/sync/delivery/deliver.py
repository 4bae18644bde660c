"""Deliver: a single turn at a time per organisation and queue, over all workers and hosts (a lock in Redis).

The delivery tasks of the workers call `Deliverer.turn`, the schedule asks `is_due`. `make_deliverer` wires it, for the
services of a process and for tests.
"""

from dataclasses import dataclass
from typing import Protocol

import redis

from segxero.errors import AuthenticationError, RetryableError
from segxero.mapping.files.live import MappingSource
from segxero.store.client import Store
from segxero.sync.contacts.debtors import Debtors
from segxero.sync.contacts.identity import ContactIdentity
from segxero.sync.contacts.index import ContactIndex
from segxero.sync.delivery.contexts import Contexts
from segxero.sync.delivery.gathering import Gathering
from segxero.sync.delivery.lane import Lane, Lanes
from segxero.sync.delivery.planning import Planner
from segxero.sync.delivery.turn import Report, Turn
from segxero.sync.folding.inbox import Inbox
from segxero.sync.recovery.links import Links
from segxero.sync.waiting.breaker import Clearance
from segxero.sync.waiting.gate import Gate
from segxero.sync.waiting.outbox import Outbox
from segxero.sync.waiting.retry_groups import RetryGroups
from segxero.sync.waiting.wakes import Wakes
from segxero.xero.access.encryption import Cipher
from segxero.xero.api.budget import Budget, BudgetError
from segxero.xero.api.client import XeroClient
from segxero.xero.books.cache import BooksCache
from segxero.xero.books.users import Users


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliverer:
    """Takes turns at an organisation's queue: gate, pace, then at most a batch."""

    lanes: Lanes
    contexts: Contexts
    planner: Planner
    identity: ContactIdentity
    debtors: Debtors
    links: Links
    xero: XeroClient
    gate: Gate
    gathering: Gathering

    def turn(self, organisation: str, queue: str) -> Report:
        """Take one turn: at most one write. Raise RetryableError or AuthenticationError when the call failed."""
        with self.lanes.open(organisation, queue) as lane:
            if lane is None:
                return Report()
            report = self._take_turn(lane)
        # Records that came while the lock was held found nobody to deliver them; this look is after the release.
        if report.again_seconds is None and self.lanes.has_due(organisation, queue):
            report.again_seconds = 0.0
        return report

    def is_due(self, organisation: str, queue: str) -> bool:
        """Tell whether a turn would find something to do."""
        return not self.gate.wait_seconds(organisation, queue) and self.lanes.has_work(organisation, queue)

    def _take_turn(self, lane: Lane) -> Report:
        if paused := self.gate.pause_seconds(lane.organisation, lane.queue):
            return Report(again_seconds=paused)
        turn = Turn(
            lane=lane,
            contexts=self.contexts,
            planner=self.planner,
            identity=self.identity,
            debtors=self.debtors,
            links=self.links,
            xero=self.xero,
            context=self.contexts.begin(lane.organisation),
        )
        # Before anything waits: the records of a lost flight may be in Xero, and are due only after a delay.
        turn.recover()
        gather = self.gathering.wait_seconds(lane.organisation, lane.queue)
        if gather is None or gather > 0:
            return Report(again_seconds=gather)
        clearance = self.gate.admit(lane.organisation, lane.queue)
        if clearance.wait_seconds:
            return Report(again_seconds=clearance.wait_seconds)
        return self._watch(turn, lane, clearance)

    def _watch(self, turn: Turn, lane: Lane, clearance: Clearance) -> Report:
        """Let *turn* call Xero, and tell the gate how that went."""
        try:
            report = turn.take()
        except RetryableError as error:
            if error.down:
                error.retry_after = self.gate.meet_outage(lane.organisation, lane.queue, clearance, error)
            else:
                # Xero's limits are an answer; our own budget is none, because no call was made.
                self._tell_gate(lane, clearance, answered=not isinstance(error, BudgetError))
            raise
        except AuthenticationError:
            self._tell_gate(lane, clearance, answered=True)
            raise
        except redis.RedisError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not come again and again
            report = turn.fail(error)
        self._tell_gate(lane, clearance, answered=turn.answered)
        return report

    def _tell_gate(self, lane: Lane, clearance: Clearance, *, answered: bool) -> None:
        if answered:
            self.gate.hear_answer(lane.organisation, lane.queue)
        else:
            self.gate.give_back(lane.organisation, clearance)


class Parts(Protocol):
    """The parts of a process that delivery is made of; `Services` has them."""

    @property
    def redis(self) -> Store: ...
    @property
    def live(self) -> MappingSource: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def retry_groups(self) -> RetryGroups: ...
    @property
    def wakes(self) -> Wakes: ...
    @property
    def gate(self) -> Gate: ...
    @property
    def planner(self) -> Planner: ...
    @property
    def links(self) -> Links: ...
    @property
    def xero(self) -> XeroClient: ...
    @property
    def books(self) -> BooksCache: ...
    @property
    def budget(self) -> Budget: ...
    @property
    def cipher(self) -> Cipher: ...
    @property
    def writes_back(self) -> bool: ...


def make_deliverer(parts: Parts) -> Deliverer:
    """Wire the delivery from *parts*."""
    store, xero = parts.redis, parts.xero
    identity = ContactIdentity(store, ContactIndex(store, xero))
    return Deliverer(
        lanes=Lanes(
            store=store,
            outbox=parts.outbox,
            retry_groups=parts.retry_groups,
            wakes=parts.wakes,
            writes_back=parts.writes_back,
        ),
        contexts=Contexts(
            live=parts.live,
            retry_groups=parts.retry_groups,
            books=parts.books,
            users=Users(store, xero, parts.cipher),
        ),
        planner=parts.planner,
        identity=identity,
        debtors=Debtors(store, identity),
        links=parts.links,
        xero=xero,
        gate=parts.gate,
        gathering=Gathering(live=parts.live, inbox=parts.inbox, outbox=parts.outbox, budget=parts.budget),
    )
