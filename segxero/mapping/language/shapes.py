"""The shapes of arguments. Every directive declares its own, and the compiler checks it before anything else."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """A fault in an argument: the *option* that is wrong, empty for the argument itself.

    Segment ignores a slip that is *only_in_files*; the mapping files refuse it.
    """

    message: str
    option: str = ""
    only_in_files: bool = False


class Shape(Protocol):
    """How the argument of a directive may look."""

    def find_slips(self, value: Any) -> Iterator[Slip]: ...


@dataclass(frozen=True, slots=True)
class Anything:
    """Any value at all."""

    def find_slips(self, value: Any) -> Iterator[Slip]:
        yield from ()


@dataclass(frozen=True, slots=True)
class AnyText:
    """A text, or a directive that gives one."""

    or_directive: bool = False

    def find_slips(self, value: Any) -> Iterator[Slip]:
        if not isinstance(value, str) and not (self.or_directive and is_directive(value)):
            yield Slip(message="should be a text or a directive" if self.or_directive else "should be a text")


@dataclass(frozen=True, slots=True)
class Entries:
    """A list with at least one entry; *content* says what stands in it."""

    content: str

    def find_slips(self, value: Any) -> Iterator[Slip]:
        if not isinstance(value, list) or not value:
            yield Slip(message=f"should be a list{self.content}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """An object whose keys are options, such as `then` and `else`."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return self.required + self.optional

    def find_slips(self, value: Any) -> Iterator[Slip]:
        known = list(self.names)
        if not isinstance(value, dict) or is_directive(value):
            yield Slip(message=f"should be an object with {join_names(known)}")
            return
        for name in value:
            if name not in known:
                advice = f"write {join_names(known)}{_guess(name, known)}"
                yield Slip(message=f"is not an option here: {advice}", option=name, only_in_files=True)
        yield from (Slip(message=f"should have {name}") for name in self.required if name not in value)


def is_directive(value: Any) -> bool:
    """Say whether *value* is an object with a key that starts with @."""
    return isinstance(value, dict) and any(key.startswith("@") for key in value)


def join_names(names: Iterable[str]) -> str:
    """Write *names* as people do: a, b or c."""
    listed = list(names)
    if not listed:
        return "no keys"
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}"


def _guess(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f" (did you mean {close[0]}?)" if close else ""
