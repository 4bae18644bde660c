"""Results: the outcome of an attempt to deliver a record, with a constructor for each kind of outcome.

STATES.md beside this module draws the states. Planning, verdicts and policies make results, the lane of a turn settles
them, settle.lua writes them into the record's hash.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from segxero.sync.records.disposition import Disposition
from segxero.sync.records.hash_fields import (
    ATTEMPTED,
    ATTEMPTS,
    BATCH,
    DEATHS,
    DELIVERED,
    FAILING_SINCE,
    FORGET_ATTEMPTS,
    FORGET_DOUBTS,
    FORGET_LINK,
    LOOKS,
    OFF,
    ON,
    REMEMBERED,
    RETRY_GROUP,
    TAKEN,
    UNCERTAIN,
    XERO_ID,
)
from segxero.sync.records.ready import Ready, Wait
from segxero.sync.records.record import Record
from segxero.telemetry.causes import NO_OBSTACLE, Obstacle
from segxero.xero.api.request import Request

NOTHING: Mapping[str, str] = MappingProxyType({})
MOST_REMEMBERED = 20  # times of attempts, for the dead letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The outcome of an attempt; *reason* is for people, *obstacle* holds its facts, *letter* is a dead letter (JSON).

    Make it by the constructors below.
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
        """True for a record that got its Xero id, or another id."""
        return self.changes.get(XERO_ID, self.record.xero_id) != self.record.xero_id

    @property
    def fields(self) -> dict[str, str]:
        """The fields to write into the record's hash; an empty field is removed."""
        record = self.record
        # A record on its way keeps its group, so that its answer decides about the group.
        if self.disposition.is_on_its_way or not (self.retry_group or record.retry_group or record.looks):
            return dict(self.changes)
        return {**self.changes, RETRY_GROUP: self.retry_group, LOOKS: OFF}


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
        changes[BATCH] = str(batch)
    changes |= _mark(remember)
    return Result(record=record, disposition=Disposition.PENDING, reason=reason, changes=changes, repair=repair)


def pending_absent(record: Record) -> Result:
    """Send *record*: a look-up has shown that its lost call wrote nothing."""
    return Result(record=record, disposition=Disposition.PENDING, changes={UNCERTAIN: OFF})


def pending_taken(record: Record, reason: str) -> Result:
    """Look *record* up before it is sent again: Xero says that its number exists."""
    obstacle = Obstacle(refusal="number_taken")
    return Result(record=record, disposition=Disposition.PENDING, reason=reason, obstacle=obstacle, changes={TAKEN: ON})


def pending_later(record: Record, reason: str, now: float, delay_seconds: int, obstacle: Obstacle) -> Result:
    """Send *record* again after a delay, and note the attempt that Xero refused at second *now*."""
    tried = [*record.attempted, now][-MOST_REMEMBERED:]
    changes = {
        **_count(record),
        FAILING_SINCE: str(record.failing_since or now),
        ATTEMPTED: " ".join(map(str, tried)),
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
    """Update the element *xero_id*, older than segxero, instead of creating another."""
    changes = {XERO_ID: xero_id, **_mark(remember)}
    return Result(record=record, disposition=Disposition.PENDING, reason=reason, changes=changes)


def pending_found(record: Record, xero_id: str, remember: Mapping[str, str]) -> Result:
    """Update the element found by a look-up: Xero has an older form of *record*."""
    return Result(record=record, disposition=Disposition.PENDING, changes=_link(xero_id, remember))


def pending_unlinked(record: Record, reason: str, remember: Mapping[str, str]) -> Result:
    """Look *record* up again: its element is no longer where it was in Xero."""
    gone = {**FORGET_LINK, TAKEN: ON}
    changes = {**_count(record), **gone, **_mark(remember)}
    return Result(record=record, disposition=Disposition.PENDING, reason=reason, changes=changes)


def pending_renumbered(record: Record, reason: str, remember: Mapping[str, str]) -> Result:
    """Ask Xero for the next number of *record*, and send it under that number."""
    changes = {**FORGET_ATTEMPTS, TAKEN: OFF, UNCERTAIN: ON, **_mark(remember)}
    return Result(record=record, disposition=Disposition.PENDING, reason=reason, changes=changes)


def uncertain(record: Record, reason: str, delay_seconds: int = 0, *, deaths: int = 0) -> Result:
    """Ask Xero for *record* after a delay: it was sent and the answer is lost. Each lost process counts in *deaths*."""
    changes = {UNCERTAIN: ON, **({DEATHS: str(deaths)} if deaths else {})}
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
    """Keep *record* out of the outbox until any of *waits_for* is in Xero, or, when *stuck*, until a person acts."""
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
    # A person acting on the policy may change the document with this number, so Xero is asked before the next send.
    number = {TAKEN: OFF, UNCERTAIN: ON} if record.taken and not record.xero_id else {}
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
        changes={**_link(xero_id, remember), DELIVERED: ready.digest},
        letter=letter,
        waits=ready.waits,
    )


def unchanged(ready: Ready) -> Result:
    """Note that Xero needs no write, and has exactly this payload."""
    known = {name: text for name, text in ready.prepared.makes.items() if text}
    return Result(record=ready.record, disposition=Disposition.UNCHANGED, changes=_mark(known), waits=ready.waits)


def unchanged_on_purpose(ready: Ready, reason: str, letter: str) -> Result:
    """Note that Xero keeps an older form, as a policy wants it; the *letter* tells a person."""
    return Result(
        record=ready.record,
        disposition=Disposition.UNCHANGED,
        reason=reason,
        changes={**FORGET_ATTEMPTS, DELIVERED: ready.digest},
        letter=letter,
    )


def frozen(ready: Ready, reason: str, remember: Mapping[str, str]) -> Result:
    """Leave *ready* as Xero has it, because Xero refuses to change it; its order books the rest around it."""
    # A document of which only texts differ is sent once more, with the texts that Xero takes.
    disposition = Disposition.DELIVERED if "frozen" in remember else Disposition.PENDING
    changes = {**FORGET_ATTEMPTS, **_mark(remember)}
    return Result(record=ready.record, disposition=disposition, reason=reason, changes=changes)


def given_up(record: Record) -> Result:
    """Leave Xero as it is: the order of *record* wants it no more, and Xero never had it."""
    reason = "its order wants it no more, and Xero never had it"
    return Result(record=record, disposition=Disposition.UNCHANGED, reason=reason, changes=FORGET_ATTEMPTS)


def unchanged_joined(record: Record, reason: str, delivered: str = "") -> Result:
    """Leave Xero as it is: another record stands for the person of *record*, or what is *delivered* counts for it."""
    changes = {**FORGET_ATTEMPTS, **({DELIVERED: delivered} if delivered else {})}
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
    return replace(result, changes={**result.changes, UNCERTAIN: ON})


def _count(record: Record) -> dict[str, str]:
    return {ATTEMPTS: str(record.attempts + 1)}


def _mark(remember: Mapping[str, str]) -> dict[str, str]:
    return {REMEMBERED + name: text for name, text in remember.items()}


def _link(xero_id: str, remember: Mapping[str, str]) -> dict[str, str]:
    return {**_mark(remember), XERO_ID: xero_id, **FORGET_ATTEMPTS, BATCH: "0", **FORGET_DOUBTS}
