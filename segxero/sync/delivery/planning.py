"""Planning: the decision for each due record, made without a call: send it, look it up, let it wait, or leave it.

A turn calls `Planner.plan` for its due records, then `choose_batch` for the records of a call. Expiry calls
`resolve_references` to see whether a record still waits in vain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from segxero.errors import ParkedError, PermanentError
from segxero.store import formats, keys
from segxero.store.client import Store
from segxero.sync.contacts.leads import load_debtors
from segxero.sync.records import results
from segxero.sync.records.letters import write_letter
from segxero.sync.records.operations import field_of
from segxero.sync.records.ready import Ready, Wait
from segxero.sync.records.record import Record
from segxero.sync.records.results import Result
from segxero.telemetry.causes import Obstacle
from segxero.xero.objects.booked import is_given_up
from segxero.xero.objects.context import Context
from segxero.xero.objects.table import OBJECTS
from segxero.xero.objects.wanted import Linked


@dataclass(slots=True, kw_only=True)
class Plan:
    """The records to send, those to look up in Xero before, and the results that need no call."""

    ready: list[Ready] = field(default_factory=list)
    look: list[Ready] = field(default_factory=list)
    settled: list[Result] = field(default_factory=list)


class Planner:
    """Plans the records of a queue from their own state and the state of the records they refer to."""

    def __init__(self, client: Store) -> None:
        self._redis = client

    def plan(self, organisation: str, records: Sequence[Record], context: Context) -> Plan:
        """Return the plan for *records*. A record that cannot be prepared harms only itself."""
        linked = self.load_linked(organisation, records)
        self._note_dependants(organisation, records)
        plan = Plan()
        unsure = self._unsure(records, context)
        for record in records:
            try:
                self._place(plan, record, linked, context, is_unsure=record.ref in unsure)
            except ParkedError as error:
                plan.settled.append(_park(record, error, linked))
            except Exception as error:  # noqa: BLE001 - a bug in one record's mapping must not hold up the others
                plan.settled.append(self.bury(record, error))
        return plan

    def bury(self, record: Record, error: BaseException, next_step: str = "") -> Result:
        """Return the result that buries *record* with the events that it holds."""
        next_step = next_step or (
            "correct the data or the mapping, then replay"
            if isinstance(error, PermanentError)
            else "this is a fault of segxero: keep the traceback, upgrade, then replay"
        )
        events = list(self._redis.hvals(keys.events(record.organisation, record.ref)))
        return results.dead(record, error, write_letter(record, error, events, next_step))

    def load_linked(self, organisation: str, records: Sequence[Record]) -> dict[str, Record]:
        """Return, by ref, the existing records that *records* refer to; a contact is that of its person."""
        refs = {_find_ref(entry) for record in records for entries in record.references.values() for entry in entries}
        return load_debtors(self._redis, organisation, sorted(refs))

    def _note_dependants(self, organisation: str, records: Sequence[Record]) -> None:
        """Note who names which contact: when people are joined, their documents are looked at again."""
        pipe = self._redis.pipeline(transaction=False)
        for record in records:
            for entry in (entry for entries in record.references.values() for entry in entries):
                if OBJECTS[str(entry["object"])].joins_people:
                    member = f"{record.row.queue} {record.ref}"
                    pipe.sadd(keys.dependants(organisation, str(entry["key"])), member)
        pipe.execute()

    def _unsure(self, records: Sequence[Record], context: Context) -> set[str]:
        """Return the refs of records whose events are older than Redis' memory: Xero may have them already."""
        # Xero itself refuses a second element of any other object, so these need no look-up.
        risky = [record for record in records if not record.xero_id and record.row.takes_two(context)]
        since = formats.knows_since(self._redis) if risky else formats.EVER
        return {record.ref for record in risky if since is None or record.oldest < since}

    def _place(
        self, plan: Plan, record: Record, linked: Mapping[str, Record], context: Context, *, is_unsure: bool
    ) -> None:
        links, waits, without = resolve_references(record, linked)
        wanted = record.wanted(links)
        if waits:
            # A lost answer may have put it into Xero, so only a record without doubts is done.
            is_done = is_given_up(wanted) and not (record.uncertain or record.taken)
            plan.settled.append(results.given_up(record) if is_done else _let_wait(record, waits, linked))
            return
        prepared = record.row.prepare(wanted, context)
        ready = Ready(record=record, wanted=wanted, prepared=prepared, waits=without, comes_again=prepared.unfinished)
        # A record without an id may be in Xero all the same: after a refused number, a lost memory, or by its kind.
        unknown = not record.xero_id and (record.taken or is_unsure or record.row.look_first)
        unknown = unknown or record.row.must_look(wanted)
        # After a lost answer an id tells that the record is there, unless each write adds something to it.
        lost = record.uncertain and (not record.xero_id or record.row.appends)
        (plan.look if unknown or lost else plan.ready).append(ready)


