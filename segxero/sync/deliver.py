"""Deliver: one turn at a time per organisation and queue, over all workers and hosts (a lock in Redis)."""

from contextlib import suppress
from dataclasses import dataclass

import redis
from redis.exceptions import LockError

from segxero import keys
from segxero.errors import AuthenticationError, RetryableError
from segxero.mapping.live import MappingSource
from segxero.store import Store
from segxero.sync.adoption import Adoption
from segxero.sync.contact_index import ContactIndex
from segxero.sync.inbox import Inbox
from segxero.sync.naming import Naming
from segxero.sync.outbox import Outbox
from segxero.sync.planning import Planner
from segxero.sync.turn import Report, Turn
from segxero.sync.users import Users
from segxero.sync.wakes import Wakes
from segxero.xero import pace
from segxero.xero.budget import Budget
from segxero.xero.client import XeroClient
from segxero.xero.objects import LAST, OBJECTS, SHARERS
from segxero.xero.row import Context

LOCK_SECONDS = 40  # longer than a call with its time-outs; when a turn dies, the next may begin after it
POLL_SECONDS = 0.5  # how often a turn looks whether the events are all folded
BACKLOG_SECONDS = 60.0  # the longest that records gather while events of the organisation still wait to be folded


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliverer:
    """Everything that delivering needs, wired in services.py."""

    store: Store
    live: MappingSource
    inbox: Inbox
    outbox: Outbox
    planner: Planner
    index: ContactIndex
    adoption: Adoption
    naming: Naming
    users: Users
    wakes: Wakes
    xero: XeroClient
    budget: Budget
    day_limit: int
    tells_segment: bool = False

    def turn(self, organisation: str, queue: str) -> Report:
        """Take one turn: at most one write. Raise RetryableError or AuthenticationError when the call failed."""
        self.wakes.answered(organisation, queue)
        lock = self.store.lock(keys.lock(organisation, queue), timeout=LOCK_SECONDS, thread_local=False)
        if not lock.acquire(blocking=False):
            return Report()
        try:
            report = self._locked_turn(organisation, queue, lock)
        finally:
            with suppress(LockError):
                lock.release()
        # What came while the lock was held found nobody to deliver it; this look is after the release.
        if report.again_seconds is None and self.outbox.oldest_seconds(organisation, queue) is not None:
            report.again_seconds = 0.0
        return report

    def hold(self, organisation: str, queue: str, seconds: float) -> None:
        """Let this queue of the organisation rest: no turn calls Xero before *seconds* are over."""
        self.store.set(keys.hold(organisation, queue), 1, px=max(int(seconds * 1000), 1))

    def held_seconds(self, organisation: str, queue: str) -> float:
        """Return for how many seconds the queue still rests."""
        return max(int(self.store.pttl(keys.hold(organisation, queue))), 0) / 1000

    def is_due(self, organisation: str, queue: str) -> bool:
        """Tell whether a turn would find something to do."""
        if self.held_seconds(organisation, queue):
            return False
        return (
            self.outbox.oldest_seconds(organisation, queue) is not None
            or self.outbox.flight(organisation, queue) is not None
        )

    def _locked_turn(self, organisation: str, queue: str, lock: object) -> Report:
        held = self.held_seconds(organisation, queue)
        if held:
            return Report(again_seconds=held)
        turn = Turn(
            organisation=organisation,
            queue=queue,
            lock=lock,
            store=self.store,
            outbox=self.outbox,
            planner=self.planner,
            index=self.index,
            adoption=self.adoption,
            naming=self.naming,
            users=self.users,
            wakes=self.wakes,
            xero=self.xero,
            context=Context.of(self.live.current(), organisation),
            tells_segment=self.tells_segment,
        )
        turn.recover()
        gather = self._gather_seconds(organisation, queue)
        if gather is None or gather > 0:
            return Report(again_seconds=gather)
        try:
            return turn.take()
        except (RetryableError, AuthenticationError, redis.RedisError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not come again and again
            return turn.fail(error)

    def _gather_seconds(self, organisation: str, queue: str) -> float | None:
        """Return the seconds to wait until a call is worth its place in the budget; None when nothing is due."""
        oldest = self.outbox.oldest_seconds(organisation, queue)
        if oldest is None:
            return None
        if self.inbox.waiting(organisation) and oldest < BACKLOG_SECONDS:
            # Events that are still to be folded may touch the same records again: one call less each.
            return POLL_SECONDS
        rest = self.budget.rest(organisation)
        if queue in LAST:
            waits = self._others_wait(organisation)
            return pace.LOOK_AGAIN_SECONDS if waits else pace.spare_seconds(rest, self.day_limit)
        return max(pace.gather_seconds(rest, self.day_limit, self._sharers()) - oldest, 0.0)

    def _sharers(self) -> int:
        """Return how many queues share the calls: those that the mappings fill."""
        filled = {OBJECTS[mapping.object].queue for mapping in self.live.current().enabled}
        return len(filled.intersection(SHARERS))

    def _others_wait(self, organisation: str) -> bool:
        """Tell whether a queue has something to send that does not go last."""
        return any(self.outbox.oldest_seconds(organisation, queue) is not None for queue in SHARERS)
