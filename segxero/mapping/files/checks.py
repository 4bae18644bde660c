"""Checks a mapping without an event: its trigger, its keys and its fields. The loader calls this module."""

from collections.abc import Iterator
from typing import Any

from segxero.mapping.files.descriptions import Description, check_value, explain_unknown_field, find_field
from segxero.mapping.files.mappings import WrittenMapping
from segxero.mapping.language.emptiness import find_gaps, is_always_empty
from segxero.mapping.triggers.clauses import leaves
from segxero.mapping.triggers.meaning import TYPES, can_match, event_types, filled_fields

# Every event has these. Segment's specification requires the others for their type.
ALWAYS_FILLED = frozenset({"type", "messageId", "timestamp", "receivedAt"})
REQUIRED = {"track": "event", "group": "groupId"}
# Only these types of event carry the field.
CARRIERS = {"event": {"track"}, "name": {"page", "screen"}}


def check_mapping(written: WrittenMapping, description: Description | None) -> None:
    """Note in the document the faults of a mapping, and its likely mistakes as warnings."""
    types = event_types(written.mapping.trigger.tree)
    _check_trigger(written, types)
    _check_keys(written, types)
    for path, message in _field_faults(written, description) if description is not None else ():
        written.document.fault(path, message)


def _check_trigger(written: WrittenMapping, types: frozenset[str]) -> None:
    trigger, path = written.mapping.trigger, f"{written.path}/trigger"
    if not trigger.text:
        return
    for trap in trigger.traps:
        written.document.warn(path, trap)
    if not can_match(trigger.tree):
        unknown = [clause.value for clause in leaves(trigger.tree) if clause.keys == ("type",)]
        known = f": {unknown[0]} is not a type of event, write {', '.join(TYPES[:-1])}" if _none_known(unknown) else ""
        written.document.fault(path, f"no event can match it{known or ': its clauses contradict each other'}")
        return
    for clause in leaves(trigger.tree):
        carriers = CARRIERS.get(clause.keys[0])
        if carriers and not carriers & types and clause.value is not None and not clause.operator.startswith("!"):
            kinds = " and ".join(sorted(carriers))
            written.document.warn(
                path, f"{clause.text} will almost never hold: only {kinds} events have {clause.keys[0]}"
            )


def _none_known(values: list[Any]) -> bool:
    return len(values) == 1 and values[0] not in TYPES


def _check_keys(written: WrittenMapping, types: frozenset[str]) -> None:
    filled = filled_fields(written.mapping.trigger.tree) | ALWAYS_FILLED
    filled |= {field for kind, field in REQUIRED.items() if types == {kind}}
    if not written.mapping.skips_without_key and "without_key" not in written.value:
        for gap in _gaps(written.value.get("key"), filled):
            advice = "require it in the trigger, or decide about such events: without_key: refuse (or skip)"
            written.document.warn(f"{written.path}/key", f"can be empty, because {gap.reason}: {advice}")
    for place, key in _dependency_keys(written):
        for gap in _gaps(key, filled):
            if gap.is_partial:
                # A wrong contact on an invoice is worse than none, so an incomplete key is told here.
                message = f"can be incomplete, because {gap.reason}: put it into an @if that asks for it"
                written.document.warn(place, message)


def _gaps(key: Any, filled: frozenset[str]) -> list[Any]:
    return [] if key is None or is_always_empty(key) else find_gaps(key, filled)[:1]


def _dependency_keys(written: WrittenMapping) -> Iterator[tuple[str, Any]]:
    dependencies = written.value.get("depends_on")
    for name, entries in dependencies.items() if isinstance(dependencies, dict) else ():
        place = f"{written.path}/depends_on/{name}"
        for index, entry in enumerate(entries) if isinstance(entries, list) else [("", entries)]:
            if isinstance(entry, dict) and "key" in entry:
                yield f"{place}/{index}/key" if index != "" else f"{place}/key", entry["key"]


def _field_faults(written: WrittenMapping, description: Description) -> Iterator[tuple[str, str]]:
    for part in ("fields", "fallbacks", "depends_on"):
        fields = written.value.get(part)
        for name, value in fields.items() if isinstance(fields, dict) else ():
            path = f"{written.path}/{part}/{name}"
            if name.startswith("@"):
                continue
            if name.partition("/")[0] not in description or (part != "depends_on" and "/" in name):
                yield path, explain_unknown_field(name, description, written.mapping.object)
            elif part != "depends_on":
                yield from check_value(value, find_field(description, name), path, name)
