"""Rehearsal: the records and faults that a history of events would make, before anything is written.

The events are folded into records in this process, as the workers would do it, and every record is prepared as if all
that it refers to were in Xero. So sums, taxes, tables and missing parts are judged on the whole history.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from segxero.errors import ParkedError, SegxeroError
from segxero.mapping.model import MappingSet
from segxero.segment import event as segment_event
from segxero.sync.folding.inbox import Arrival
from segxero.sync.folding.preview import Folded, fields_of, fold, wanted_of
from segxero.sync.folding.series import SeriesOfKeys
from segxero.sync.orders.asking import find_obstacle, is_stuck, spell_reason
from segxero.sync.orders.previewing import ORDER, ExpandedOrder, expand
from segxero.sync.records.operations import REFERENCE, make_operations
from segxero.telemetry.causes import NO_OBSTACLE, Obstacle, find_cause, identify_cause
from segxero.xero.objects.context import Context
from segxero.xero.objects.table import OBJECTS

Ref: TypeAlias = tuple[str, str]  # object, key


@dataclass(slots=True, kw_only=True)
class Made:
    """The outlook of the records of an object: their number, the ready among them, and the calls to write them."""

    object: str
    records: int = 0
    ready: int = 0
    calls: int = 0  # at least; looking for what is there already comes on top


@dataclass(slots=True, kw_only=True)
class Doubt:
    """A reason why records would wait, or events are refused, with an example."""

    kind: str
    reason: str
    example: str
    number: int = 0


class Outlook(NamedTuple):
    """Why a record would not be written ('' when it would), the cause, and whether only a person helps.

    Records with one *cause* are freed by the same repair; the reason is the sentence of one record, with its amounts.
    """

    reason: str = ""
    cause: str = ""
    stuck: bool = False


@dataclass(slots=True)
class Rehearsal:
    """Takes events, then tells their outlook."""

    mappings: MappingSet
    events: int = 0
    repeated: int = 0
    first: datetime | None = None
    last: datetime | None = None
    _seen: set[str] = field(default_factory=set)
    _records: dict[str, dict[Ref, Folded]] = field(default_factory=dict)  # by organisation
    _series: dict[str, SeriesOfKeys] = field(default_factory=dict)  # by organisation
    _refused: dict[str, Doubt] = field(default_factory=dict)

    def add(self, arrival: Arrival, value: Mapping[str, Any], place: str) -> None:
        """Take in the event *value* of *arrival*, which stands at *place*."""
        if arrival.id in self._seen:
            self.repeated += 1
            return
        self._seen.add(arrival.id)
        self.events += 1
        event = segment_event.read(dict(value))
        happened = segment_event.event_time(event, arrival.received_at)
        self.first = min(self.first or happened, happened)
        self.last = max(self.last or happened, happened)
        try:
            operations = make_operations(self.mappings, event, arrival.received_at, arrival.message_id)
            self._series.setdefault(arrival.organisation, SeriesOfKeys()).admit(operations)
        except SegxeroError as error:
            self.refuse(str(error), place)
            return
        records = self._records.setdefault(arrival.organisation, {})
        for operation in operations:
            fold(records.setdefault((operation.object, operation.key), {}), operation)

    def refuse(self, reason: str, place: str) -> None:
        """Note an event that cannot be used."""
        doubt = Doubt(kind="dead letter", reason=reason, example=place)
        self._refused.setdefault(find_cause(reason), doubt).number += 1

    def outcome(self) -> tuple[list[Made], list[Doubt]]:
        """Return the outlook by object, and every doubt, the most frequent first."""
        made = {name: Made(object=name) for name in OBJECTS}
        doubts = dict(self._refused)
        for organisation, records in self._records.items():
            ready: Counter[str] = Counter()
            for (name, key), outlook in self._judge(organisation, records):
                made[name].records += 1
                if not outlook.reason:
                    ready[name] += 1
                    continue
                doubt = Doubt(kind="waits", reason=outlook.reason, example=f"{name} {key}")
                doubts.setdefault(f"waits {outlook.cause}", doubt).number += 1
            for name, number in ready.items():
                made[name].ready += number
                made[name].calls += math.ceil(number / OBJECTS[name].batch) if OBJECTS[name].calls_xero else 0
        found = sorted(doubts.values(), key=lambda doubt: -doubt.number)
        return [one for one in made.values() if one.records], found

    def _judge(self, organisation: str, records: Mapping[Ref, Folded]) -> Iterator[tuple[Ref, Outlook]]:
        """Yield each record with its outlook in this history."""
        settings = Context.of(self.mappings, organisation)
        expanded = expand({ref: fields_of(folded) for ref, folded in records.items()}, settings)
        values = expanded.values
        own = {ref: _look_at(ref, expanded, settings) for ref in values}
        needs = {ref: _needs(values[ref]) for ref in values}
        # A record comes with the record that brings it; a record that needs a person holds up all behind it.
        open_ones = {ref for ref, outlook in own.items() if outlook.stuck or (outlook.reason and not needs[ref])}
        waits: dict[Ref, Ref] = {}
        while more := {
            ref: missing
            for ref in values
            if ref not in open_ones
            for missing in [next((one for one in needs[ref] if one not in values or one in open_ones), None)]
            if missing
        }:
            waits |= more
            open_ones |= more.keys()
        for ref in values:
            if ref in waits:
                reason = f"waits for {waits[ref][0]}s that are not in this history or wait themselves"
                yield ref, Outlook(reason, reason)
            else:
                yield ref, own[ref] if ref in open_ones else Outlook()


def _look_at(ref: Ref, expanded: ExpandedOrder, settings: Context) -> Outlook:
    """Return the outlook of the record *ref* by itself."""
    name, key = ref
    if name == ORDER:
        questions = expanded.questions[key]
        if not questions:
            return Outlook()
        return _make_outlook(spell_reason(questions), find_obstacle(questions), stuck=is_stuck(questions))
    try:
        OBJECTS[name].prepare(wanted_of(name, key, expanded.values), settings)
    except ParkedError as error:
        return _make_outlook(str(error), Obstacle(question=error.kind, lacks=error.lacks), stuck=error.stuck)
    except SegxeroError as error:
        reason = f"dead letter: {error}"
        return _make_outlook(reason, NO_OBSTACLE, stuck=True)
    return Outlook()


def _make_outlook(reason: str, obstacle: Obstacle, *, stuck: bool) -> Outlook:
    return Outlook(reason, identify_cause(reason, obstacle), stuck)


def _needs(values: Mapping[str, Any]) -> list[Ref]:
    """Return the records that a record with *values* cannot go without."""
    entries = [entry for path, found in values.items() if path.startswith(REFERENCE) for entry in found]
    return [(str(entry["object"]), str(entry["key"])) for entry in entries if not entry["optional"]]
