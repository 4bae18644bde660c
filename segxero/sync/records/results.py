"""Results: the outcome of one attempt to deliver a record, made by one constructor for each kind of outcome.

Only this module knows which fields of a record's hash an outcome changes; STATES.md beside it draws the states.
Planning, verdicts and policies make results, the lane of a turn settles them, settle.lua writes them down.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from segxero import jsontext
from segxero.store import keys
from segxero.sync.records.record import REMEMBERED, Record
from segxero.telemetry.causes import NO_OBSTACLE, Obstacle
from segxero.xero.api.request import Request
from segxero.xero.objects.table import OBJECTS
from segxero.xero.objects.wanted import Prepared, Wanted

NOTHING: Mapping[str, str] = MappingProxyType({})
ON, OFF = "1", ""  # a field without a value is removed from the hash
FORGET_ATTEMPTS = {"attempts": OFF, "failing_since": OFF, "attempted": OFF, "deaths": OFF}
FORGET_DOUBTS = {"uncertain": OFF, "taken": OFF, "seen": OFF}
MOST_REMEMBERED = 20  # times of attempts, for the dead letter


class Disposition(StrEnum):
    """Where a record, or an event, stands after one attempt."""

    #: It stays in the outbox and goes again, at once or after a delay.
    PENDING = "pending"
    #: Xero has it as the record wants it. It leaves the outbox.
    DELIVERED = "delivered"
    #: Xero had it already, or its policy leaves Xero as it is. It leaves the outbox without a write.
    UNCHANGED = "unchanged"
    #: It waits for another record, or for a person, outside the outbox.
    PARKED = "parked"
    #: It was sent and the answer is lost. It stays in the outbox, and Xero is asked before it is sent again.
    UNCERTAIN = "uncertain"
    #: Only a person helps: a dead letter is written and the record leaves the outbox.
    DEAD = "dead"
    #: No mapping wants the event. It never becomes a record.
    IGNORED = "ignored"

    @property
    def is_on_its_way(self) -> bool:
        """Whether the record stays in the outbox."""
        return self in (Disposition.PENDING, Disposition.UNCERTAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A record that must have a Xero id before this one can go, or, with a *version*, change from that one."""

    object: str
    key: str
    version: str = ""

    @property
    def ref(self) -> str:
        return keys.reference(self.object, self.key)

    @property
    def queue(self) -> str:
        return OBJECTS[self.object].queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A record that may be sent: as its object sees it, and as Xero takes it.

    With *comes_again* it is looked at once more after it is written, because it had to take another name for now.
    The *digest* of its payload tells whether Xero has it already.
    """

    record: Record
    wanted: Wanted
    prepared: Prepared
    waits: tuple[Wait, ...] = ()
    comes_again: bool = False
    digest: str = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        text = jsontext.canonical([self.prepared.payload, str(self.prepared.total)])
        object.__setattr__(self, "digest", hashlib.sha256(text.encode()).hexdigest())

    @property
    def is_unchanged(self) -> bool:
        """Whether there is nothing to write: Xero has this payload, or needs none."""
        if self.digest == self.record.delivered or self.prepared.needless:
            return True
        return bool(self.record.seen) and self.record.row.is_held(self.record.seen, self.prepared)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The outcome of one attempt; *reason* is for people, *obstacle* holds its facts, *letter* is a dead letter (JSON).

    Make it by one of the constructors below.
    """

    record: Record
    disposition: Disposition
    reason: str = ""
    obstacle: Obstacle = NO_OBSTACLE
    changes: Mapping[str, str] = field(default_factory=dict)  # written even when a newer version came meanwhile
    delay_seconds: int = 0
    letter: str = ""
    waits: tuple[Wait, ...] = ()
    unlinks: tuple[Wait, ...] = ()  # contacts that have moved in Xero: they are looked up again
    stuck: bool = False  # only a person helps; records that wait for it look again whether they can go without
    writes_back: bool = False  # Segment is told the Xero id
    retry_group: str = ""  # the records with which it is looked at again, see waiting/retry_groups.py
    repair: Request | None = None  # a call after which Xero takes the record

    @property
    def is_new_link(self) -> bool:
        """Whether the record got its Xero id, or another one."""
        return self.changes.get("xero_id", self.record.xero_id) != self.record.xero_id

    @property
    def fields(self) -> dict[str, str]:
        """The fields to write into the record's hash; an empty one is removed."""
        record = self.record
        # A record on its way keeps its group, so that its answer decides about the group.
        if self.disposition.is_on_its_way or not (self.retry_group or record.retry_group or record.looks):
            return dict(self.changes)
        return {**self.changes, "held": self.retry_group, "looks": OFF}


