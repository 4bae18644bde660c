"""Records: the wanted state of a Xero object, folded from its operations.

Everything in sync/ and oversight/ reads records by `load`. fold.lua, settle.lua and link.lua write their hashes; see
STATES.md beside this module for the meaning of the flags.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from segxero import jsontext
from segxero.store import keys
from segxero.store.client import Store
from segxero.sync.records import hash_fields
from segxero.sync.records.disposition import Disposition
from segxero.sync.records.hash_fields import FIELDS, REMEMBERED
from segxero.sync.records.operations import FALLBACK, REFERENCE, unflatten
from segxero.telemetry.causes import NO_OBSTACLE, Obstacle
from segxero.xero.objects.table import OBJECTS
from segxero.xero.objects.wanted import Linked, Wanted
from segxero.xero.objects.xero_object import XeroObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record as Redis holds it; *delivered* is the digest of the payload that Xero has.

    The class is wide because it mirrors the flat hash, field by field; the Lua scripts write the same names.
    """

    organisation: str
    object: str
    key: str
    version: str
    disposition: str
    reason: str = ""  # a sentence for people, and its facts
    obstacle: Obstacle = NO_OBSTACLE
    fields: Mapping[str, Any]
    references: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    xero_id: str = ""
    delivered: str = ""
    attempts: int = 0
    mapping: str = ""  # the one that changed it last, and the version of the mappings
    attempted: tuple[float, ...] = ()  # seconds of the last attempts that Xero refused
    failing_since: float = 0.0  # second of the first attempt (Redis' clock)
    deaths: int = 0  # processes that ended while they sent it
    batch: int = 0
    remembered: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()  # digests of the names it wants, see contacts/identity.py
    stuck: bool = False  # nothing but a person helps it
    retry_group: str = ""  # the group of records with which it is looked at again, see retry_groups.py
    looks: bool = False  # somebody wants to know whether Xero takes it now
    told_as: str = ""  # by which name Segment knows the sender of its events
    uncertain: bool = False  # it was sent and the answer is lost: Xero is asked before it is sent again
    taken: bool = False  # Xero says that its number exists already
    seen: Mapping[str, Any] = field(default_factory=dict)  # Xero's element when its link was rebuilt (see links.py)
    oldest: str = ""  # time of the oldest event that has a say in it, as its stamp has it
    suggested: frozenset[str] = frozenset()  # names of fields that no event has set, only suggested
    joined: str = ""  # the key of the record that stands for the same person, see contacts/people.py
    ref: str = field(default="", compare=False, repr=False)  # its name in its organisation: `Contact|u1`
    row: XeroObject = field(init=False, compare=False, repr=False)  # the Xero object that it is one of

    def __post_init__(self) -> None:
        # A loaded record knows its ref from the key of its hash.
        object.__setattr__(self, "ref", self.ref or keys.reference(self.object, self.key))
        object.__setattr__(self, "row", OBJECTS[self.object])

    def linked(self) -> Linked:
        """Return the record as those see it that refer to it."""
        return Linked(
            object=self.object, key=self.key, xero_id=self.xero_id, fields=self.fields, remembered=self.remembered
        )

    def wanted(self, linked: Mapping[str, tuple[Linked, ...]]) -> Wanted:
        """Return the record as its row's functions see it."""
        return Wanted(
            key=self.key,
            fields=self.fields,
            references=linked,
            xero_id=self.xero_id,
            remembered=self.remembered,
            suggested=self.suggested,
            joined=self.joined,
        )

    @classmethod
    def from_hash(cls, organisation: str, ref: str, stored: Mapping[str, str]) -> "Record":
        """Build a record from its Redis hash."""
        name, _, key = ref.partition("|")
        values: dict[str, Any] = {}
        references: dict[str, Any] = {}
        suggested, times = set(), set()
        for path, text in stored.items():
            if path.startswith(FIELDS):
                stamp, _, written = text.partition("\n")
                value = jsontext.loads(written)
                times.add(stamp.split("|")[1])
                if stamp.startswith(f"{FALLBACK}|"):
                    suggested.add(path[2:])
                target = references if path[2:].startswith(REFERENCE) else values
                target[path[2:].removeprefix(REFERENCE)] = value
        return cls(
            organisation=organisation,
            ref=ref,
            object=name,
            key=key,
            version=stored.get(hash_fields.VERSION, "0"),
            disposition=stored.get(hash_fields.DISPOSITION, Disposition.PENDING),
            reason=stored.get(hash_fields.REASON, ""),
            obstacle=Obstacle.from_json(stored[hash_fields.OBSTACLE])
            if stored.get(hash_fields.OBSTACLE)
            else NO_OBSTACLE,
            fields=unflatten(values, OBJECTS[name].slots),
            references=references,
            xero_id=stored.get(hash_fields.XERO_ID, ""),
            delivered=stored.get(hash_fields.DELIVERED, ""),
            attempts=int(stored.get(hash_fields.ATTEMPTS, 0)),
            mapping=stored.get(hash_fields.MAPPING, ""),
            attempted=tuple(map(float, stored.get(hash_fields.ATTEMPTED, "").split())),
            failing_since=float(stored.get(hash_fields.FAILING_SINCE, 0)),
            deaths=int(stored.get(hash_fields.DEATHS, 0)),
            batch=int(stored.get(hash_fields.BATCH, 0)),
            remembered={
                name.removeprefix(REMEMBERED): text for name, text in stored.items() if name.startswith(REMEMBERED)
            },
            names=tuple(jsontext.loads(stored.get(hash_fields.NAMES, "[]"))),
            stuck=bool(stored.get(hash_fields.STUCK)),
            retry_group=stored.get(hash_fields.RETRY_GROUP, ""),
            looks=bool(stored.get(hash_fields.LOOKS)),
            told_as=stored.get(hash_fields.TOLD_AS, ""),
            uncertain=bool(stored.get(hash_fields.UNCERTAIN)),
            taken=bool(stored.get(hash_fields.TAKEN)),
            seen=jsontext.loads(stored.get(hash_fields.SEEN, "{}")),
            oldest=min(times, default=""),
            suggested=frozenset(suggested),
        )


def load(client: Store, organisation: str, refs: Iterable[str]) -> dict[str, Record]:
    """Return the records named by *refs* that exist."""
    wanted = list(refs)
    pipe = client.pipeline(transaction=False)
    for ref in wanted:
        pipe.hgetall(keys.record(organisation, ref))
    return {
        ref: Record.from_hash(organisation, ref, stored)
        for ref, stored in zip(wanted, pipe.execute(), strict=True)
        if stored
    }
