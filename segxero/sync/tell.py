"""Telling: the records that Xero has got are told to Segment, each once; what Segment does not take waits."""

from contextlib import suppress
from dataclasses import dataclass

from redis.exceptions import LockError

from segxero import keys
from segxero.segment.write_back import Link, WriteBack
from segxero.store import Store
from segxero.sync.outbox import WRITE_BACK, Outbox
from segxero.sync.records import Record, load

MOST = 10  # links in one turn
LOCK_SECONDS = 120  # longer than a turn: every call may take its whole time-out


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Takes turns at the outbox of the write-back."""

    store: Store
    outbox: Outbox
    write_back: WriteBack

    def turn(self, organisation: str) -> int:
        """Tell Segment up to 10 links and return how many. Raise RetryableError or PermanentError.

        A link is taken out after Segment has it; told twice, it has the same message id and Segment keeps the first.
        """
        lock = self.store.lock(keys.lock(organisation, WRITE_BACK), timeout=LOCK_SECONDS, thread_local=False)
        if not lock.acquire(blocking=False):
            return 0
        try:
            return self._tell(organisation)
        finally:
            with suppress(LockError):
                lock.release()

    def _tell(self, organisation: str) -> int:
        refs = self.outbox.due(organisation, WRITE_BACK, MOST)
        records = load(self.store, organisation, refs)
        for ref in refs:
            record = records.get(ref)
            if record is not None and record.xero_id:
                self.write_back.tell(_link(record))
            self.outbox.remove(organisation, WRITE_BACK, ref)
        return len(refs)


def _link(record: Record) -> Link:
    contact = record.references.get("Contact", [])
    return Link(
        object=record.object,
        key=record.key,
        xero_id=record.xero_id,
        told_as=record.told_as or "userId",
        sender=str(contact[0]["key"]) if contact else "",
    )
