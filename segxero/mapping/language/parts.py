"""Finds the values inside a directive's argument: the parts of its result, and the parts that an import translates.

Each directive declares both. The checks of the fields and the import of Segment subscriptions read them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from segxero.mapping.language.shapes import is_directive

Keys: TypeAlias = tuple[str | int, ...]
Part: TypeAlias = tuple[Keys, Any]
PickParts: TypeAlias = Callable[[Any], Iterator[Part]]
Warn: TypeAlias = Callable[[str], None]
Mend: TypeAlias = Callable[[Any, Warn], Any]


def pick_nothing(_argument: Any) -> Iterator[Part]:
    """Find no part: the directive makes a value of its own."""
    yield from ()


def pick_whole(argument: Any) -> Iterator[Part]:
    """Find the argument itself."""
    yield (), argument


def pick_inner_directive(argument: Any) -> Iterator[Part]:
    """Find the argument if it is a directive; a text has a meaning of its own there."""
    if is_directive(argument):
        yield (), argument


def pick_entries(argument: Any) -> Iterator[Part]:
    """Find the entries of the argument, a list."""
    if isinstance(argument, list):
        yield from (((index,), item) for index, item in enumerate(argument))


def pick_options(*names: str) -> PickParts:
    """Return a function that finds the options *names* of the argument, an object."""

    def pick(argument: Any) -> Iterator[Part]:
        if isinstance(argument, dict):
            yield from (((name,), argument[name]) for name in names if name in argument)

    return pick


def keep_argument(argument: Any, _warn: Warn) -> Any:
    """Leave the argument as Segment has it."""
    return argument


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """How an argument is imported: *mend* drops the parts that Segment ignores, then the *values* are translated."""

    values: PickParts = pick_nothing
    mend: Mend = keep_argument


def replace_part(argument: Any, keys: Keys, value: Any) -> Any:
    """Return a copy of *argument* with *value* at the place *keys*."""
    if not keys:
        return value
    first, rest = keys[0], keys[1:]
    copy = argument.copy()
    copy[first] = replace_part(argument[first], rest, value)
    return copy
