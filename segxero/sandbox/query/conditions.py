"""Conditions of a parsed `where`: the test of a record, and the index to find the records by."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from segxero.sandbox.state.table import Record
from segxero.sandbox.wire.refusals import invalid_query

_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
METHODS: Mapping[str, Callable[[str, str], bool]] = {
    "contains": operator.contains,
    "startswith": str.startswith,
    "endswith": str.endswith,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A property to filter and order by; *index* names the table's key for it."""

    kind: str
    get: Callable[[Record], Any]
    index: str = ""


def read_property(name: str, kind: str = "text") -> Field:
    """Return the field of the property *name* as it is stored."""
    return Field(kind=kind, get=lambda record: record.get(name))


class Condition(Protocol):
    """A parsed filter."""

    def holds(self, record: Record) -> bool: ...

    def keys(self) -> list[tuple[str, str]] | None:
        """Return the (index, value) pairs of every record for which this holds, or None."""


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison of a property with a literal."""

    field: Field
    operator: str
    value: Any

    def holds(self, record: Record) -> bool:
        found = self.field.get(record)
        # Xero compares texts without regard to case; the literal is folded already.
        if isinstance(found, str):
            found = found.casefold()
        if found is None or self.value is None:
            same = found is self.value
            return same if self.operator in {"==", "="} else not same and self.operator in {"!=", "<>"}
        return _OPERATORS[self.operator](found, self.value)

    def keys(self) -> list[tuple[str, str]] | None:
        indexed = self.field.index and self.operator in {"==", "="} and self.value is not None
        return [(self.field.index, self.value)] if indexed else None


@dataclass(frozen=True, slots=True)
class Method:
    """A text method on a property. Xero breaks on a record without the text, unless `!=null` guards it."""

    path: str
    field: Field
    name: str
    value: str

    def holds(self, record: Record) -> bool:
        found = self.field.get(record)
        # Xero's filter is LINQ: a method on a missing text throws.
        if found is None:
            raise invalid_query(f"Object reference not set: guard {self.path} with {self.path}!=null &&")
        return METHODS[self.name](str(found).casefold(), self.value)

    def keys(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Both:
    """All of its conditions, from left to right."""

    parts: tuple[Condition, ...]

    def holds(self, record: Record) -> bool:
        return all(part.holds(record) for part in self.parts)

    def keys(self) -> list[tuple[str, str]] | None:
        return next((found for found in (part.keys() for part in self.parts) if found is not None), None)


@dataclass(frozen=True, slots=True)
class Either:
    """Any of its conditions."""

    parts: tuple[Condition, ...]

    def holds(self, record: Record) -> bool:
        return any(part.holds(record) for part in self.parts)

    def keys(self) -> list[tuple[str, str]] | None:
        found: list[tuple[str, str]] = []
        for part in self.parts:
            keys = part.keys()
            # A single part without an index makes a scan necessary.
            if keys is None:
                return None
            found += keys
        return found
