"""Preview: the payloads for Xero that an event would make, without Redis and without Xero."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

from segxero import jsontext
from segxero.errors import SegxeroError
from segxero.mapping.model import MappingSet
from segxero.segment import event as segment_event
from segxero.sync.orders.previewing import ORDER, Expanded, Ref, expand
from segxero.sync.records.operations import REFERENCE, Operation, field_of, make_operations, unflatten
from segxero.xero.objects.booked import keep
from segxero.xero.objects.context import Context
from segxero.xero.objects.table import OBJECTS
from segxero.xero.objects.wanted import Linked, Wanted
from segxero.xero.objects.xero_object import XeroObject

Folded: TypeAlias = dict[str, tuple[str, str]]  # path -> stamp, JSON value

DOCUMENTS = ("Invoice", "CreditNote")
UNKNOWN_ID = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A record made from the event: its payload for Xero, or the reason why it would wait.

    *mapping* names the mapping that makes it, or several that do, each after a comma.
    """

    object: str
    key: str
    mapping: str
    implied: bool = False  # made because another record of the mapping needs it
    payload: dict[str, Any] = field(default_factory=dict)
    waits: str = ""


def preview(
    mappings: MappingSet,
    event: Mapping[str, Any],
    before: Sequence[Mapping[str, Any]] = (),
    open_day: date | None = None,
) -> list[Shown]:
    """Return the records that *event* would make, alone or after others that came *before*.

    With an *open_day* as if Xero had refused the dates before it. Raise PermanentError when it cannot be read.
    """
    checked = segment_event.read(dict(event))
    organisation = mappings.organisation_of(checked)
    if organisation is None:
        return []
    made = _records(_operations(mappings, checked))
    earlier = [operation for one in before for operation in _operations(mappings, segment_event.read(dict(one)))]
    all_made = _records([*earlier, *_operations(mappings, checked)])
    settings = replace(Context.of(mappings, organisation), open_day=open_day)
    old = expand({name: _fields(operations) for name, operations in _records(earlier).items()}, settings)
    new = expand({name: _fields(operations) for name, operations in all_made.items()}, settings)
    return [shown for operations in made.values() for shown in _show_all(operations, old, new, settings)]


def _show_all(operations: Sequence[Operation], old: Expanded, new: Expanded, settings: Context) -> Iterator[Shown]:
    """Yield the record of *operations*, or, of an order, each record that it now writes otherwise than before."""
    first = operations[0]
    if first.object != ORDER:
        yield _shown(operations, new.values, settings)
        return
    changed = [ref for ref in new.written[first.key] if new.get_booked(ref) != old.get_booked(ref)]
    for ref in changed:
        # A set-off or a repayment follows from the document before it.
        follows = ref[0] not in DOCUMENTS and any(other[0] in DOCUMENTS for other in changed)
        yield _show_written(operations, ref, old, new, settings, implied=follows)
    asked = [each for each in new.questions[first.key] if each not in old.questions.get(first.key, ())]
    for question in asked:
        yield Shown(object=ORDER, key=first.key, mapping=_name_makers(operations), waits=question.sentence)
    if not changed and not asked:
        yield Shown(object=ORDER, key=first.key, mapping=_name_makers(operations), waits="nothing is written")


def _show_written(
    operations: Sequence[Operation], ref: Ref, old: Expanded, new: Expanded, settings: Context, *, implied: bool
) -> Shown:
    """Show a record of an order; one that was there before is in Xero by now."""
    wanted = wanted_of(*ref, new.values)
    if before := old.get_booked(ref):
        wanted = replace(wanted, xero_id=UNKNOWN_ID, remembered=keep(before))
    elif settings.open_day:
        wanted = replace(wanted, remembered=OBJECTS[ref[0]].move_date(wanted) or {})
    shown = {"object": ref[0], "key": ref[1], "mapping": _name_makers(operations), "implied": implied}
    return _prepare(shown, wanted, OBJECTS[ref[0]], settings)


def _name_makers(operations: Sequence[Operation]) -> str:
    makers = [one for one in operations if not one.implied] or operations
    return ", ".join(dict.fromkeys(one.mapping for one in makers))


