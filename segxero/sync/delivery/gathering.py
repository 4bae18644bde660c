"""Gathering: how long the records of a queue gather before a call is worth its place in the budget.

The deliverer asks before each turn. The pace itself is in xero/api/pace.py.
"""

from dataclasses import dataclass

from segxero.mapping.files.live import MappingSource
from segxero.sync.folding.inbox import Inbox
from segxero.sync.waiting.outbox import Outbox
from segxero.xero.api import pace
from segxero.xero.api.budget import Budget
from segxero.xero.objects.table import BATCHES, COMPUTING, DOCUMENTS, LAST, OBJECTS, SHARERS

POLL_SECONDS = 0.5  # how often a turn looks whether the events are all folded
# The longest that records gather while events of the organisation still wait to be folded. Under steady traffic some
# always do, so only a backlog is waited for as long as a minute: its events touch the same records again and again.
TRAFFIC_SECONDS, BACKLOG_SECONDS = 10.0, 60.0
BACKLOG = 200  # events


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """Weighs the waiting records of a queue against the calls left."""

    live: MappingSource
    inbox: Inbox
    outbox: Outbox
    budget: Budget

    def wait_seconds(self, organisation: str, queue: str) -> float | None:
        """Return the seconds to wait until a call is worth its place in the budget; None when nothing is due."""
        waiting = self.outbox.measure(organisation, queue)
        oldest = waiting.oldest_seconds
        if oldest is None or queue in LAST:
            return self._spare_seconds(organisation, queue) if waiting.due else None
        behind = self.inbox.waiting(organisation)
        longest = BACKLOG_SECONDS if behind >= BACKLOG else TRAFFIC_SECONDS
        # Events still to be folded may change the same records again, and each then saves a call.
        if oldest < longest and (behind or self._is_computing(organisation, queue)):
            return POLL_SECONDS
        rest = self.budget.calls_left(organisation)
        is_full = 1 < BATCHES[queue] <= waiting.due
        wait = pace.live_seconds(rest, self.budget.day_limit, oldest, self._count_sharers(), is_full=is_full)
        # A call may become full long before the oldest record has waited long enough.
        return min(wait, pace.LOOK_AGAIN_SECONDS) if rest.day > 0 else wait

    def _is_computing(self, organisation: str, queue: str) -> bool:
        """Tell whether orders are due whose documents may go in the same call."""
        if queue not in DOCUMENTS:
            return False
        return any(self.outbox.oldest_seconds(organisation, other) is not None for other in COMPUTING)

    def _count_sharers(self) -> int:
        """Return how many queues share the calls: those that the mappings fill."""
        filled = {OBJECTS[mapping.object].queue for mapping in self.live.current().enabled}
        return len(filled.intersection(SHARERS))

    def _spare_seconds(self, organisation: str, queue: str) -> float:
        """Return the seconds until less urgent records may go: imported history, and last the notes."""
        if queue in LAST:
            urgent = any(self.outbox.due(organisation, other, 1) for other in SHARERS)
        else:
            urgent = any(self.outbox.oldest_seconds(organisation, other) is not None for other in SHARERS)
        return pace.spare_seconds(self.budget.calls_left(organisation), self.budget.day_limit, urgent=urgent)
