"""Deliver: one turn at a time per organisation and queue, over all workers and hosts (a lock in Redis)."""

from dataclasses import dataclass

import redis
from redis.lock import Lock

from segxero.errors import AuthenticationError, RetryableError
from segxero.mapping.files.live import MappingSource
from segxero.store import keys
from segxero.store.client import Store
from segxero.store.locks import exclusively
from segxero.sync.contacts.debtors import Debtors
from segxero.sync.contacts.identity import ContactIdentity
from segxero.sync.delivery.planning import Planner
from segxero.sync.delivery.turn import Report, Turn
from segxero.sync.folding.inbox import Inbox
from segxero.sync.recovery.links import Links
from segxero.sync.waiting.breaker import Clearance
from segxero.sync.waiting.gate import Gate
from segxero.sync.waiting.outbox import Outbox
from segxero.sync.waiting.retry_groups import RetryGroups
from segxero.sync.waiting.wakes import Wakes
from segxero.xero.api import pace
from segxero.xero.api.budget import Budget, BudgetError
from segxero.xero.api.client import XeroClient
from segxero.xero.books.cache import BooksCache
from segxero.xero.books.users import Users
from segxero.xero.objects.context import Context
from segxero.xero.objects.table import LAST, OBJECTS, SHARERS, in_queue

LOCK_SECONDS = 40  # longer than a call with its time-outs; when a turn dies, the next may begin after it
POLL_SECONDS = 0.5  # how often a turn looks whether the events are all folded
# The longest that records gather while events of the organisation still wait to be folded. Under steady traffic some
# always do, so only a backlog is waited for as long as a minute: its events touch the same records again and again.
TRAFFIC_SECONDS, BACKLOG_SECONDS = 10.0, 60.0
BACKLOG = 200  # events


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliverer:
    """Everything that delivering needs, wired in services.py."""

    store: Store
    live: MappingSource
    inbox: Inbox
    outbox: Outbox
    planner: Planner
    identity: ContactIdentity
    users: Users
    links: Links
    books: BooksCache
    retry_groups: RetryGroups
    wakes: Wakes
    xero: XeroClient
    budget: Budget
    gate: Gate
    day_limit: int
    writes_back: bool = False

    def turn(self, organisation: str, queue: str) -> Report:
        """Take one turn: at most one write. Raise RetryableError or AuthenticationError when the call failed."""
        self.wakes.answered(organisation, queue)
        with exclusively(self.store, keys.lock(organisation, queue), LOCK_SECONDS) as lock:
            if lock is None:
                return Report()
            report = self._locked_turn(organisation, queue, lock)
        # What came while the lock was held found nobody to deliver it; this look is after the release.
        if report.again_seconds is None and self.outbox.due(organisation, queue, 1):
            report.again_seconds = 0.0
        return report

    def is_due(self, organisation: str, queue: str) -> bool:
        """Tell whether a turn would find something to do."""
        if self.gate.wait_seconds(organisation, queue):
            return False
        return bool(self.outbox.due(organisation, queue, 1)) or self.outbox.flight(organisation, queue) is not None

    def _locked_turn(self, organisation: str, queue: str, lock: Lock) -> Report:
        if paused := self.gate.pause_seconds(organisation, queue):
            return Report(again_seconds=paused)
        turn = Turn(
            organisation=organisation,
            queue=queue,
            lock=lock,
            store=self.store,
            outbox=self.outbox,
            planner=self.planner,
            identity=self.identity,
            debtors=Debtors(self.store, self.identity),
            users=self.users,
            links=self.links,
            books=self.books,
            retry_groups=self.retry_groups,
            wakes=self.wakes,
            xero=self.xero,
            context=Context.of(self.live.current(), organisation, self.retry_groups.find_shut(organisation)),
            writes_back=self.writes_back,
        )
        turn.recover()
        gather = self._gather_seconds(organisation, queue)
        if gather is None or gather > 0:
            return Report(again_seconds=gather)
        admission = self.gate.admit(organisation, queue)
        if admission.wait_seconds:
            return Report(again_seconds=admission.wait_seconds)
        return self._watched(turn, admission)

    def _watched(self, turn: Turn, admission: Clearance) -> Report:
        """Let *turn* call Xero, and tell the gate how that went."""
        try:
            report = turn.take()
        except RetryableError as error:
            if error.down:
                error.retry_after = self.gate.meet_outage(turn.organisation, turn.queue, admission, error)
            else:
                self._heard(turn, admission, answered=not isinstance(error, BudgetError))
            raise
        except AuthenticationError:
            self._heard(turn, admission, answered=True)
            raise
        except redis.RedisError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not come again and again
            report = turn.fail(error)
        self._heard(turn, admission, answered=turn.answered)
        return report

    def _heard(self, turn: Turn, admission: Clearance, *, answered: bool) -> None:
        """Tell the gate whether Xero *answered*."""
        if answered:
            self.gate.hear_answer(turn.organisation, turn.queue)
        else:
            self.gate.give_back(turn.organisation, admission)

    def _gather_seconds(self, organisation: str, queue: str) -> float | None:
        """Return the seconds to wait until a call is worth its place in the budget; None when nothing is due."""
        oldest = self.outbox.oldest_seconds(organisation, queue)
        if oldest is None or queue in LAST:
            return self._spare_seconds(organisation, queue)
        behind = self.inbox.waiting(organisation)
        if behind and oldest < (BACKLOG_SECONDS if behind >= BACKLOG else TRAFFIC_SECONDS):
            # Events that are still to be folded may touch the same records again: one call less each.
            return POLL_SECONDS
        rest = self.budget.calls_left(organisation)
        most = max(row.batch for row in in_queue(queue))
        is_full = 1 < most <= len(self.outbox.due(organisation, queue, most))
        wait = pace.live_seconds(rest, self.day_limit, oldest, self._sharers(), is_full=is_full)
        # A call may become full long before the oldest record has waited long enough.
        return min(wait, pace.LOOK_AGAIN_SECONDS) if rest.day > 0 else wait

    def _sharers(self) -> int:
        """Return how many queues share the calls: those that the mappings fill."""
        filled = {OBJECTS[mapping.object].queue for mapping in self.live.current().enabled}
        return len(filled.intersection(SHARERS))

    def _spare_seconds(self, organisation: str, queue: str) -> float | None:
        """Return the seconds until what is not urgent may go: imported history, and last the notes."""
        if not self.outbox.due(organisation, queue, 1):
            return None
        if queue in LAST:
            urgent = any(self.outbox.due(organisation, other, 1) for other in SHARERS)
        else:
            urgent = any(self.outbox.oldest_seconds(organisation, other) is not None for other in SHARERS)
        return pace.spare_seconds(self.budget.calls_left(organisation), self.day_limit, urgent=urgent)
