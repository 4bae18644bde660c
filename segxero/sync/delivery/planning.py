"""Planning: what is to be done with each due record, decided without a call: send, look up, wait, or nothing."""

import hashlib
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from segxero import jsontext
from segxero.dead_letters import DeadLetter
from segxero.errors import ParkedError, PermanentError
from segxero.store import formats, keys
from segxero.store.client import Store
from segxero.sync.records.operations import field_of
from segxero.sync.records.record import Record, load
from segxero.sync.waiting.outbox import Result, Wait
from segxero.xero.objects.context import Context
from segxero.xero.objects.wanted import Linked, Prepared, Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A record that may be sent: as its row sees it, and as Xero takes it.

    One that *comes_again* is looked at once more after it is written: it had to take another name for the moment.
    """

    record: Record
    wanted: Wanted
    prepared: Prepared
    waits: tuple[Wait, ...] = ()
    comes_again: bool = False

    @property
    def is_unchanged(self) -> bool:
        """Whether there is nothing to write: Xero has this payload, or needs none."""
        if self.digest == self.record.delivered or self.prepared.needless:
            return True
        return bool(self.record.seen) and self.record.row.is_held(self.record.seen, self.prepared)

    @property
    def digest(self) -> str:
        text = jsontext.canonical([self.prepared.payload, str(self.prepared.total)])
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(slots=True, kw_only=True)
class Plan:
    """What to send, what to look up in Xero before, and what is settled without a call."""

    ready: list[Ready] = field(default_factory=list)
    look: list[Ready] = field(default_factory=list)
    settled: list[Result] = field(default_factory=list)


def letter(record: Record, error: BaseException, events: Sequence[str], next_step: str) -> str:
    """Return the dead letter (JSON) for *record*."""
    is_ours = isinstance(error, PermanentError)
    return DeadLetter(
        error=type(error).__name__,
        message=str(error),
        next_step=next_step,
        queue=record.row.queue,
        organisation=record.organisation,
        object=record.object,
        key=record.key,
        sentences=tuple(getattr(error, "sentences", ())),
        traceback="" if is_ours else "".join(traceback.format_exception(error)),
        attempts=record.attempts + 1,
        events=tuple(events),
        mapping=record.mapping.partition(" ")[0],
        version=record.mapping.partition(" ")[2],
        first_failed_at=_iso(record.failing_since),
        attempted_at=tuple(map(_iso, record.attempted)),
        amount=str(record.fields.get("Total") or ""),
        currency=str(record.fields.get("CurrencyCode") or ""),
    ).to_json()


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds else ""


class Planner:
    """Plans for one organisation's queue; *context_of* gives the tables and settings of an organisation."""

    def __init__(self, client: Store) -> None:
        self._redis = client

    def plan(self, organisation: str, records: Sequence[Record], context: Context) -> Plan:
        """Decide what becomes of *records*. A record that cannot be prepared harms only itself."""
        linked = self.linked(organisation, records)
        plan = Plan()
        unsure = self._unsure(records, context)
        for record in records:
            try:
                self._place(plan, record, linked, context, is_unsure=record.ref in unsure)
            except ParkedError as error:
                plan.settled.append(_parked(record, error, linked))
            except Exception as error:  # noqa: BLE001 - a bug in one record's mapping must not hold up the others
                plan.settled.append(self.dead(record, error))
        return plan

    def dead(self, record: Record, error: BaseException, next_step: str = "") -> Result:
        """Return the result that buries *record*, with the events that it holds; a replay begins anew."""
        next_step = next_step or (
            "correct the data or the mapping, then replay"
            if isinstance(error, PermanentError)
            else "this is a fault of segxero: keep the traceback, upgrade, then replay"
        )
        events = list(self._redis.hvals(keys.events(record.organisation, record.ref)))
        return Result(
            record=record,
            disposition="dead",
            reason=f"{type(error).__name__}: {error}",
            set={"attempts": "", "failing_since": "", "attempted": "", "deaths": ""},
            letter=letter(record, error, events, next_step),
            stuck=True,
        )

    def linked(self, organisation: str, records: Sequence[Record]) -> dict[str, Record]:
        """Return, by ref, those records that *records* refer to and that exist."""
        refs = {
            keys.reference(str(entry["object"]), str(entry["key"]))
            for record in records
            for entries in record.references.values()
            for entry in entries
        }
        return load(self._redis, organisation, sorted(refs))

    def _unsure(self, records: Sequence[Record], context: Context) -> set[str]:
        """Return the refs of those whose events are older than what Redis remembers: they may be in Xero already.

        Only those matter of which Xero would make a second one.
        """
        risky = [one for one in records if not one.xero_id and one.row.takes_two(context)]
        since = formats.knows_since(self._redis) if risky else formats.EVER
        return {one.ref for one in risky if since is None or one.oldest < since}

    def _place(
        self, plan: Plan, record: Record, linked: Mapping[str, Record], context: Context, *, is_unsure: bool
    ) -> None:
        links, waits, without = resolve(record, linked)
        if waits:
            plan.settled.append(_waiting(record, waits, linked))
            return
        wanted = record.wanted(links)
        prepared = record.row.prepare(wanted, context)
        ready = Ready(record=record, wanted=wanted, prepared=prepared, waits=without, comes_again=prepared.unfinished)
        unknown = not record.xero_id and (record.taken or is_unsure or record.row.look_first)
        unknown = unknown or record.row.must_look(wanted)
        lost = record.uncertain and (not record.xero_id or record.row.appends)
        needs_look = unknown or lost
        (plan.look if needs_look else plan.ready).append(ready)


def _parked(record: Record, error: ParkedError, linked: Mapping[str, Record]) -> Result:
    """Park *record*; it is looked at again when a record that it refers to changes."""
    waits = tuple(
        Wait(object=other.object, key=other.key, version=other.version)
        for entries in record.references.values()
        for entry in entries
        if (other := linked.get(keys.reference(str(entry["object"]), str(entry["key"])))) is not None
    )
    return Result(record=record, disposition="parked", reason=str(error), stuck=error.stuck, waits=waits)


def _waiting(record: Record, waits: tuple[Wait, ...], linked: Mapping[str, Record]) -> Result:
    """Park *record*; it is stuck itself when what it waits for is."""
    stuck = [wait for wait in waits if (other := linked.get(wait.ref)) is not None and other.stuck]
    first = (stuck or waits)[0]
    reason = f"waits for {first.object} {first.key}"
    if stuck:
        reason += f", which needs a person: {linked[first.ref].reason}"
    return Result(record=record, disposition="parked", reason=reason, waits=waits, stuck=bool(stuck))


def resolve(
    record: Record, linked: Mapping[str, Record]
) -> tuple[dict[str, tuple[Linked, ...]], tuple[Wait, ...], tuple[Wait, ...]]:
    """Return what *record* refers to, what it must wait for, and which optional ones it goes without.

    An optional record is waited for while it is on its way, and gone without once a person has to look at it.
    """
    links: dict[str, list[Linked]] = {}
    waits: list[Wait] = []
    without: list[Wait] = []
    for name, entries in sorted(record.references.items()):
        found = links.setdefault(field_of(name), [])
        for entry in entries:
            other = linked.get(keys.reference(str(entry["object"]), str(entry["key"])))
            if other is not None and other.xero_id:
                found.append(other.linked())
            elif entry["optional"] and (other is None or other.stuck):
                without.append(Wait(object=str(entry["object"]), key=str(entry["key"])))
            else:
                waits.append(Wait(object=str(entry["object"]), key=str(entry["key"])))
    return {name: tuple(found) for name, found in links.items()}, tuple(waits), tuple(without)
