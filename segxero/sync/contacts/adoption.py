"""Adoption: a contact that Xero had before us is taken over, not doubled.

The ladder: the one whose ContactNumber is our key (it is ours, and Redis has forgotten it), else the only one with the
same e-mail, else the one of the same name, unless both have an e-mail and they differ. One that carries another
ContactNumber belongs to somebody else and is left alone.
"""

from collections.abc import Mapping, Sequence

from segxero.sync.contacts.index import ContactIndex, IndexedContact, digest
from segxero.sync.delivery.planning import Ready
from segxero.sync.records.record import REMEMBERED
from segxero.sync.waiting.outbox import Result
from segxero.xero.objects.numbering import make_number


class Adoption:
    """Finds among the contacts that Xero has those that are meant; it makes no call."""

    def __init__(self, index: ContactIndex) -> None:
        self._index = index

    def adopt(self, organisation: str, batch: Sequence[Ready], *, strangers: bool = True) -> list[Result]:
        """Return a result for each new contact of *batch* that Xero has already: it is updated from now on.

        Without *strangers* only those are taken over that carry our key.
        """
        new = [ready for ready in batch if not ready.record.xero_id]
        by_number = self._index.numbered(organisation, [make_number(ready.wanted) for ready in new])
        emails = {ready.record.ref: _email(ready) for ready in new} if strangers else {}
        names = (
            {ready.record.ref: digest(ready.record.row.names(ready.wanted)[0]) for ready in new} if strangers else {}
        )
        by_email = self._index.with_email(organisation, set(emails.values()))
        by_name = self._index.named(organisation, set(names.values()))
        taken: set[str] = set()
        results = []
        for ready in new:
            ref = ready.record.ref
            found = by_number.get(make_number(ready.wanted))
            if found is None and strangers:
                found = match(names[ref], emails[ref], by_email, by_name)
            if found is None or found.contact_id in taken:
                continue
            taken.add(found.contact_id)
            self._index.claim(organisation, found, make_number(ready.wanted))
            values = {"xero_id": found.contact_id, REMEMBERED + ready.record.row.adopted_as: "1"}
            reason = "Xero has this contact already; it is kept up to date from now on"
            results.append(Result(record=ready.record, disposition="pending", reason=reason, set=values))
        return results


def match(
    name: str, email: str, by_email: Mapping[str, Sequence[IndexedContact]], by_name: Mapping[str, IndexedContact]
) -> IndexedContact | None:
    """Return the contact that is meant by a *name* and *email* (digests), or None."""
    free = [entry for entry in by_email.get(email, ()) if not entry.number]
    same = [entry for entry in free if entry.name == name] or free
    if len(same) == 1:
        return same[0]
    named = by_name.get(name)
    # One that Xero does not show has no name here.
    if named is None or named.number or not named.name:
        return None
    return None if email and named.email and email != named.email else named


def _email(ready: Ready) -> str:
    return digest(str(ready.prepared.payload.get("EmailAddress") or ""))
