"""Naming: who may carry which contact name. Xero refuses a name that another active contact holds.

The rule does not depend on who came first: when two contacts want one name, each carries its e-mail behind it, and
where that is shared or missing its id (see xero/contacts.py). Contacts that Xero had before us keep their names.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from segxero import jsontext
from segxero.store import keys, scripts
from segxero.store.client import Store
from segxero.sync.contacts.index import ContactIndex, IndexedContact, digest, normalised
from segxero.sync.delivery.verdicts import NAME_TAKEN
from segxero.sync.records.record import Record
from segxero.xero.objects.numbering import fit_key
from segxero.xero.objects.wanted import Wanted


class NameChoice(NamedTuple):
    """Which of its names a contact may carry: *level* 0 plain, 1 with e-mail, 2 with id.

    It stands *aside* when another contact of ours has its name in Xero and is about to give it up, perhaps because
    the two change names: it takes another name until then, so that neither waits for the other.
    """

    level: int
    aside: bool


class Naming:
    """Keeps who wants which name, as digests, and gives no name that a contact holds that is not ours."""

    def __init__(self, client: Store, index: ContactIndex) -> None:
        self._redis = client
        self._index = index
        self._write_claim = scripts.script(client, "segxero.sync.contacts", "claim")

    def levels(self, organisation: str, queue: str, batch: Sequence[tuple[Record, Wanted]]) -> dict[str, NameChoice]:
        """Return for each ref which of its names the contact may carry.

        Others who want one of these names, or wanted one that is free now, become due again.
        """
        claimed = {record.ref: [digest(name) for name in record.row.names(wanted)[:2]] for record, wanted in batch}
        for record, _ in batch:
            self._claim(organisation, queue, record, claimed[record.ref])
        index = self._index.named(organisation, {name for names in claimed.values() for name in names})
        return {record.ref: self._level(organisation, record, wanted, index) for record, wanted in batch}

    def _claim(self, organisation: str, queue: str, record: Record, wanted: list[str]) -> None:
        gone = [name for name in record.names if name not in wanted]
        new = [name for name in wanted if name not in record.names]
        if not gone and not new:
            return
        self._write_claim(
            keys=[
                keys.record(organisation, record.ref),
                keys.outbox(organisation, queue),
                *(keys.names(organisation, name) for name in (*gone, *new)),
            ],
            args=[record.ref, jsontext.dumps(wanted), len(gone)],
        )

    def _level(
        self, organisation: str, record: Record, wanted: Wanted, index: Mapping[str, IndexedContact]
    ) -> NameChoice:
        names = record.row.names(wanted)
        refusal, aside = normalised(record.reason), False
        for level, name in enumerate(names[:2]):
            key = digest(name)
            alone = self._redis.scard(keys.names(organisation, key)) <= 1
            if not alone or self._is_foreign(organisation, record, index.get(key)):
                continue
            if f"{normalised(name)} is {NAME_TAKEN}" not in refusal:
                return NameChoice(level, aside)
            if key in index:
                aside = True
            elif not self._index.is_unseen(organisation, key, record.ref, record.attempts):
                return NameChoice(level, aside)
        return NameChoice(len(names) - 1, aside)

    def _is_foreign(self, organisation: str, record: Record, entry: IndexedContact | None) -> bool:
        if entry is None or entry.contact_id == record.xero_id or entry.number == fit_key(record.key):
            return False
        number = entry.number
        return not (number and self._redis.exists(keys.record(organisation, keys.reference(record.object, number))))
