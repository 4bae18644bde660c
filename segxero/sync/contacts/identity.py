"""The identity of contacts: which contact of Xero a record is, and which name it may carry.

Adoption: a contact that Xero had before us is taken over, not doubled. The ladder: the contact whose ContactNumber is
our key (it is ours, and Redis has forgotten it), else the only contact with the same e-mail, else the contact of the
same name, unless both have an e-mail and they differ. A contact with another ContactNumber belongs to somebody else and
is left alone.

Naming: Xero refuses a name that another active contact holds. The rule does not depend on who came first: when two
contacts want the same name, each carries its e-mail behind it, and where that is shared or missing its id (see
xero/objects/contacts.py). Contacts that Xero had before us keep their names.

A turn calls `adopt` and then `choose_names` for the contacts that it is about to send.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from segxero import jsontext
from segxero.store import keys, scripts
from segxero.store.client import Store
from segxero.sync.contacts.index import ContactIndex, IndexedContact, digest
from segxero.sync.records import results
from segxero.sync.records.ready import Ready
from segxero.sync.records.record import Record
from segxero.sync.records.results import Result
from segxero.xero.api.refusals import Kind
from segxero.xero.objects.context import Context
from segxero.xero.objects.numbering import fit_key, make_number
from segxero.xero.objects.wanted import Wanted

REASON = "Xero has this contact already; it is kept up to date from now on"


class NameChoice(NamedTuple):
    """The name that a contact may carry: *level* 0 plain, 1 with e-mail, 2 with id.

    It stands *aside* when another contact of ours has its name in Xero and is about to give it up, perhaps because
    the two change names: it takes another name until then, so that neither waits for the other.
    """

    level: int
    aside: bool


class ContactIdentity:
    """Matches records with contacts of Xero, and keeps the claims on names, as digests."""

    def __init__(self, client: Store, index: ContactIndex) -> None:
        self._redis = client
        self._index = index
        self._write_claim = scripts.script(client, "segxero.sync.contacts", "claim")

    def adopt(self, organisation: str, batch: Sequence[Ready], now: float, *, strangers: bool = True) -> list[Result]:
        """Return a result for each new contact of *batch* that Xero has already: it is updated from now on.

        Without *strangers* only contacts that carry our key are taken over. Raise what XeroClient.call raises.
        """
        refused = any(ready.record.attempts for ready in batch)
        # A refusal says that the index is behind Xero. Contacts that Xero has need no index.
        if refused or any(not ready.record.xero_id for ready in batch):
            self._index.refresh(organisation, now, stale=refused)
        new = [ready for ready in batch if not ready.record.xero_id]
        by_number = self._index.numbered(organisation, [make_number(ready.wanted) for ready in new])
        matches = self._match_strangers(organisation, new) if strangers else {}
        taken: set[str] = set()
        adopted = []
        for ready in new:
            found = by_number.get(make_number(ready.wanted)) or matches.get(ready.record.ref)
            # Two records never share a contact: the second is created.
            if found is None or found.contact_id in taken:
                continue
            taken.add(found.contact_id)
            self._index.claim(organisation, found, make_number(ready.wanted))
            adopted.append(
                results.pending_adopted(ready.record, found.contact_id, REASON, {ready.record.row.adopted_as: "1"})
            )
        return adopted

    def choose_names(self, organisation: str, queue: str, batch: Sequence[Ready], context: Context) -> list[Ready]:
        """Return *batch* with names that no other contact holds.

        Other contacts with claims on these names, or on names free now, become due again.
        """
        choices = self.choose_levels(organisation, queue, [(ready.record, ready.wanted) for ready in batch])
        named = []
        for ready in batch:
            level, aside = choices[ready.record.ref]
            wanted = replace(ready.wanted, name_level=level)
            prepared = ready.record.row.prepare(wanted, context)
            named.append(replace(ready, wanted=wanted, prepared=prepared, comes_again=aside))
        return named

    def choose_levels(
        self, organisation: str, queue: str, batch: Sequence[tuple[Record, Wanted]]
    ) -> dict[str, NameChoice]:
        """Return for each ref which of its names the contact may carry."""
        claimed = {record.ref: [digest(name) for name in record.row.names(wanted)[:2]] for record, wanted in batch}
        for record, _ in batch:
            self._claim(organisation, queue, record, claimed[record.ref])
        index = self._index.named(organisation, {name for names in claimed.values() for name in names})
        return {record.ref: self._choose_level(organisation, record, wanted, index) for record, wanted in batch}

    def _match_strangers(self, organisation: str, new: Sequence[Ready]) -> dict[str, IndexedContact]:
        emails = {ready.record.ref: _email(ready) for ready in new}
        names = {ready.record.ref: digest(ready.record.row.names(ready.wanted)[0]) for ready in new}
        by_email = self._index.with_email(organisation, set(emails.values()))
        by_name = self._index.named(organisation, set(names.values()))
        found = {ref: match_contact(names[ref], emails[ref], by_email, by_name) for ref in names}
        return {ref: entry for ref, entry in found.items() if entry is not None}

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

    def _choose_level(
        self, organisation: str, record: Record, wanted: Wanted, index: Mapping[str, IndexedContact]
    ) -> NameChoice:
        names = record.row.names(wanted)
        aside = False
        for level, name in enumerate(names[:2]):
            key = digest(name)
            alone = self._redis.scard(keys.names(organisation, key)) <= 1
            if not alone or self._is_foreign(organisation, record, index.get(key)):
                continue
            if not _was_refused(record, key):
                return NameChoice(level, aside)
            # Xero refused the name, and the index shows its holder: a contact of ours, which may give it up.
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


def match_contact(
    name: str, email: str, by_email: Mapping[str, Sequence[IndexedContact]], by_name: Mapping[str, IndexedContact]
) -> IndexedContact | None:
    """Return the contact meant by a *name* and *email* (digests), or None."""
    free = [entry for entry in by_email.get(email, ()) if not entry.number]
    same = [entry for entry in free if entry.name == name] or free
    if len(same) == 1:
        return same[0]
    named = by_name.get(name)
    # A contact that Xero does not show has no name in the index.
    if named is None or named.number or not named.name:
        return None
    return None if email and named.email and email != named.email else named


def _was_refused(record: Record, name: str) -> bool:
    return record.obstacle.refusal == Kind.NAME_TAKEN and record.obstacle.name == name


def _email(ready: Ready) -> str:
    return digest(str(ready.prepared.payload.get("EmailAddress") or ""))
