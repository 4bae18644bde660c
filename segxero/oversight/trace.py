"""The trace of a record, found by any of its names. Read by `segxero trace` and the console.

A key is looked up. Any other name (Xero id, Xero's number, e-mail, messageId, request id, digest from the logs) is
searched in all records, because an index of every event would need more memory than the records.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from segxero.dead_letters import DeadLetter
from segxero.store import keys
from segxero.store.client import Store
from segxero.sync.records import trace
from segxero.sync.records.disposition import Disposition
from segxero.sync.records.hash_fields import DISPOSITION, FIELDS, REASON, REMEMBERED, STUCK, XERO_ID
from segxero.xero.objects.table import OBJECTS

PAGE = 1000
EMAIL = f"{FIELDS}EmailAddress"
NUMBER = f"{REMEMBERED}number"

NEEDS_YOU = "needs you"
STATES: dict[str, str] = {
    Disposition.PENDING: "waiting for Xero",
    Disposition.UNCERTAIN: "waiting for Xero",
    Disposition.PARKED: "waiting for another record",
    Disposition.DELIVERED: "booked",
    Disposition.UNCHANGED: "booked",
    Disposition.DEAD: NEEDS_YOU,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A record with its *fields* as (name, value, event time), its *entries* in order, and its dead *letters*."""

    organisation: str
    record: str
    disposition: str
    reason: str
    xero_id: str
    link: str
    fields: tuple[tuple[str, str, str], ...]
    entries: tuple[Mapping[str, Any], ...] = ()
    letters: tuple[Mapping[str, Any], ...] = ()
    needs_you: bool = False

    @property
    def state(self) -> str:
        """The disposition in a bookkeeper's words."""
        return NEEDS_YOU if self.needs_you else STATES.get(self.disposition, self.disposition)


def find_traces(
    client: Store,
    organisations: Iterable[str],
    objects: Iterable[str],
    name: str,
    letters: Iterable[DeadLetter] = (),
) -> Iterator[Trace]:
    """Yield the trace of every record with this *name*."""
    places = [(organisation, keys.reference(kind, name)) for organisation in organisations for kind in objects]
    found = [place for place in places if client.exists(keys.record(*place))]
    # Only an unknown key needs the search, which reads every record.
    if not found:
        found = sorted(search_records(client, name))
    kept = list(letters) if found else []
    for organisation, ref in found:
        yield _trace(client, organisation, ref, kept)


def find_letters(letters: Iterable[DeadLetter], name: str) -> list[DeadLetter]:
    """Return the dead letters with *name* as their id or key, or in their events."""
    return [
        letter for letter in letters if name in (letter.id, letter.key) or any(name in text for text in letter.events)
    ]


def search_records(client: Store, name: str) -> set[tuple[str, str]]:
    """Return (organisation, ref) of the records found by a *name* other than their key."""
    found: set[tuple[str, str]] = set()
    prefix = keys.record("", "").rstrip(":") + ":"
    for page in _pages(client, f"{prefix}*"):
        places = [_place(key, prefix) for key in page]
        pipe = client.pipeline(transaction=False)
        for key, place in zip(page, places, strict=True):
            pipe.hmget(key, XERO_ID, NUMBER, EMAIL)
            pipe.lrange(keys.trace(*place), 0, -1)
        answers = pipe.execute()
        for place, (xero_id, number, email), entries in zip(places, answers[::2], answers[1::2], strict=True):
            if _is_named(name, (xero_id, number, keys.digest(place[1])), email, entries):
                found.add(place)
    return found


def _is_named(name: str, names: tuple[str | None, ...], email: str | None, entries: Iterable[str]) -> bool:
    written = (email or "").partition("\n")[2].strip('"')
    if name in names or name.lower() == written.lower():
        return True
    return any(name in text and name in trace.read([text])[0].values() for text in entries)


def _pages(client: Store, pattern: str) -> Iterator[list[str]]:
    page: list[str] = []
    for key in client.scan_iter(pattern, count=PAGE, _type="hash"):
        page.append(key)
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page


def _place(key: str, prefix: str) -> tuple[str, str]:
    """Return (organisation, ref) of a record's Redis *key*. Object names contain neither colon nor bar."""
    head, _, rest = key.removeprefix(prefix).partition("|")
    organisation, _, name = head.rpartition(":")
    return organisation, keys.reference(name, rest)


def _trace(client: Store, organisation: str, ref: str, letters: Iterable[DeadLetter]) -> Trace:
    stored = client.hgetall(keys.record(organisation, ref))
    fields = []
    for name, text in sorted(stored.items()):
        if name.startswith(FIELDS):
            stamp, _, value = text.partition("\n")
            fields.append((name.removeprefix(FIELDS), value, stamp.split("|")[1]))
    xero_id = stored.get(XERO_ID, "")
    kind = OBJECTS.get(ref.partition("|")[0])
    return Trace(
        organisation=organisation,
        record=ref,
        disposition=stored.get(DISPOSITION, ""),
        reason=stored.get(REASON, ""),
        needs_you=bool(stored.get(STUCK)),
        xero_id=xero_id,
        link=kind.page.format(xero_id) if kind and xero_id else "",
        fields=tuple(fields),
        entries=tuple(trace.read(client.lrange(keys.trace(organisation, ref), 0, -1))),
        letters=tuple(
            {"id": letter.id, "error": letter.error, "message": letter.message, "next_step": letter.next_step}
            for letter in letters
            if (letter.organisation, keys.reference(letter.object, letter.key)) == (organisation, ref)
        ),
    )