def pending(
    record: Record,
    reason: str = "",
    *,
    counts: bool = False,
    batch: int = 0,
    remember: Mapping[str, str] = NOTHING,
    repair: Request | None = None,
) -> Result:
    """Send *record* again at once; with *counts* as a further attempt, with *batch* in a call of at most so many."""
    changes = _count(record) if counts else {}
    if batch:
        changes["batch"] = str(batch)
    changes |= _mark(remember)
    return Result(record=record, disposition=Disposition.PENDING, reason=reason, changes=changes, repair=repair)


def pending_absent(record: Record) -> Result:
    """Send *record*: a look-up has shown that its lost call wrote nothing."""
    return Result(record=record, disposition=Disposition.PENDING, changes={"uncertain": OFF})


def pending_taken(record: Record, reason: str) -> Result:
    """Look *record* up before it is sent again: Xero says that its number exists."""
    obstacle = Obstacle(refusal="number_taken")
    return Result(
        record=record, disposition=Disposition.PENDING, reason=reason, obstacle=obstacle, changes={"taken": ON}
    )


def pending_later(record: Record, reason: str, now: float, delay_seconds: int, obstacle: Obstacle) -> Result:
    """Send *record* again after a delay, and note the attempt that Xero refused at second *now*."""
    tried = [*record.attempted, now][-MOST_REMEMBERED:]
    changes = {
        **_count(record),
        "failing_since": str(record.failing_since or now),
        "attempted": " ".join(map(str, tried)),
    }
    return Result(
        record=record,
        disposition=Disposition.PENDING,
        reason=reason,
        obstacle=obstacle,
        changes=changes,
        delay_seconds=delay_seconds,
    )


def pending_adopted(record: Record, xero_id: str, reason: str, remember: Mapping[str, str]) -> Result:
    """Update the element *xero_id*, which Xero had before us, instead of creating another."""
    changes = {"xero_id": xero_id, **_mark(remember)}
    return Result(record=record, disposition=Disposition.PENDING, reason=reason, changes=changes)


def pending_found(record: Record, xero_id: str, remember: Mapping[str, str]) -> Result:
    """Update the element that a look-up has found: Xero has an older form of *record*."""
    return Result(record=record, disposition=Disposition.PENDING, changes=_link(xero_id, remember))


def pending_unlinked(record: Record, reason: str, remember: Mapping[str, str]) -> Result:
    """Look *record* up again: its element is no longer where it was in Xero."""
    gone = {"xero_id": OFF, "delivered": OFF, "seen": OFF, "taken": ON}
    changes = {**_count(record), **gone, **_mark(remember)}
    return Result(record=record, disposition=Disposition.PENDING, reason=reason, changes=changes)


def pending_renumbered(record: Record, reason: str, remember: Mapping[str, str]) -> Result:
    """Ask Xero for the next number of *record*, and send it under that number."""
    changes = {**FORGET_ATTEMPTS, "taken": OFF, "uncertain": ON, **_mark(remember)}
    return Result(record=record, disposition=Disposition.PENDING, reason=reason, changes=changes)


def uncertain(record: Record, reason: str, delay_seconds: int = 0, *, deaths: int = 0) -> Result:
    """Ask Xero for *record* after a delay: it was sent and the answer is lost. Each lost process counts in *deaths*."""
    changes = {"uncertain": ON, **({"deaths": str(deaths)} if deaths else {})}
    return Result(
        record=record,
        disposition=Disposition.UNCERTAIN,
        reason=reason,
        changes=changes,
        delay_seconds=delay_seconds,
    )


