"""Records made because of another record. The hooks `implied` and `brings` return them to `sync.records`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


class Target(NamedTuple):
    """The record on the other end of a reference."""

    object: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Implied:
    """A record needed in Xero first: *field* is the reference to it, *fields* is its content."""

    field: str
    object: str
    key: str
    fields: Mapping[str, Any]

    @property
    def target(self) -> Target:
        """Return the record behind *field*."""
        return Target(self.object, self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A record made after another: *references* gives by field the records it refers to."""

    object: str
    key: str
    references: Mapping[str, Target]
