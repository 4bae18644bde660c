"""What mappings make of events: drafts of Xero objects, and the set of mappings that a process works with."""

import dataclasses
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from typing import Any

from segxero.errors import MappingError
from segxero.mapping.plain_text import is_empty, is_number, plain_text
from segxero.mapping.registry import Resolver
from segxero.mapping.trigger import Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One record that another one depends on, and the field that names it; *optional* ones do not hold it up."""

    field: str
    object: str
    key: str
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What one mapping makes of one event: the fields it sets, and those it only suggests (fallbacks)."""

    mapping: str
    object: str
    key: str
    fields: dict[str, Any]
    fallbacks: dict[str, Any]
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """One entry of `depends_on`, compiled."""

    field: str
    object: str
    key: Resolver = dataclasses.field(repr=False, compare=False)
    optional: bool = False

    def reference(self, event: MappingType[str, Any]) -> Reference | None:
        """Name the record that *event* needs here, or None where its key is not there."""
        key = self.key(event)
        if is_empty(key):
            return None
        return Reference(field=self.field, object=self.object, key=_key_text(key), optional=self.optional)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """One mapping of a file, compiled: its trigger chooses events, its fields make drafts of them."""

    name: str
    object: str
    file: str
    line: int
    trigger: Trigger
    key: Resolver = dataclasses.field(repr=False, compare=False)
    fields: Resolver = dataclasses.field(repr=False, compare=False)
    fallbacks: Resolver = dataclasses.field(repr=False, compare=False)
    dependencies: tuple[Dependency, ...] = ()

    def wants(self, event: MappingType[str, Any]) -> bool:
        return self.trigger.matches(event)

    def apply(self, event: MappingType[str, Any]) -> Draft:
        """Make the draft. Raise MappingError, which names the mapping and its place, when *event* does not allow it."""
        try:
            return Draft(
                mapping=self.name,
                object=self.object,
                key=self._key(event),
                fields=self.fields(event),
                fallbacks=self.fallbacks(event),
                references=tuple(ref for one in self.dependencies if (ref := one.reference(event)) is not None),
            )
        except MappingError as error:
            raise MappingError(f"Mapping {self.name} ({self.file}:{self.line}): {error}") from error

    def _key(self, event: MappingType[str, Any]) -> str:
        key = self.key(event)
        text = "" if is_empty(key) else _key_text(key)
        if not text:
            raise MappingError("the key is empty for this event: change the key or narrow the trigger")
        return text


def _key_text(key: Any) -> str:
    if not isinstance(key, str) and not is_number(key):
        raise MappingError(f"the key should be a text or a number but is a {type(key).__name__}: {plain_text(key)}")
    return plain_text(key).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """One Xero organisation: which Segment sources it takes (None = all) and how its invoices are made."""

    name: str
    sources: tuple[str, ...] | None = None
    order_id_in: str = "InvoiceNumber"
    due_days: int = 14
    currency: str = ""

    def takes(self, source: str) -> bool:
        return self.sources is None or source in self.sources


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingSet:
    """All mappings, tables and organisations of a directory; *version* changes with any of its files."""

    mappings: tuple[Mapping, ...]
    tables: dict[str, dict[str, Any]]
    organisations: dict[str, Organisation]
    version: str

    def wants(self, event: MappingType[str, Any]) -> bool:
        """Say whether any mapping wants *event*."""
        return any(mapping.trigger.matches(event) for mapping in self.mappings)

    def drafts(self, event: MappingType[str, Any]) -> list[Draft]:
        """Apply every mapping that wants *event*. Raise MappingError when one of them cannot."""
        return [mapping.apply(event) for mapping in self.mappings if mapping.trigger.matches(event)]

    def organisation_of(self, event: MappingType[str, Any]) -> str | None:
        """Name the organisation that takes the event's source: one that lists it goes before one that takes all."""
        source = plain_text(event.get("projectId"))
        takers = [organisation for organisation in self.organisations.values() if organisation.takes(source)]
        takers.sort(key=lambda organisation: organisation.sources is None)
        return takers[0].name if takers else None
