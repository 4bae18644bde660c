"""Preview: what Xero would get for an event, without Redis and without Xero."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from segxero import jsontext
from segxero.errors import SegxeroError
from segxero.mapping.model import MappingSet
from segxero.segment import event as segment_event
from segxero.sync.operations import REFERENCE, Operation, of_event, unflatten
from segxero.xero.objects import OBJECTS
from segxero.xero.row import Context, Linked, Wanted

UNKNOWN_ID = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One record that the event makes: its payload for Xero, or the reason why it would wait."""

    object: str
    key: str
    mapping: str
    implied: bool = False  # made because another record of the mapping needs it
    payload: dict[str, Any] = field(default_factory=dict)
    waits: str = ""


def preview(mappings: MappingSet, event: Mapping[str, Any]) -> list[Shown]:
    """Return the records that *event* would make alone. Raise PermanentError when it cannot be read."""
    checked = segment_event.read(dict(event))
    organisation = mappings.organisation_of(checked)
    if organisation is None:
        return []
    message_id = segment_event.message_id(checked, jsontext.dumps(checked))
    made = of_event(mappings, checked, datetime.now(UTC), message_id)
    values = {(operation.object, operation.key): _fields(operation) for operation in made}
    return [_shown(operation, values, Context.of(mappings, organisation)) for operation in made]


def _fields(operation: Operation) -> dict[str, Any]:
    return {path: jsontext.loads(value) for path, _, value in operation.fields}


def _shown(operation: Operation, values: Mapping[tuple[str, str], Mapping[str, Any]], settings: Context) -> Shown:
    mine = values[operation.object, operation.key]
    slots = OBJECTS[operation.object].slots
    wanted = Wanted(
        key=operation.key,
        fields=unflatten({path: value for path, value in mine.items() if path[0] != REFERENCE}, slots),
        references={
            path[1:]: tuple(_linked(entry, values) for entry in entries)
            for path, entries in mine.items()
            if path[0] == REFERENCE
        },
    )
    shown: dict[str, Any] = {
        "object": operation.object,
        "key": operation.key,
        "mapping": operation.mapping,
        "implied": operation.implied,
    }
    try:
        prepared = operation.row.prepare(wanted, settings)
    except SegxeroError as error:
        return Shown(**shown, waits=str(error))
    (body,) = elements(operation.row.write([(wanted, prepared.payload)]).body)
    return Shown(**shown, payload=body)


def elements(body: Any) -> list[dict[str, Any]]:
    """Return the elements of a request's *body*, which is an envelope or a bare object."""
    if isinstance(body, dict) and len(body) == 1 and isinstance(next(iter(body.values())), list):
        return list(next(iter(body.values())))
    return [body]


def _linked(entry: Mapping[str, Any], values: Mapping[tuple[str, str], Mapping[str, Any]]) -> Linked:
    name, key = str(entry["object"]), str(entry["key"])
    fields = values.get((name, key), {})
    spelled = {"name": str(fields.get("Option", "")), "category": str(fields.get("Category", ""))}
    return Linked(object=name, key=key, xero_id=UNKNOWN_ID, fields=fields, remembered=spelled)
