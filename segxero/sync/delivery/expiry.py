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
from segxero.sync.records import results as outcomes
from segxero.sync.records.buyers import BUYER
from segxero.sync.records.ready import Wait
from segxero.sync.records.record import Record, load
from segxero.sync.records.results import Result
from segxero.sync.waiting.outbox import Outbox

PAGE = 100
COMPANY_SECONDS = 24 * 3600  # an order of a company waits so long for its group call before a person is asked
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
            results = [result for record in records if (result := self._judge(queue, record)) is not None]
            settled = results and self._outbox.settle(organisation, queue, results, lock=lock) is not None
            return len(results) if settled else 0

    def _judge(self, queue: str, record: Record) -> Result | None:
        linked = self._planner.load_linked(record.organisation, [record])
        waits = resolve_references(record, linked)[1]
        if record.references.get(BUYER):
            since = self._redis.zscore(keys.missing(record.organisation, queue), record.ref) or 0
            is_late = self._outbox.now() - float(since) >= COMPANY_SECONDS
            return _ask_company(record, waits) if is_late else None
        missing = [wait for wait in waits if wait.ref not in linked]
        return self._dead(record, waits, missing[0]) if missing else None

    def _dead(self, record: Record, waits: tuple[Wait, ...], missing: Wait) -> Result:
        hours = PATIENCE_SECONDS // 3600
        error = MissingError(f"{record.object} {record.key} waited {hours} hours for {missing.object} {missing.key}")
        next_step = f"let Segment send what makes {missing.object} {missing.key}, then replay"
        return replace(self._planner.bury(record, error, next_step), waits=waits)


def _ask_company(record: Record, waits: tuple[Wait, ...]) -> Result | None:
    """Return the question for an order whose company nobody has named; None when it waits for something else."""
    company = next((entry["key"] for entry in record.references.get("Contact", ())), "")
    if all(wait.key != company for wait in waits):
        return None
    total, currency = record.fields.get("Total", ""), record.fields.get("CurrencyCode", "")
    money = f" ({total} {currency})".replace(" )", ")") if total else ""
    reason = (
        f"Order {record.key}{money} was placed for the company {company}, and no group call has named the company."
        " Send the group call, or let the buyer owe the order (setting debtor: person)."
    )
    return outcomes.parked(record, reason, waits_for=waits, stuck=True)