def _operations(mappings: MappingSet, event: dict[str, Any]) -> list[Operation]:
    message_id = segment_event.message_id(event, jsontext.dumps(event))
    return make_operations(mappings, event, datetime.now(UTC), message_id)


def _records(operations: Sequence[Operation]) -> dict[tuple[str, str], list[Operation]]:
    records: dict[tuple[str, str], list[Operation]] = {}
    for operation in operations:
        records.setdefault((operation.object, operation.key), []).append(operation)
    return records


def _fields(operations: Sequence[Operation]) -> dict[str, Any]:
    folded: Folded = {}
    for operation in operations:
        fold(folded, operation)
    return fields_of(folded)


def fold(folded: Folded, operation: Operation) -> None:
    """Fold *operation* into a record as fold.lua does: the greatest stamp wins."""
    for path, stamp, value in operation.fields:
        folded[path] = max(folded.get(path, ("", "")), (stamp, value))


def fields_of(folded: Folded) -> dict[str, Any]:
    """Return the values of a *folded* record by path."""
    return {path: jsontext.loads(value) for path, (_, value) in folded.items()}


def _shown(
    operations: Sequence[Operation], values: Mapping[tuple[str, str], Mapping[str, Any]], settings: Context
) -> Shown:
    operation = operations[0]
    wanted = wanted_of(operation.object, operation.key, values)
    if settings.open_day:
        wanted = replace(wanted, remembered=operation.row.move_date(wanted) or {})
    shown: dict[str, Any] = {
        "object": operation.object,
        "key": operation.key,
        "mapping": _name_makers(operations),
        "implied": all(one.implied for one in operations),
    }
    return _prepare(shown, wanted, operation.row, settings)


def _prepare(shown: dict[str, Any], wanted: Wanted, xero_object: XeroObject, settings: Context) -> Shown:
    try:
        prepared = xero_object.prepare(wanted, settings)
    except SegxeroError as error:
        return Shown(**shown, waits=str(error))
    if prepared.needless:
        return Shown(**shown, waits="nothing is written")
    (body,) = elements(xero_object.write([(wanted, prepared.payload)]).body)
    body = body or {}
    return Shown(**shown, payload={**body, **prepared.payload, **body})


def wanted_of(name: str, key: str, values: Mapping[tuple[str, str], Mapping[str, Any]]) -> Wanted:
    """Return the record *name* *key* of the folded *values*, as if all that it refers to were in Xero."""
    mine = values[name, key]
    fields = {path: value for path, value in mine.items() if path[0] != REFERENCE}
    return Wanted(key=key, fields=unflatten(fields, OBJECTS[name].slots), references=_references(mine, values))


def _references(
    mine: Mapping[str, Any], values: Mapping[tuple[str, str], Mapping[str, Any]]
) -> dict[str, tuple[Linked, ...]]:
    found: dict[str, tuple[Linked, ...]] = {}
    for path, entries in sorted(mine.items()):
        if path[0] == REFERENCE:
            name = field_of(path[1:])
            found[name] = (*found.get(name, ()), *(_linked(entry, values) for entry in entries))
    return found


def elements(body: Any) -> list[dict[str, Any]]:
    """Return the elements of a request's *body*, which is an envelope or a bare object."""
    if isinstance(body, dict) and len(body) == 1 and isinstance(next(iter(body.values())), list):
        return list(next(iter(body.values())))
    return [body]


def _linked(entry: Mapping[str, Any], values: Mapping[tuple[str, str], Mapping[str, Any]]) -> Linked:
    name, key = str(entry["object"]), str(entry["key"])
    fields = values.get((name, key), {})
    # Only Xero knows the user with this e-mail, so the e-mail stands for itself.
    label = fields.get("Option") or fields.get("User") or ""
    spelled = {"name": str(label), "category": str(fields.get("Category", "")), "contact": UNKNOWN_ID}
    plain = unflatten({path: value for path, value in fields.items() if path[0] != REFERENCE}, OBJECTS[name].slots)
    return Linked(object=name, key=key, xero_id=UNKNOWN_ID, fields=plain, remembered=spelled)
