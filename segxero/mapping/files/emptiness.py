"""Whether a key can come out empty or with a hole in it, told from how it is written and from what its trigger asks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from segxero import jsontext
from segxero.mapping.registry import METADATA, is_directive
from segxero.mapping.values.file_texts import expand
from segxero.mapping.values.paths import split_path
from segxero.mapping.values.templates import DOUBLE, TRIPLE, placeholders


@dataclass(frozen=True, slots=True)
class Gap:
    """Why a key can be wrong; *is_partial* when a part of its text is missing, so that it names another record."""

    reason: str
    is_partial: bool = False


def gaps(value: Any, filled: frozenset[str]) -> list[Gap]:
    """List why *value* can be empty or have a hole, when the event has the fields *filled*; none when it cannot."""
    if path := path_of(value):
        return [] if path in filled else [Gap(f"{path} can be missing")]
    if is_directive(value):
        name, argument = _only(value)
        if canonical(value) in filled:
            return []
        find = FINDERS.get(name)
        return find(argument, filled) if find else [Gap(f"{name} can come out empty")]
    return [Gap("it is empty")] if is_always_empty(value) else []


def is_always_empty(value: Any) -> bool:
    """Say whether *value* is empty whatever the event."""
    if not is_directive(value):
        return value is None or str(value).strip() == ""
    name, argument = _only(value)
    if name == "@first" and isinstance(argument, list):
        return all(map(is_always_empty, argument))
    if name == "@if" and isinstance(argument, dict):
        return all(is_always_empty(argument.get(branch)) for branch in ("then", "else"))
    return name in {"@literal", "@template", "@liquid"} and is_always_empty(argument)


def path_of(value: Any) -> str:
    """Return the path that *value* is, in its plain form; empty when it is something else."""
    if is_directive(value):
        name, argument = _only(value)
        if name == "@first" and isinstance(argument, list) and len(argument) == 1:
            return path_of(argument[0])
        text = argument if name == "@path" and isinstance(argument, str) else None
    else:
        text = expand(value) if isinstance(value, str) else None
    return "" if text is None else ".".join(split_path(text.replace("$.", "", 1)))


def paths_in(value: Any) -> Iterator[str]:
    """List the paths that *value* is made of, at any depth."""
    if path := path_of(value):
        yield path
    elif isinstance(value, dict):
        if isinstance(template := value.get("@template"), str):
            yield from (".".join(split_path(inner)) for inner in placeholders(template))
        for inner in value.values():
            yield from paths_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from paths_in(inner)


def canonical(value: Any) -> str:
    """Write *value* so that the same directive gives the same text."""
    return path_of(value) or jsontext.canonical(value)


def _only(value: dict[str, Any]) -> tuple[str, Any]:
    return next((name, argument) for name, argument in value.items() if name != METADATA)


def _template(argument: Any, filled: frozenset[str]) -> list[Gap]:
    if not isinstance(argument, str):
        return [Gap("@template can come out empty")]
    inside = [".".join(split_path(inner)) for inner in placeholders(argument)]
    missing = [path for path in inside if path not in filled]
    if not missing:
        return []
    rest = DOUBLE.sub("", TRIPLE.sub("", argument)).strip()
    if not rest and len(inside) == 1:
        return [Gap(f"{missing[0]} can be missing")]
    shown = f' "{rest}"' if rest else ""
    return [Gap(f"{missing[0]} can be missing, and what is left{shown} names another record", is_partial=True)]


def _first(argument: Any, filled: frozenset[str]) -> list[Gap]:
    found = [gaps(candidate, filled) for candidate in argument] if isinstance(argument, list) else []
    partial = [gap for one in found for gap in one if gap.is_partial]
    if partial or not found or any(not one for one in found):
        return partial
    return [Gap(" and ".join(dict.fromkeys(gap.reason for one in found for gap in one)))]


def _if(argument: Any, filled: frozenset[str]) -> list[Gap]:
    if not isinstance(argument, dict):
        return []
    asked = canonical(argument.get("exists", argument.get("blank")))
    found = gaps(argument["then"], filled | {asked}) if "then" in argument else [Gap("there is no then")]
    if asked in filled:
        return found
    return found + (gaps(argument["else"], filled) if "else" in argument else [Gap(f"{asked} can be missing")])


def _option(name: str) -> Callable[[Any, frozenset[str]], list[Gap]]:
    def find(argument: Any, filled: frozenset[str]) -> list[Gap]:
        if isinstance(argument, dict) and name in argument:
            return gaps(argument[name], filled)
        return [Gap("it can come out empty")]

    return find


def _lookup(argument: Any, filled: frozenset[str]) -> list[Gap]:
    if isinstance(argument, dict) and "default" in argument:
        return gaps(argument["default"], filled)
    return [Gap("the table can lack the row")]


FINDERS: dict[str, Callable[[Any, frozenset[str]], list[Gap]]] = {
    "@case": _option("value"),
    "@date": _option("value"),
    "@excludeWhenNull": gaps,
    "@first": _first,
    "@if": _if,
    "@literal": lambda argument, _filled: [Gap("it is empty")] if is_always_empty(argument) else [],
    "@lookup": _lookup,
    "@money": _option("value"),
    "@number": _option("value"),
    "@replace": _option("value"),
    "@template": _template,
}
