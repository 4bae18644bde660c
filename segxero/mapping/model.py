"""Mappings and their results: drafts of Xero objects, and the set of mappings of a process.

The loader makes a MappingSet; the events queue, the console and the commands ask it for drafts.
"""

import dataclasses
from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from typing import Any

from segxero.errors import Fault, MappingError
from segxero.mapping.language.directive import Resolver
from segxero.mapping.names import NO_NAMES, Names, add_names
from segxero.mapping.organisations import Organisation, merge_tables
from segxero.mapping.shops import PLACE, Shop
from segxero.mapping.triggers.clauses import why_not
from segxero.mapping.triggers.trigger import Trigger
from segxero.mapping.values.plain_text import is_empty, is_number, plain_text

PEOPLE = "Contact"  # the object whose records are people


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A dependency of a record, with the field that names it; an *optional* dependency holds nothing up."""

    field: str
    object: str
    key: str
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The result of a mapping for an event: the fields it sets and the fields it only suggests (fallbacks)."""

    mapping: str
    object: str
    key: str
    fields: dict[str, Any]
    fallbacks: dict[str, Any]
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """An entry of `depends_on`, compiled."""

    field: str
    object: str
    key: Resolver = dataclasses.field(repr=False, compare=False)
    optional: bool = False

    def references(self, event: MappingType[str, Any]) -> Iterator[Reference]:
        """Name the records that *event* needs here: several for a list of keys, none for an empty key."""
        key = self.key(event)
        found = [_key_text(part) for part in (key if isinstance(key, list) else [key]) if not is_empty(part)]
        for text in dict.fromkeys(found):
            yield Reference(field=self.field, object=self.object, key=text, optional=self.optional)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The compiled parts of a mapping, for the tables and the time zone of an organisation."""

    key: Resolver
    fields: Resolver
    fallbacks: Resolver
    dependencies: tuple[Dependency, ...] = ()
    each: Resolver | None = None  # the list whose entries each make a record


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A mapping of a file: its trigger chooses events, its body makes drafts of them.

    *bodies* are for organisations with settings of their own, *body* is for all others. *sources* and *organisations*
    limit the mapping; None means all. A mapping that is not *enabled* wants nothing. An event with an empty key is
    ignored with *skips_without_key*, and an error without it.
    """

    name: str
    object: str
    file: str
    line: int
    trigger: Trigger
    body: Body = dataclasses.field(repr=False, compare=False)
    bodies: MappingType[str, Body] = dataclasses.field(default_factory=dict, repr=False, compare=False)
    sources: frozenset[str] | None = None
    organisations: frozenset[str] | None = None
    skips_without_key: bool = False
    enabled: bool = True

    def wants(self, event: MappingType[str, Any], organisation: str = "") -> bool:
        """Say whether the mapping makes a draft of *event*, which goes to *organisation*."""
        return (
            self.enabled
            and self.trigger.matches(event)
            and (self.sources is None or source_of(event) in self.sources)
            and (self.organisations is None or organisation.partition(PLACE)[0] in self.organisations)
            and not (self.skips_without_key and self._lacks_keys(event, organisation))
        )

    def why_not(self, event: MappingType[str, Any], organisation: str = "") -> str:
        """Say in a line why the mapping does not want *event*; empty if it does."""
        if not self.enabled:
            return "it is switched off (enabled: false)"
        if reason := why_not(self.trigger.tree, event):
            return reason
        if self.sources is not None and source_of(event) not in self.sources:
            return f"the mapping is not for the source {source_of(event) or 'none'}"
        if self.organisations is not None and organisation not in self.organisations:
            return f"the mapping is not for the organisation {organisation or 'none'}"
        return "" if self.wants(event, organisation) else "its key is empty and without_key says skip"

    def drafts(self, event: MappingType[str, Any], organisation: str = "") -> list[Draft]:
        """Make the draft of *event*, or a draft of each entry of its list. Raise MappingError as `apply` does."""
        entries = self._entries(self._body_of(organisation), event)
        return [self.apply(entry, organisation) for entry in entries]

    def apply(self, event: MappingType[str, Any], organisation: str = "") -> Draft:
        """Make the draft. Raise MappingError, which names the mapping and its place, when *event* does not allow it."""
        body = self._body_of(organisation)
        try:
            return Draft(
                mapping=self.name,
                object=self.object,
                key=_key(body, event),
                fields=body.fields(event),
                fallbacks=body.fallbacks(event),
                references=tuple(reference for needed in body.dependencies for reference in needed.references(event)),
            )
        except MappingError as error:
            raise MappingError(f"Mapping {self.name} ({self.file}:{self.line}): {error}") from error

    def _body_of(self, place: str) -> Body:
        """Return the body for *place*: an organisation, or a shop in it (see shops.PLACE)."""
        return self.bodies.get(place) or self.bodies.get(place.partition(PLACE)[0], self.body)

    def _entries(self, body: Body, event: MappingType[str, Any]) -> list[Any]:
        """Return the sources of records: the event itself, or each entry of its list that has a key."""
        if body.each is None:
            return [event]
        found = body.each(event)
        entries = found if isinstance(found, list) else [found]
        return [entry for entry in entries if isinstance(entry, dict) and not self._lacks_key(body, entry)]

    def _lacks_keys(self, event: MappingType[str, Any], organisation: str) -> bool:
        body = self._body_of(organisation)
        return not self._entries(body, event) if body.each else self._lacks_key(body, event)

    def _lacks_key(self, body: Body, entry: Any) -> bool:
        try:
            return self.skips_without_key and is_blank(body.key(entry))
        except MappingError:
            # A key with an error is not empty: the error is reported when the draft is made.
            return False


