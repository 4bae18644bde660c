"""Describes the fields of Xero's objects for the checks: names, nested fields, lengths and allowed words.

The loader gets the descriptions from its caller; the checks and the import of subscriptions read them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeAlias

from segxero.errors import MappingError
from segxero.mapping.language.directive import DIRECTIVES
from segxero.mapping.language.shapes import is_directive
from segxero.mapping.values import numbers
from segxero.mapping.values.paths import expand_path, extend_pointer
from segxero.mapping.values.templates import DOUBLE, TRIPLE

LONGEST_SHOWN = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedField:
    """The values that a field takes: a text of at most *longest* characters, a word of *words*, a number, or an object.

    *fields* belong to the object, or to each object of a list. An undescribed field takes anything.
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


def find_field(description: Description, name: str) -> DescribedField:
    """Return the description of the field *name*."""
    return ANYTHING if isinstance(description, frozenset) else description.get(name, ANYTHING)


def explain_unknown_field(name: str, known: Description, owner: str) -> str:
    """Suggest a field instead of *name*, which *owner* does not have."""
    close = get_close_matches(name, known, n=1)
    guess = f"did you mean {close[0]}?" if close else f"write {', '.join(sorted(known))}"
    return f"is not a field of {owner}: {guess}"


def check_value(value: Any, field: DescribedField, path: str, owner: str, *, expands: bool = True) -> Iterator[Found]:
    """Find the parts of *value* (as a mapping file has it) that Xero always refuses: pairs of path and sentence."""
    if is_directive(value):
        yield from _directive(value, field, path, owner, expands=expands)
    elif isinstance(value, dict):
        yield from _object(value, field, path, owner, expands=expands)
    elif isinstance(value, list):
        if field.is_plain:
            yield path, f"should be one value: {owner} takes no list"
        for index, item in enumerate(value):
            yield from check_value(item, field, extend_pointer(path, index), owner, expands=expands)
    elif isinstance(value, str) and not (expands and expand_path(value) is not None):
        # A path takes its text from the event, which nobody knows yet.
        yield from _text(value, field, path)


def _directive(
    value: dict[str, Any], field: DescribedField, path: str, owner: str, *, expands: bool
) -> Iterator[Found]:
    for name, argument in value.items():
        if name == "@template" and isinstance(argument, str):
            yield from _text(
                _constant_part(argument), DescribedField(longest=field.longest), extend_pointer(path, name)
            )
        for keys, inner in DIRECTIVES[name].inner(argument) if name in DIRECTIVES else ():
            place = path
            for key in (name, *keys):
                place = extend_pointer(place, key)
            yield from check_value(inner, field, place, owner, expands=expands and name != "@literal")


def _object(value: dict[str, Any], field: DescribedField, path: str, owner: str, *, expands: bool) -> Iterator[Found]:
    if field.is_plain:
        yield path, f"should be one value: {owner} takes no object"
    if field.fields is None:
        return
    for name, inner in value.items():
        place = extend_pointer(path, name)
        if name not in field.fields:
            yield place, explain_unknown_field(name, field.fields, owner)
        else:
            yield from check_value(inner, field.fields[name], place, f"{owner}.{name}", expands=expands)


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
