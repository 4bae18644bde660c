"""Links: decides, without a call, the link and the fields that a record gets from an element of Xero's lists.

A record made from Xero alone knows its id and the values that Xero shows. These rank below every value of an event and
above a mere suggestion, so a later event fills in or replaces, and never blanks. A record of Redis keeps the values of
its events. But when Xero was changed after the last thing that Redis knows of the record, Xero's values replace them.

The rebuild puts links; turns take over the links of shortened keys.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from segxero import jsontext
from segxero.store import keys, scripts
from segxero.store.client import Store
from segxero.sync.contacts.index import digest
from segxero.sync.records.disposition import Disposition
from segxero.sync.records.hash_fields import (
    DELIVERED,
    DISPOSITION,
    FIELDS,
    LINK,
    NAMES,
    OFF,
    REASON,
    REMEMBERED,
    SEEN,
    SETTLED_AT,
    SINCE,
    TAKEN,
    UNCERTAIN,
    XERO_ID,
)
from segxero.sync.records.operations import REFERENCE, flatten
from segxero.sync.records.record import Record, load
from segxero.xero.listings.listing import SHORTENED, Found
from segxero.xero.objects.likeness import holds
from segxero.xero.objects.numbering import fit_key
from segxero.xero.objects.table import OBJECTS
from segxero.xero.objects.wanted import Wanted

# Xero's values rank above a suggestion (0) and below an event (1); a guess ranks as an old suggestion.
SHOWN, GUESSED = "0~", "0|0000|"
WHY = "its link was read from Xero"
NEW, KNOWN, MENDED, SHARED = "linked", "already linked", "contradictions", "shared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The changes to a record: their *kind* for the report, and the plan of link.lua."""

    kind: str
    is_newer: bool = False  # Xero has something that Redis does not know of
    was: str = ""  # the other id that Redis had
    set: Mapping[str, str] = field(default_factory=dict)
    first: Mapping[str, str] = field(default_factory=dict)
    fields: Sequence[tuple[str, str, str]] = ()
    instead: Sequence[tuple[str, str, str, str]] = ()

    def to_json(self) -> str:
        """Return the argument of link.lua."""
        plan = {"set": self.set, "first": self.first, "fields": self.fields, "instead": self.instead}
        return jsontext.dumps(plan)


def decide(found: Found, stored: Mapping[str, str], now: float) -> Link:
    """Return the changes to the record whose hash is *stored* ({} for none); *now* is in seconds."""
    shown = list(_shown(found, now))
    if not found.xero_id:
        return Link(kind=SHARED, fields=shown)
    had = stored.get(XERO_ID, "")
    row = OBJECTS[found.object]
    xero_id = had if had and found.has_other_names else found.xero_id
    link = {
        **{REMEMBERED + name: text for name, text in found.remembered.items()},
        XERO_ID: xero_id,
        SEEN: jsontext.dumps(found.seen) if found.seen else OFF,
        UNCERTAIN: OFF,
        TAKEN: OFF,
        **({REMEMBERED + row.archived_as: OFF} if row.archived_as else {}),
    }
    # Xero writes the same id in either case of letters.
    is_other = bool(had) and had.lower() != xero_id.lower()
    instead = _instead(found, stored, shown)
    return Link(
        kind=MENDED if is_other else KNOWN if had else NEW,
        is_newer=bool(instead),
        was=had if is_other else "",
        set=link if not is_other and not instead else {**link, DELIVERED: OFF},
        first={DISPOSITION: Disposition.DELIVERED, REASON: WHY, **_names(found, stored)},
        fields=shown,
        instead=instead,
    )


def _names(found: Found, stored: Mapping[str, str]) -> dict[str, str]:
    """Return the names that the record wants, as contacts/naming.py keeps them, unless it has claimed some itself."""
    row = OBJECTS[found.object]
    if not row.has_unique_names or NAMES in stored or SHORTENED.search(found.key):
        return {}
    wanted = row.names(Wanted(key=found.key, fields=found.fields))
    return {NAMES: jsontext.dumps([digest(name) for name in wanted])}