def parked(
    record: Record,
    reason: str,
    *,
    obstacle: Obstacle = NO_OBSTACLE,
    waits_for: Sequence[Wait] = (),
    unlinks: Sequence[Wait] = (),
    stuck: bool = False,
    counts: bool = False,
) -> Result:
    """Keep *record* out of the outbox until one of *waits_for* is in Xero, or, when *stuck*, until a person acts."""
    return Result(
        record=record,
        disposition=Disposition.PARKED,
        reason=reason,
        obstacle=obstacle,
        changes=_count(record) if counts else {},
        waits=tuple(waits_for),
        unlinks=tuple(unlinks),
        stuck=stuck,
    )


def parked_in_group(record: Record, group: str, reason: str) -> Result:
    """Let *record* wait for a person, or for the next look at its *group*."""
    # Whoever acts on the policy may change the document that has the number, so Xero is asked before the next send.
    number = {"taken": OFF, "uncertain": ON} if record.taken and not record.xero_id else {}
    return Result(
        record=record,
        disposition=Disposition.PARKED,
        reason=reason,
        obstacle=Obstacle(refusal=group.partition(" ")[0]),
        changes={**FORGET_ATTEMPTS, **number},
        stuck=True,
        retry_group=group,
    )


def delivered(
    ready: Ready, xero_id: str, remember: Mapping[str, str] = NOTHING, *, reason: str = "", letter: str = ""
) -> Result:
    """Note that Xero has *ready*; with a *letter* for a person to read. It stays pending when it comes again."""
    disposition = Disposition.PENDING if ready.comes_again else Disposition.DELIVERED
    return Result(
        record=ready.record,
        disposition=disposition,
        reason=reason,
        changes={**_link(xero_id, remember), "delivered": ready.digest},
        letter=letter,
        waits=ready.waits,
    )


def unchanged(ready: Ready) -> Result:
    """Note that Xero needs no write."""
    return Result(record=ready.record, disposition=Disposition.UNCHANGED, waits=ready.waits)


def unchanged_on_purpose(ready: Ready, reason: str, letter: str) -> Result:
    """Note that Xero keeps an older form, as a policy wants it; the *letter* tells a person."""
    return Result(
        record=ready.record,
        disposition=Disposition.UNCHANGED,
        reason=reason,
        changes={**FORGET_ATTEMPTS, "delivered": ready.digest},
        letter=letter,
    )


def frozen(ready: Ready, reason: str, remember: Mapping[str, str]) -> Result:
    """Leave *ready* as Xero has it, because Xero refuses to change it; its order books the rest around it."""
    # A document of which only texts differ is sent once more, with the texts that Xero takes.
    disposition = Disposition.DELIVERED if "frozen" in remember else Disposition.PENDING
    changes = {**FORGET_ATTEMPTS, **_mark(remember)}
    return Result(record=ready.record, disposition=disposition, reason=reason, changes=changes)


def unchanged_joined(record: Record, reason: str, delivered: str = "") -> Result:
    """Leave Xero as it is: another record stands for the person of *record*, or what is *delivered* counts for it."""
    changes = {**FORGET_ATTEMPTS, **({"delivered": delivered} if delivered else {})}
    return Result(record=record, disposition=Disposition.UNCHANGED, reason=reason, changes=changes)


def pending_joined(record: Record, reason: str, delay_seconds: int) -> Result:
    """Look at *record* again after a delay: the documents of its contact are moving to another one."""
    return Result(record=record, disposition=Disposition.PENDING, reason=reason, delay_seconds=delay_seconds)


def dead(record: Record, error: BaseException, letter: str) -> Result:
    """Give *record* up until a person acts on the *letter*; a replay begins anew."""
    return Result(
        record=record,
        disposition=Disposition.DEAD,
        reason=f"{type(error).__name__}: {error}",
        changes=FORGET_ATTEMPTS,
        letter=letter,
        stuck=True,
    )


def doubt(result: Result) -> Result:
    """Return *result* with the order to ask Xero before its record is sent again."""
    return replace(result, changes={**result.changes, "uncertain": ON})


def _count(record: Record) -> dict[str, str]:
    return {"attempts": str(record.attempts + 1)}


def _mark(remember: Mapping[str, str]) -> dict[str, str]:
    return {REMEMBERED + name: text for name, text in remember.items()}


def _link(xero_id: str, remember: Mapping[str, str]) -> dict[str, str]:
    return {**_mark(remember), "xero_id": xero_id, **FORGET_ATTEMPTS, "batch": "0", **FORGET_DOUBTS}
