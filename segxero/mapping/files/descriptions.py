"""What Xero's objects take, as the loader is told: field names, and for nested fields, lengths and words as well."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeAlias

from segxero.errors import MappingError
from segxero.mapping.files.strict_yaml import pointer
from segxero.mapping.registry import is_directive
from segxero.mapping.values import numbers
from segxero.mapping.values.file_texts import expand
from segxero.mapping.values.templates import DOUBLE, TRIPLE

LONGEST_SHOWN = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedField:
    """What one field takes: a text of at most *longest* characters, one of *words*, a number, or an object.

    *fields* are those of the object, or of each object of a list. A field of which nothing is known takes anything.
    """

    longest: int | None = None
    words: tuple[str, ...] = ()
    is_number: bool = False
    fields: Mapping[str, "DescribedField"] | None = None

    @property
    def is_plain(self) -> bool:
        """Say whether it takes one text or number, and no object or list."""
        return bool(self.longest or self.words or self.is_number)


Description: TypeAlias = frozenset[str] | Mapping[str, DescribedField]
Objects: TypeAlias = Mapping[str, Description]
Found: TypeAlias = tuple[str, str]

ANYTHING = DescribedField()


def field_of(description: Description, name: str) -> DescribedField:
    """Return what is known of the field *name*."""
    return ANYTHING if isinstance(description, frozenset) else description.get(name, ANYTHING)


def unknown_field(name: str, known: Description, owner: str) -> str:
    """Say what to write instead of *name*, which *owner* does not have."""
    close = get_close_matches(name, known, n=1)
    guess = f"did you mean {close[0]}?" if close else f"write {', '.join(sorted(known))}"
    return f"is not a field of {owner}: {guess}"


def check(value: Any, field: DescribedField, path: str, owner: str, *, expands: bool = True) -> Iterator[Found]:
    """Find what *value* (as a mapping file has it) can never be right for: pairs of path and sentence."""
    if is_directive(value):
        yield from _directive(value, field, path, owner, expands=expands)
    elif isinstance(value, dict):
        yield from _object(value, field, path, owner, expands=expands)
    elif isinstance(value, list):
        if field.is_plain:
            yield path, f"should be one value: {owner} takes no list"
        for index, item in enumerate(value):
            yield from check(item, field, pointer(path, index), owner, expands=expands)
    elif isinstance(value, str) and not (expands and expand(value) is not None):
        yield from _text(value, field, path)


def _directive(
    value: dict[str, Any], field: DescribedField, path: str, owner: str, *, expands: bool
) -> Iterator[Found]:
    for name, argument in value.items():
        if name == "@template" and isinstance(argument, str):
            yield from _text(_constant_part(argument), DescribedField(longest=field.longest), pointer(path, name))
        for keys, inner in RESULTS[name](argument) if name in RESULTS else ():
            place = path
            for key in (name, *keys):
                place = pointer(place, key)
            yield from check(inner, field, place, owner, expands=expands and name != "@literal")


def _object(value: dict[str, Any], field: DescribedField, path: str, owner: str, *, expands: bool) -> Iterator[Found]:
    if field.is_plain:
        yield path, f"should be one value: {owner} takes no object"
    if field.fields is None:
        return
    for name, inner in value.items():
        place = pointer(path, name)
        if name not in field.fields:
            yield place, unknown_field(name, field.fields, owner)
        else:
            yield from check(inner, field.fields[name], place, f"{owner}.{name}", expands=expands)


def _text(text: str, field: DescribedField, path: str) -> Iterator[Found]:
    if field.longest is not None and len(text) > field.longest:
        yield path, f"has {len(text)} characters: Xero takes {field.longest}"
    if field.words and text not in field.words:
        shown = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
        yield path, f'cannot be "{shown}": write {" or ".join(field.words)}'
    if field.is_number:
        try:
            numbers.read(text)
        except MappingError as error:
            yield path, str(error)


def _constant_part(template: str) -> str:
    return DOUBLE.sub("", TRIPLE.sub("", template))


def _options(*names: str) -> Callable[[Any], Iterator[tuple[tuple[Any, ...], Any]]]:
    def pick(argument: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
        if isinstance(argument, dict):
            yield from (((name,), argument[name]) for name in names if name in argument)

    return pick


def _entries(argument: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(argument, list):
        yield from (((index,), item) for index, item in enumerate(argument))


def _shape(argument: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(argument, list) and len(argument) > 1:
        yield (1,), argument[1]


def _objects(argument: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(argument, dict):
        yield from ((("objects", *keys), item) for keys, item in _entries(argument.get("objects")))


# Where a directive's own result comes from.
RESULTS: dict[str, Callable[[Any], Iterator[tuple[tuple[Any, ...], Any]]]] = {
    "@if": _options("then", "else"),
    "@first": _entries,
    "@literal": lambda argument: iter([((), argument)]),
    "@arrayPath": _shape,
    "@merge": _objects,
    "@transform": _options("mapping"),
    "@excludeWhenNull": lambda argument: iter([((), argument)]),
    "@lookup": _options("default"),
}