def _shown(found: Found, now: float) -> Iterator[tuple[str, str, str]]:
    """Yield (path, stamp, value) of the values that Xero shows."""
    moment = f"{datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H:%M:%S.%f}"
    for path, value in flatten(found.fields, OBJECTS[found.object].slots):
        stamp = GUESSED if path in found.guessed else f"{SHOWN}|{moment}|"
        yield path, stamp, jsontext.canonical(value)
    for name, others in found.references.items():
        entries = [{"object": other, "key": key, "optional": name == "Tracking"} for other, key in others]
        yield REFERENCE + name, f"{SHOWN}|{moment}|", jsontext.canonical(entries)


def _instead(
    found: Found, stored: Mapping[str, str], shown: Sequence[tuple[str, str, str]]
) -> list[tuple[str, str, str, str]]:
    """Return (path, old entry, stamp, value) for the fields in which Xero is newer than Redis."""
    # A new record has no older value to replace.
    known_until = max(float(stored.get(name) or 0) for name in (SETTLED_AT, SINCE))
    if not known_until or found.changed_at <= known_until:
        return []
    others = []
    for path, stamp, value in shown:
        old = stored.get(FIELDS + path, "")
        # Xero shows no references as segxero makes them, so a difference there says nothing.
        if old and not path.startswith(REFERENCE) and not _alike(old.partition("\n")[2], value):
            others.append((path, old, stamp, value))
    tells = found.telling is None or any(path in found.telling for path, *_ in others)
    return others if tells else []


def _alike(one: str, other: str) -> bool:
    left, right = jsontext.loads(one), jsontext.loads(other)
    return holds(left, right) or str(left) == str(right)


class Links:
    """Writes links into the records of Redis."""

    def __init__(self, client: Store) -> None:
        self._redis = client
        self._link = scripts.script(client, "segxero.sync.recovery", "link")

    def put(self, organisation: str, founds: Sequence[Found], now: float, *, dry: bool = False) -> list[Link]:
        """Link the records of *founds*, unless it is a *dry* run; return the changes to each."""
        names = [keys.record(organisation, keys.reference(found.object, found.key)) for found in founds]
        pipe = self._redis.pipeline(transaction=False)
        for name in names:
            pipe.hgetall(name)
        links = [decide(found, stored, now) for found, stored in zip(founds, pipe.execute(), strict=True)]
        # The decisions are made on the same data as in a real run, so a dry run promises what a real run does.
        if dry:
            return links
        for name, found, link in zip(names, founds, links, strict=True):
            self._link(keys=[name], args=[link.to_json()], client=pipe)
            if claimed := link.first.get(NAMES):
                for wanted in jsontext.loads(claimed):
                    pipe.sadd(keys.names(organisation, wanted), keys.reference(found.object, found.key))
        pipe.execute()
        return links

    def unlink(self, organisation: str, ref: str) -> None:
        """Forget an id that Xero does not have: the next event makes the record anew."""
        self._redis.hdel(keys.record(organisation, ref), *LINK)

    def taken_over(self, organisation: str, records: Sequence[Record]) -> list[Record]:
        """Return *records*; a record whose key Xero could only hold shortened gets its link here.

        A listing shows the shortened key alone, so the link waits under that key until an event brings the whole key.
        """
        short = {
            one.ref: keys.reference(one.object, key)
            for one in records
            if not one.xero_id and (key := _fit_key(one)) != one.key
        }
        # Nearly all turns end here, without a call to Redis.
        if not short:
            return list(records)
        pipe = self._redis.pipeline(transaction=False)
        for alias in short.values():
            pipe.hgetall(keys.record(organisation, alias))
        linked = []
        for ref, stored in zip(short, pipe.execute(), strict=True):
            if stored.get(XERO_ID):
                self._link(keys=[keys.record(organisation, ref)], args=[_copy(stored).to_json()], client=pipe)
                linked.append(ref)
        pipe.execute()
        fresh = load(self._redis, organisation, linked)
        return [fresh.get(record.ref, record) for record in records]


def _fit_key(record: Record) -> str:
    longest = record.row.longest
    return fit_key(record.key, longest) if longest else record.key


def _copy(stored: Mapping[str, str]) -> Link:
    kept = {name: text for name, text in stored.items() if name.startswith(REMEMBERED) or name in (XERO_ID, SEEN)}
    fields = [
        (name.removeprefix(FIELDS), *text.split("\n", 1)) for name, text in stored.items() if name.startswith(FIELDS)
    ]
    return Link(kind=NEW, set=kept, fields=[(path, stamp, value) for path, stamp, value in fields])
