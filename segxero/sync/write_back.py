"""The write-back: tells Segment the Xero id of each new record once; a record that Segment does not take waits.

The write_back queue takes its turns here.
"""

from dataclasses import dataclass

from segxero.segment.write_back import WriteBack, WrittenBack
from segxero.store import keys
from segxero.store.client import Store
from segxero.store.locks import exclusively
from segxero.sync.records.record import Record, load
from segxero.sync.waiting.outbox import WRITE_BACK, Outbox
from segxero.xero.objects.table import OBJECTS

MOST = 10  # links in one turn
LOCK_SECONDS = 120  # longer than a turn: every call may take its whole time-out


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteBacks:
    """Takes turns at the outbox of the write-back."""

    store: Store
    outbox: Outbox
    write_back: WriteBack

    def take_turn(self, organisation: str) -> int:
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
            # After the call: a process that dies between tells Segment twice, and Segment keeps the first.
            self.outbox.remove(organisation, WRITE_BACK, ref)
        return len(refs)

    def _tell_one(self, record: Record) -> None:
        """Tell Segment the Xero id of *record*, unless its sender is not known."""
        sender = self._find_sender(record) if record.row.names_sender else ""
        # A call without a sender would make a new user in Segment.
        if sender or not record.row.names_sender:
            self.write_back.tell(_link(record, sender))

    def _find_sender(self, record: Record) -> str:
        """Return the key of the user who sent the events of *record*; a refund has the sender of its order."""
        for entry in (entry for name in record.row.names_sender for entry in record.references.get(name, [])):
            kind, key = str(entry["object"]), str(entry["key"])
            if not OBJECTS[kind].names_sender:
                return key
            for other in load(self.store, record.organisation, [keys.reference(kind, key)]).values():
                return self._find_sender(other)
        return ""


def _link(record: Record, sender: str) -> WrittenBack:
    told_as, _, told_id = record.told_as.partition(" ")
    return WrittenBack(
        object=record.object,
        key=record.key if record.row.names_sender else told_id or record.key,
        xero_id=record.xero_id,
        told_as=told_as or "userId",
        sender=told_id or sender,
    )
