"""Tells from the way a key is written, and from its trigger, whether it can come out empty or incomplete.

The checks of the mapping files call this module. Directives declare their part with the rules at its end.
"""

from collections.abc import Iterator
from typing import Any

from segxero import jsontext
from segxero.mapping.language.directive import DIRECTIVES, METADATA
from segxero.mapping.language.gaps import Emptiness, Gap
from segxero.mapping.language.shapes import is_directive
from segxero.mapping.values.paths import expand_path, split_path
from segxero.mapping.values.templates import find_placeholders


def find_gaps(value: Any, filled: frozenset[str]) -> list[Gap]:
    """List the reasons why *value* can be empty or incomplete, if the event has the fields *filled*."""
    if path := read_path(value):
        return [] if path in filled else [Gap(f"{path} can be missing")]
    if not is_directive(value):
        return [Gap("it is empty")] if is_always_empty(value) else []
    # The trigger or an @if around it has asked for exactly this directive.
    if write_canonically(value) in filled:
        return []
    name, argument = _only(value)
    declared = DIRECTIVES.get(name)
    if declared is None or declared.can_be_empty.find_gaps is None:
        return [Gap(f"{name} can come out empty")]
    return declared.can_be_empty.find_gaps(argument, filled)


def is_always_empty(value: Any) -> bool:
    """Say whether *value* is empty for every event."""
    if not is_directive(value):
        return value is None or str(value).strip() == ""
    name, argument = _only(value)
    return name in DIRECTIVES and DIRECTIVES[name].can_be_empty.is_always_empty(argument)


def read_path(value: Any) -> str:
    """Return the path that *value* stands for, in its plain form; empty if it is something else."""
    if is_directive(value):
        name, argument = _only(value)
        # A @first of one candidate is that candidate.
        if name == "@first" and isinstance(argument, list) and len(argument) == 1:
            return read_path(argument[0])
        text = argument if name == "@path" and isinstance(argument, str) else None
    else:
        text = expand_path(value) if isinstance(value, str) else None
    return "" if text is None else ".".join(split_path(text.replace("$.", "", 1)))


def list_paths(value: Any) -> Iterator[str]:
    """List the paths in *value*, at any depth."""
    if path := read_path(value):
        yield path
    elif isinstance(value, dict):
        if isinstance(template := value.get("@template"), str):
            yield from (".".join(split_path(inner)) for inner in find_placeholders(template))
        for inner in value.values():
            yield from list_paths(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from list_paths(inner)


def write_canonically(value: Any) -> str:
    """Write *value* so that equal directives give equal texts."""
    return read_path(value) or jsontext.canonical(value)


def _only(value: dict[str, Any]) -> tuple[str, Any]:
    return next((name, argument) for name, argument in value.items() if name != METADATA)


def follow_argument() -> Emptiness:
    """Return the rule of a directive that is empty when its argument is."""
    return Emptiness(find_gaps=find_gaps)


def follow_option(name: str, *, without_it: str = "it can come out empty") -> Emptiness:
    """Return the rule of a directive that is empty when its option *name* is; *without_it* is the reason otherwise."""

    def find(argument: Any, filled: frozenset[str]) -> list[Gap]:
        if isinstance(argument, dict) and name in argument:
            return find_gaps(argument[name], filled)
        return [Gap(without_it)]

    return Emptiness(find_gaps=find)
