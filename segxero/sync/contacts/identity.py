"""The identity of contacts: the contact in Xero of a record, and its allowed name.

Adoption: a contact already in Xero is taken over, not doubled. The ladder: the contact whose ContactNumber is
our key (it is ours, and Redis has forgotten it), else the only contact with the same e-mail, else the contact of the
same name, unless both have an e-mail and they differ. A contact with another ContactNumber belongs to somebody else and
is left alone.

Names are given by `naming.py`.

A turn calls `adopt` and then `choose_names` for the contacts to be sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from segxero.mapping.policies import POLICIES
from segxero.store.client import Store
from segxero.sync.contacts.index import ContactIndex, IndexedContact, digest
from segxero.sync.contacts.naming import Naming
from segxero.sync.records import results
from segxero.sync.records.ready import Ready
from segxero.sync.records.record import Record
from segxero.sync.records.results import Result
from segxero.xero.objects.context import Context
from segxero.xero.objects.numbering import make_number

WHICH_CONTACT = "which_contact"
REASON = "Xero has this contact already; it is kept up to date from now on"


@dataclass(frozen=True, slots=True)
class Several:
    """Several contacts in Xero have the e-mail address."""

    number: int


class ContactIdentity:
    """Matches contacts with the contacts in Xero, and gives them their names."""

    def __init__(self, client: Store, index: ContactIndex) -> None:
        self._index = index
        self._naming = Naming(client, index)

    def adopt(
        self, organisation: str, batch: Sequence[Ready], now: float, *, strangers: bool = True, asks: bool = True
    ) -> list[Result]:
        """Return a result for each new contact of *batch* already in Xero: it is updated from now on.

        Without *strangers* only contacts with our key are taken over. With several possible contacts a person is
        asked, unless *asks* is False: then a new contact is made. Raise the errors of XeroClient.call.
        """
        refused = any(ready.record.attempts for ready in batch)
        # After a refusal the index is known to be behind Xero. Contacts in Xero need no index.
        if refused or any(not ready.record.xero_id for ready in batch):
            self._index.refresh(organisation, now, stale=refused)
        new = [ready for ready in batch if not ready.record.xero_id]
        by_number = self._index.numbered(organisation, [make_number(ready.wanted) for ready in new])
        matches = self._match_strangers(organisation, new) if strangers else {}
        taken: set[str] = set()
        adopted = []
        for ready in new:
            number, match = make_number(ready.wanted), matches.get(ready.record.ref)
            if isinstance(match, Several) and number not in by_number:
                adopted += [_ask(ready)] if asks else []
                continue
            found = by_number.get(number) or (None if isinstance(match, Several) else match)
            # Two records never share a contact: the second contact is created.
            if found is None or found.contact_id in taken:
                continue
            taken.add(found.contact_id)
            self._index.claim(organisation, found, number)
            adopted.append(
                results.pending_adopted(ready.record, found.contact_id, REASON, {ready.record.row.adopted_as: "1"})
            )
        return adopted

    def choose_names(self, organisation: str, queue: str, batch: Sequence[Ready], context: Context) -> list[Ready]:
        """Return *batch* with names not held by other contacts.

        Other contacts with claims on these names, or on names free now, become due again.
        """
        choices = self._naming.choose(organisation, queue, [(ready.record, ready.wanted) for ready in batch])
        named = []
        for ready in batch:
            name, aside = choices[ready.record.ref]
            wanted = replace(ready.wanted, chosen_name=name)
            prepared = ready.record.row.prepare(wanted, context)
            named.append(replace(ready, wanted=wanted, prepared=prepared, comes_again=aside))
        return named

    def release_names(self, organisation: str, queue: str, record: Record) -> None:
        """Give up the names of a record joined to another."""
        self._naming.claim(organisation, queue, record, [])

    def _match_strangers(self, organisation: str, new: Sequence[Ready]) -> dict[str, "IndexedContact | Several"]:
        emails = {ready.record.ref: _email(ready) for ready in new}
        names = {ready.record.ref: digest(ready.record.row.names(ready.wanted)[0]) for ready in new}
        by_email = self._index.with_email(organisation, set(emails.values()))
        by_name = self._index.named(organisation, set(names.values()))
        found = {ref: match_contact(names[ref], emails[ref], by_email, by_name) for ref in names}
        return {ref: entry for ref, entry in found.items() if entry is not None}


def match_contact(
    name: str, email: str, by_email: Mapping[str, Sequence[IndexedContact]], by_name: Mapping[str, IndexedContact]
) -> "IndexedContact | Several | None":
    """Return the contact with a *name* and *email* (digests), several possible contacts, or None."""
    free = [entry for entry in by_email.get(email, ()) if not entry.number]
    same = [entry for entry in free if entry.name == name] or free
    if len(same) == 1:
        return same[0]
    if same:
        return Several(len(same))
    named = by_name.get(name)
    # A contact hidden by Xero has no name in the index.
    if named is None or named.number or not named.name:
        return None
    return None if email and named.email and email != named.email else named


def _ask(ready: Ready) -> Result:
    """Return the question about several possible contacts; all orders of the person wait for its answer."""
    name, email = ready.record.row.names(ready.wanted)[0], ready.prepared.payload.get("EmailAddress")
    reason = f"Which {name}? {POLICIES[WHICH_CONTACT].remedy} (policy {WHICH_CONTACT}): {email}"
    return results.parked_in_group(ready.record, WHICH_CONTACT, reason)


def _email(ready: Ready) -> str:
    return digest(str(ready.prepared.payload.get("EmailAddress") or ""))
