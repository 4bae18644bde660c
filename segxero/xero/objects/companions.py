"""Records that are made because of another record. The hooks `implied` and `brings` return them to `sync.records`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


class Target(NamedTuple):
    """The record that a reference points to."""

    object: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Implied:
    """A record that must be in Xero first: *field* is the reference to it, *fields* is its content."""

    field: str
    object: str
    key: str
    fields: Mapping[str, Any]

    @property
    def target(self) -> Target:
        """Return the record that *field* points to."""
        return Target(self.object, self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A record that follows another one: *references* gives by field the records that it needs."""

    object: str
    key: str
    references: Mapping[str, Target]
