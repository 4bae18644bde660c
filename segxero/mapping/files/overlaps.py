"""Finds mappings that write the same field of the same record for the same event, so that chance decides.

The loader calls this module after it has read all files.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

from segxero.mapping.files.mappings import WrittenMapping
from segxero.mapping.language.emptiness import list_paths, write_canonically
from segxero.mapping.language.shapes import is_directive
from segxero.mapping.triggers.meaning import can_match, example, possible_texts
from segxero.mapping.values.plain_text import plain_text
from segxero.mapping.values.templates import DOUBLE

PARTS = ("fields", "fallbacks")
FACT, VERSION = "Fact", "version"  # the field for the kind of a fact, and the kind of a mapping without it


def note_overlaps(mappings: Iterable[WrittenMapping]) -> None:
    """Note every overlap in the document of the later mapping: as a fault if it is certain, otherwise as a warning."""
    by_object: dict[str, list[WrittenMapping]] = {}
    for written in mappings:
        if not written.mapping.enabled:
            continue
        by_object.setdefault(written.mapping.object, []).append(written)
    for several in by_object.values():
        for one, other in combinations(several, 2):
            _note(one, other)


def _note(one: WrittenMapping, other: WrittenMapping) -> None:
    shared = list(_shared_fields(one, other))
    if not shared or _tell_other_facts(one, other) or not _may_meet(one, other):
        return
    sameness = _sameness(one.value.get("key"), other.value.get("key"))
    if sameness == "different":
        return
    event = example(one.mapping.trigger.tree, other.mapping.trigger.tree)
    for path, name in shared:
        place = f"the mapping {one.mapping.name} ({one.mapping.file}:{one.mapping.line})"
        if sameness == "same" and event is not None:
            message = f"writes {name} of the same record as {place}, {_shown(event)}: take it out of one of them"
            other.document.fault(path, message)
        else:
            other.document.warn(path, f"may write {name} of the same record as {place}: their keys can be the same")


def _tell_other_facts(one: WrittenMapping, other: WrittenMapping) -> bool:
    """Tell whether both add facts of different kinds, such as an order and its payment, which are kept apart."""
    fields = [written.value.get("fields") for written in (one, other)]
    kinds = [each.get(FACT, VERSION) if isinstance(each, dict) else VERSION for each in fields]
    return all(isinstance(kind, str) for kind in kinds) and kinds[0] != kinds[1]


def _shared_fields(one: WrittenMapping, other: WrittenMapping) -> Iterator[tuple[str, str]]:
    for part in PARTS:
        ours, theirs = one.value.get(part), other.value.get(part)
        if isinstance(ours, dict) and isinstance(theirs, dict):
            for name in theirs:
                if name in ours and write_canonically(ours[name]) != write_canonically(theirs[name]):
                    yield f"{other.path}/{part}/{name}", name


def _may_meet(one: WrittenMapping, other: WrittenMapping) -> bool:
    """Say whether one event can be for both: source, organisation and trigger allow it."""
    first, second = one.mapping, other.mapping
    for ours, theirs in ((first.sources, second.sources), (first.organisations, second.organisations)):
        if ours is not None and theirs is not None and not ours & theirs:
            return False
    for keys in (("type",), ("event",)):
        ours, theirs = possible_texts(first.trigger.tree, keys), possible_texts(second.trigger.tree, keys)
        if ours is not None and theirs is not None and not ours & theirs:
            return False
    return can_match(first.trigger.tree, second.trigger.tree)


def _sameness(one: Any, other: Any) -> str:
    """Compare two keys by their text: same, different, or unknown if they can be equal."""
    if write_canonically(one) == write_canonically(other):
        return "same"
    paths = [set(list_paths(key)) for key in (one, other)]
    starts = [_constant_start(key) for key in (one, other)]
    if None not in starts:
        first, second = map(str, starts)
        return "unknown" if first.startswith(second) or second.startswith(first) else "different"
    return "unknown" if paths[0] & paths[1] else "different"


def _constant_start(key: Any) -> str | None:
    """Return the constant start of the key; None if it is neither a template nor a text."""
    if is_directive(key):
        text = key.get("@template")
        return DOUBLE.split(text)[0] if isinstance(text, str) else None
    return None if list(list_paths(key)) else plain_text(key)


def _shown(event: dict[str, Any]) -> str:
    parts = [f'{name} = "{event[name]}"' for name in ("type", "event") if isinstance(event.get(name), str)]
    return f"for events with {' and '.join(parts)}" if parts else "for the same events"