def source_of(event: MappingType[str, Any]) -> str:
    """Return the id of the Segment source that *event* comes from."""
    return plain_text(event.get("projectId"))


def is_blank(key: Any) -> bool:
    """Say whether *key* names no record: it is missing, null or only white space."""
    return is_empty(key) or (isinstance(key, str) and not key.strip())


def _key(body: Body, event: MappingType[str, Any]) -> str:
    key = body.key(event)
    if is_blank(key):
        raise MappingError("the key is empty for this event: change the key or narrow the trigger")
    return _key_text(key)


def _key_text(key: Any) -> str:
    if not isinstance(key, str) and not is_number(key):
        raise MappingError(f"the key should be a text or a number but is a {type(key).__name__}: {plain_text(key)}")
    return plain_text(key).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingSet:
    """All mappings, tables and organisations of a directory; *version* changes with any of its files."""

    mappings: tuple[Mapping, ...]
    tables: dict[str, dict[str, Any]]
    organisations: dict[str, Organisation]
    version: str
    warnings: tuple[Fault, ...] = ()

    @property
    def enabled(self) -> tuple[Mapping, ...]:
        """The mappings that are switched on."""
        return tuple(mapping for mapping in self.mappings if mapping.enabled)

    def switched_on(self, file: str) -> "MappingSet":
        """Return the set with every mapping of *file* switched on."""
        mappings = (dataclasses.replace(each, enabled=each.enabled or each.file == file) for each in self.mappings)
        return dataclasses.replace(self, mappings=tuple(mappings))

    def wants(self, event: MappingType[str, Any], names: Names = NO_NAMES) -> bool:
        """Say whether any mapping wants *event*, or it joins the ids of people who become contacts."""
        place = self._place_of(event)
        event = self.with_names(event, names)
        if event.get("type") == "alias" and any(mapping.object == PEOPLE for mapping in self.enabled):
            return True
        return any(mapping.wants(event, place) for mapping in self.mappings)

    def objects_of(self, event: MappingType[str, Any], names: Names = NO_NAMES) -> frozenset[str]:
        """Name the Xero objects of which *event* makes records."""
        place = self._place_of(event)
        event = self.with_names(event, names)
        return frozenset(mapping.object for mapping in self.mappings if mapping.wants(event, place))

    def drafts(self, event: MappingType[str, Any], names: Names = NO_NAMES) -> list[Draft]:
        """Apply every mapping that wants *event*. Raise MappingError if any of them cannot."""
        place = self._place_of(event)
        event = self.with_names(event, names)
        wanting = (mapping for mapping in self.mappings if mapping.wants(event, place))
        return [draft for mapping in wanting for draft in mapping.drafts(event, place)]

    def shop_of(self, event: MappingType[str, Any]) -> Shop | None:
        """Return the shop of the event's source; None for no shop."""
        organisation = self.organisations.get(self.organisation_of(event) or "")
        return organisation.shop_of(source_of(event)) if organisation and organisation.shops else None

    def _place_of(self, event: MappingType[str, Any]) -> str:
        """Name the organisation of *event*, and its shop where that has settings of its own."""
        organisation = self.organisation_of(event) or ""
        shop = self.shop_of(event)
        return f"{organisation}{PLACE}{shop.name}" if shop and shop.has_settings else organisation

    def with_names(self, event: MappingType[str, Any], names: Names = NO_NAMES) -> dict[str, Any]:
        """Return *event* with the names of its source and destinations."""
        return add_names(event, self.tables, names)

    def organisation_of(self, event: MappingType[str, Any]) -> str | None:
        """Name the organisation of the event's source: a list with the source goes before `all`."""
        source, rest = source_of(event), None
        for organisation in self.organisations.values():
            if organisation.sources is None:
                rest = organisation.name
            elif source in organisation.sources:
                return organisation.name
        return rest

    def tables_of(self, organisation: str, shop: Shop | None = None) -> dict[str, dict[str, Any]]:
        """Return the tables of *organisation*, or of its *shop*: its own rows over those of the files."""
        own = merge_tables(self.tables, self.organisations[organisation].tables)
        return merge_tables(own, shop.tables) if shop else own

    def list_tables(self, organisation: str) -> list[dict[str, dict[str, Any]]]:
        """Return the tables of *organisation*, then those of each shop with rows of its own."""
        shops = [shop for shop in self.organisations[organisation].shops if shop.tables]
        return [self.tables_of(organisation), *(self.tables_of(organisation, shop) for shop in shops)]
