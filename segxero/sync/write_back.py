"""Telling: the records that Xero has got are told to Segment, each once; what Segment does not take waits."""

from dataclasses import dataclass

from segxero.segment.write_back import DOCUMENTS, WriteBack, WrittenBack
from segxero.store import keys
from segxero.store.client import Store
from segxero.store.locks import exclusively
from segxero.sync.records.record import Record, load
from segxero.sync.waiting.outbox import WRITE_BACK, Outbox

MOST = 10  # links in one turn
LOCK_SECONDS = 120  # longer than a turn: every call may take its whole time-out


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteBacks:
    """Takes turns at the outbox of the write-back."""

    store: Store
    outbox: Outbox
    write_back: WriteBack

    def turn(self, organisation: str) -> int:
        """Tell Segment up to 10 links and return how many. Raise RetryableError or PermanentError.

        A link is taken out after Segment has it; told twice, it has the same message id and Segment keeps the first.
        """
        with exclusively(self.store, keys.lock(organisation, WRITE_BACK), LOCK_SECONDS) as lock:
            return self._tell(organisation) if lock else 0

    def _tell(self, organisation: str) -> int:
        refs = self.outbox.due(organisation, WRITE_BACK, MOST)
        records = load(self.store, organisation, refs)
        for ref in refs:
            record = records.get(ref)
            if record is not None and record.xero_id:
                self._tell_one(record)
            self.outbox.remove(organisation, WRITE_BACK, ref)
        return len(refs)

    def _tell_one(self, record: Record) -> None:
        """Tell of *record*; a document whose sender is not known is not told of, because it would make a new user."""
        sender = self._sender(record) if record.object in DOCUMENTS else ""
        if sender or record.object not in DOCUMENTS:
            self.write_back.tell(_link(record, sender))

    def _sender(self, record: Record) -> str:
        """Return the key of the document's contact; a refund has that of its order."""
        for entry in record.references.get("Contact", []):
            return str(entry["key"])
        orders = [keys.reference("Invoice", str(entry["key"])) for entry in record.references.get("Invoice", [])]
        for order in load(self.store, record.organisation, orders).values():
            return self._sender(order)
        return ""


def _link(record: Record, sender: str) -> WrittenBack:
    return WrittenBack(
        object=record.object,
        key=record.key,
        xero_id=record.xero_id,
        told_as=record.told_as or "userId",
        sender=sender,
    )
