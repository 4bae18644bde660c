"""Naming: the names of contacts. Xero refuses a name held by another active contact.

The rule does not depend on who came first: when two contacts want the same name, each carries its e-mail behind it.
With a shared or missing e-mail they are numbered in the order of their first events: "Ann Lee", "Ann Lee (2)". No id
ever shows. Contacts already in Xero keep their names. `ContactIdentity` calls it for the contacts about to be sent.
"""

from collections.abc import Sequence
from itertools import count
from typing import NamedTuple

from segxero import jsontext
from segxero.store import keys, scripts
from segxero.store.client import Store
from segxero.sync.contacts.index import ContactIndex, IndexedContact, digest
from segxero.sync.records.record import Record
from segxero.xero.api.refusals import Kind
from segxero.xero.objects.contact_names import put_number_behind
from segxero.xero.objects.numbering import fit_key
from segxero.xero.objects.wanted import Wanted

UNKNOWN = "~"  # behind all stamps: the place of a contact whose key no event has named


class NameChoice(NamedTuple):
    """The *name* allowed for a contact; '' for an abandoned contact.

    It stands *aside* when another contact of ours has its name in Xero and is about to give it up, perhaps because
    the two change names: it takes another name until then, and neither waits for the other.
    """

    name: str
    aside: bool = False


class Naming:
    """Keeps who wants which name, as digests."""

    def __init__(self, client: Store, index: ContactIndex) -> None:
        self._redis = client
        self._index = index
        self._write_claim = scripts.script(client, "segxero.sync.contacts", "claim")

    def choose(self, organisation: str, queue: str, batch: Sequence[tuple[Record, Wanted]]) -> dict[str, NameChoice]:
        """Return for each ref the allowed name of the contact."""
        claimed = {record.ref: [digest(name) for name in record.row.names(wanted)] for record, wanted in batch}
        for record, _ in batch:
            self.claim(organisation, queue, record, claimed[record.ref])
        return {record.ref: self._choose(organisation, record, wanted) for record, wanted in batch}

    def claim(self, organisation: str, queue: str, record: Record, wanted: Sequence[str]) -> None:
        """Note that *record* wants the names of the digests *wanted*, and no other any more."""
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
            args=[record.ref, jsontext.dumps(list(wanted)), len(gone)],
        )
        for name in (*gone, *new):
            self._wake_later(organisation, queue, record, name)

    def _wake_later(self, organisation: str, queue: str, record: Record, name: str) -> None:
        """Make the contacts due behind *record* in the line for the name: each has another number now."""
        line = self._line_up(organisation, name, record)
        behind = line[line.index(record.ref) + 1 :]
        if behind and len(line) > 1:
            now = float(self._redis.time()[0])
            self._redis.zadd(keys.outbox(organisation, queue), dict.fromkeys(behind, now), nx=True)

    def _line_up(self, organisation: str, name: str, record: Record) -> list[str]:
        """Return the refs of all contacts wanting the name *name* (a digest), by their first events, with *record*."""
        refs = sorted(map(str, self._redis.smembers(keys.names(organisation, name))))
        pipe = self._redis.pipeline(transaction=False)
        for ref in refs:
            pipe.hget(keys.record(organisation, ref), "names")
        wants = dict(zip(refs, (jsontext.loads(text or "[]") for text in pipe.execute()), strict=True))
        # A contact with an e-mail carries it behind the name, and needs no number.
        refs = [ref for ref in refs if wants[ref][-1:] == [name] or ref == record.ref]
        refs = refs if record.ref in refs else [*refs, record.ref]
        firsts = self._redis.hmget(keys.people(organisation), [ref.partition("|")[2] for ref in refs])
        place = {ref: str(first)[2:] if first else UNKNOWN for ref, first in zip(refs, firsts, strict=True)}
        return sorted(refs, key=lambda ref: (place[ref], ref))

    def _choose(self, organisation: str, record: Record, wanted: Wanted) -> NameChoice:
        names = record.row.names(wanted)
        if not names:
            return NameChoice("")
        aside = False
        # The last of the names is numbered where it is not free either.
        for name in names[:-1]:
            alone = self._redis.scard(keys.names(organisation, digest(name))) <= 1
            verdict = self._ask(organisation, record, name) if alone else False
            if verdict:
                return NameChoice(name, aside)
            aside = aside or verdict is None
        return self._number(organisation, record, names[-1], aside=aside)

    def _number(self, organisation: str, record: Record, base: str, *, aside: bool) -> NameChoice:
        """Return *base* with a number behind it: its place in the line, without the names of strangers."""
        others = self._line_up(organisation, digest(base), record)
        place = others.index(record.ref)
        for number in count(1):
            name = put_number_behind(base, number)
            verdict = self._ask(organisation, record, name)
            if verdict is False:
                continue
            if verdict and place == 0:
                return NameChoice(name, aside)
            if verdict is None and place == 0:
                # The name comes free later; until then it takes a name nobody in the line wants.
                place, aside = len(others), True
            place -= 1
        raise AssertionError("numbers do not end")

    def _ask(self, organisation: str, record: Record, name: str) -> bool | None:
        """Tell whether *record* may carry *name*; None when a contact of ours is about to give it up."""
        key = digest(name)
        entry = self._index.named(organisation, [key]).get(key)
        if self._is_foreign(organisation, record, entry):
            return False
        if not _was_refused(record, key):
            return True
        # Xero refused the name, and the index shows its holder: a contact of ours, and it may give it up.
        if entry is not None:
            return None
        return not self._index.is_unseen(organisation, key, record.ref, record.attempts)

    def _is_foreign(self, organisation: str, record: Record, entry: IndexedContact | None) -> bool:
        if entry is None or entry.contact_id == record.xero_id or entry.number == fit_key(record.key):
            return False
        number = entry.number
        return not (number and self._redis.exists(keys.record(organisation, keys.reference(record.object, number))))


def _was_refused(record: Record, name: str) -> bool:
    return record.obstacle.refusal == Kind.NAME_TAKEN and record.obstacle.name == name
