"""Expiry: a record that waits too long for a missing record becomes a dead letter naming both.

Called by the schedule.
"""

from dataclasses import replace

from segxero.errors import MissingError
from segxero.store import keys
from segxero.store.client import Store
from segxero.store.locks import exclusively
from segxero.sync.delivery.planning import Planner, resolve_references
from segxero.sync.delivery.verdicts import PATIENCE_SECONDS
from segxero.sync.records.ready import Wait
from segxero.sync.records.record import Record, load
from segxero.sync.records.results import Result
from segxero.sync.waiting.outbox import Outbox

PAGE = 100
LOCK_SECONDS = 40


class Expiry:
    """Looks through the records that wait for others, always between two turns."""

    def __init__(self, client: Store, outbox: Outbox, planner: Planner) -> None:
        self._redis = client
        self._outbox = outbox
        self._planner = planner

    def bury_missed(self, organisation: str, queue: str) -> int:
        """Bury records that have waited PATIENCE_SECONDS for an unknown record; return their number.

        Records that wait for a record on its way, or for a person, stay parked.
        """
        buried, page = 0, 0
        until = self._outbox.now() - PATIENCE_SECONDS
        key = keys.missing(organisation, queue)
        while refs := self._redis.zrangebyscore(key, "-inf", until, page, PAGE):
            gone = self._bury_page(organisation, queue, refs)
            buried += gone
            page += PAGE - gone
        return buried

    def _bury_page(self, organisation: str, queue: str, refs: list[str]) -> int:
        with exclusively(self._redis, keys.lock(organisation, queue), LOCK_SECONDS) as lock:
            # A turn has the queue: the next look of the schedule comes soon enough.
            if lock is None:
                return 0
            # Between the look and the lock a turn may have freed or delivered some.
            parked = [ref for ref in refs if self._redis.zscore(keys.parked(organisation, queue), ref) is not None]
            records = list(load(self._redis, organisation, parked).values())
            results = [result for record in records if (result := self._missed(record)) is not None]
            settled = results and self._outbox.settle(organisation, queue, results, lock=lock) is not None
            return len(results) if settled else 0

    def _missed(self, record: Record) -> Result | None:
        linked = self._planner.load_linked(record.organisation, [record])
        waits = resolve_references(record, linked)[1]
        missing = [wait for wait in waits if wait.ref not in linked]
        return self._dead(record, waits, missing[0]) if missing else None

    def _dead(self, record: Record, waits: tuple[Wait, ...], missing: Wait) -> Result:
        hours = PATIENCE_SECONDS // 3600
        error = MissingError(f"{record.object} {record.key} waited {hours} hours for {missing.object} {missing.key}")
        next_step = f"let Segment send what makes {missing.object} {missing.key}, then replay"
        return replace(self._planner.bury(record, error, next_step), waits=waits)