def choose_batch(ready: Sequence[Ready]) -> list[Ready]:
    """Return the records that go in one call with the first: same object, same verb, same place, and no more."""
    first, place = ready[0], find_place(ready[0])
    row = first.record.row
    # PUT creates and POST changes, so new and known records never share a call.
    alike = [
        item
        for item in ready
        if item.record.row is row
        and bool(item.record.xero_id) == bool(first.record.xero_id)
        and find_place(item) == place
    ]
    return take_front(alike, row.batch)


def find_place(ready: Ready) -> str:
    """Return the place in Xero where *ready* is written, for objects whose calls concern a single place."""
    return ready.record.row.together(ready.wanted)


def take_front(ready: Sequence[Ready], most: int) -> list[Ready]:
    """Return the first records for a call: *most*, or fewer with a record whose batch was halved."""
    taken: list[Ready] = []
    for item in ready:
        most = min(item.record.batch or most, most)
        if len(taken) >= most:
            break
        taken.append(item)
    return taken


def _park(record: Record, error: ParkedError, linked: Mapping[str, Record]) -> Result:
    """Park *record*; it is looked at again when a record that it refers to changes."""
    waits = [
        Wait(object=other.object, key=other.key, version=other.version)
        for entries in record.references.values()
        for entry in entries
        if (other := linked.get(_find_ref(entry))) is not None
    ]
    obstacle = Obstacle(question=error.kind, lacks=error.lacks)
    return results.parked(record, str(error), obstacle=obstacle, waits_for=waits, stuck=error.stuck)


def _let_wait(record: Record, waits: Sequence[Wait], linked: Mapping[str, Record]) -> Result:
    """Park *record*; it is stuck itself when a record that it waits for is, and then has the same cause."""
    stuck = [wait for wait in waits if (other := linked.get(wait.ref)) is not None and other.stuck]
    first = (stuck or waits)[0]
    reason = f"waits for {first.object} {first.key}"
    if not stuck:
        return results.parked(record, reason, obstacle=Obstacle(waits_for=first.ref), waits_for=waits)
    other = linked[first.ref]
    obstacle = replace(other.obstacle, waits_for=first.ref, root=other.obstacle.root or other.reason)
    reason += f", which needs a person: {other.reason}"
    return results.parked(record, reason, obstacle=obstacle, waits_for=waits, stuck=True)


def resolve_references(
    record: Record, linked: Mapping[str, Record]
) -> tuple[dict[str, tuple[Linked, ...]], tuple[Wait, ...], tuple[Wait, ...]]:
    """Return the records referred to by *record*: present, waited for, and optional but absent.

    An optional record is waited for while it is on its way, and gone without once a person has to look at it.
    """
    links: dict[str, list[Linked]] = {}
    waits: list[Wait] = []
    without: list[Wait] = []
    for name, entries in sorted(record.references.items()):
        found = links.setdefault(field_of(name), [])
        for entry in entries:
            other = linked.get(_find_ref(entry))
            if other is not None and other.xero_id:
                found.append(other.linked())
            elif entry["optional"] and (other is None or other.stuck):
                without.append(Wait(object=str(entry["object"]), key=str(entry["key"])))
            else:
                # The record that stands for the person comes to Xero, not that of the key.
                waits.append(Wait(object=str(entry["object"]), key=other.key if other else str(entry["key"])))
    return {name: tuple(found) for name, found in links.items()}, tuple(waits), tuple(without)


def _find_ref(entry: Mapping[str, object]) -> str:
    return keys.reference(str(entry["object"]), str(entry["key"]))
