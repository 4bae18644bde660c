"""Reads a mapping file: a list of mappings, each compiled for its organisations. The loader calls this module."""

from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from typing import Any

from segxero.mapping.files import custom_fields
from segxero.mapping.files.strict_yaml import YamlFile
from segxero.mapping.language.directive import (
    DIRECTIVES,
    Argument,
    Compilation,
    DirectiveSettings,
    Resolver,
    give_nothing,
)
from segxero.mapping.language.emptiness import is_always_empty
from segxero.mapping.language.shapes import is_directive
from segxero.mapping.model import Body, Dependency, Mapping
from segxero.mapping.organisations import Organisation
from segxero.mapping.shops import PLACE
from segxero.mapping.triggers.clauses import Some
from segxero.mapping.triggers.trigger import Trigger, TriggerError, parse_trigger
from segxero.mapping.values.paths import extend_pointer
from segxero.mapping.values.plain_text import is_number, plain_text

REQUIRED = ("name", "object", "trigger", "key")
OPTIONAL = ("each", "fields", "fallbacks", "depends_on", "custom", "sources", "organisations", "without_key", "enabled")
KNOWN = REQUIRED + OPTIONAL
NEVER = Trigger("", Some(()), lambda _event: False)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The knowledge that a mapping file needs: Xero's objects, the tables and the organisations."""

    objects: MappingType[str, Any]
    tables: MappingType[str, MappingType[str, Any]] = field(default_factory=dict)
    organisations: MappingType[str, Organisation] = field(default_factory=dict)

    def general(self) -> DirectiveSettings:
        """Return the settings without an organisation's own; the tables of organisations are known, but empty."""
        named: dict[str, MappingType[str, Any]] = {
            table: {} for organisation in self.organisations.values() for table in organisation.tables
        }
        return DirectiveSettings(tables={**named, **self.tables})


@dataclass(frozen=True, slots=True)
class WrittenMapping:
    """A mapping with its text and its place in the file, for the checks."""

    mapping: Mapping
    value: dict[str, Any]
    document: YamlFile
    path: str


def read_mappings(document: YamlFile, surroundings: Surroundings) -> list[WrittenMapping]:
    """Read every mapping of *document*; faults are noted there."""
    if document.value is None:
        return []
    if not isinstance(document.value, list):
        document.fault("", "should be a list of mappings: start each one with - name:")
        return []
    found: list[WrittenMapping] = []
    for index, value in enumerate(document.value):
        path = f"/{index}"
        if isinstance(value, dict):
            found += _read_with_custom(document, path, value, surroundings)
        else:
            document.fault(path, f"should be a mapping with {', '.join(KNOWN)}")
    return found


def _read_with_custom(
    document: YamlFile, path: str, value: dict[str, Any], surroundings: Surroundings
) -> Iterator[WrittenMapping]:
    # A mapping that is switched off must not keep an organisation from changing its settings.
    is_off = value.get("enabled") is False
    taken = set() if is_off else {each.order_id_in for each in surroundings.organisations.values()}
    expanded = custom_fields.expand(value, taken)
    for member, message in expanded.faults:
        document.fault(f"{path}{member}", message)
    entries = [(path, expanded.mapping), *((f"{path}{member}", further) for member, further in expanded.further)]
    for place, entry in entries[1:] if custom_fields.is_empty(expanded) else entries:
        yield WrittenMapping(_Entry(document, place, entry, surroundings).read(), entry, document, place)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A mapping as written in the file, with its place and everything needed to read it."""

    document: YamlFile
    path: str
    value: dict[str, Any]
    around: Surroundings

    def fault(self, member: str, message: str) -> None:
        self.document.fault(f"{self.path}{member}", message)

    def read(self) -> Mapping:
        for unknown in [name for name in self.value if name not in KNOWN]:
            self.fault(extend_pointer("", unknown), f"is not a part of a mapping: write {', '.join(KNOWN)}")
        for missing in [name for name in REQUIRED if name not in self.value]:
            self.fault("", f"should have {missing}")
        if not self.value.keys() & {"fields", "fallbacks", "depends_on"}:
            self.fault("", "should have fields (or fallbacks, or custom)")
        return Mapping(
            name=self._name(),
            object=self._object("/object", self.value.get("object")),
            file=self.document.file,
            line=self.document.line(self.path),
            trigger=self._trigger(),
            body=self._body(self.around.general()),
            bodies=dict(self._bodies()),
            sources=self._names("sources"),
            organisations=self._organisations(),
            skips_without_key=self._skips_without_key(),
            enabled=self._enabled(),
        )

    def _name(self) -> str:
        name = self.value.get("name", "")
        if "name" in self.value and (not isinstance(name, str) or not name.strip()):
            self.fault("/name", "should be a text that says what the mapping is for")
        return str(name)

    def _object(self, member: str, name: Any) -> str:
        if name is not None and (not isinstance(name, str) or name not in self.around.objects):
            self.fault(member, f"{name} is not an object we keep in Xero: write {', '.join(self.around.objects)}")
        return str(name)

    def _trigger(self) -> Trigger:
        if "trigger" not in self.value:
            return NEVER
        text = self.value["trigger"]
        if not isinstance(text, str):
            self.fault("/trigger", 'should be a text such as type = "track"')
            return NEVER
        try:
            return parse_trigger(text)
        except TriggerError as error:
            self.fault("/trigger", error.message)
            return NEVER

    def _names(self, part: str) -> frozenset[str] | None:
        if part not in self.value:
            return None
        names = self.value[part]
        if isinstance(names, list) and names and all(isinstance(name, str) or is_number(name) for name in names):
            return frozenset(map(plain_text, names))
        self.fault(f"/{part}", f"should be a list of {part}: [first, second]")
        return None

    def _organisations(self) -> frozenset[str] | None:
        names = self._names("organisations")
        for name in sorted((names or frozenset()) - self.around.organisations.keys()):
            known = ", ".join(self.around.organisations) or "none"
            self.fault("/organisations", f"{name} is not in organisations.yaml: write {known}")
        return names

    def _skips_without_key(self) -> bool:
        choice = self.value.get("without_key", "refuse")
        if choice not in ("refuse", "skip"):
            self.fault("/without_key", "should be refuse (a person looks at the event) or skip (the event is ignored)")
        return bool(choice == "skip")

    def _enabled(self) -> bool:
        choice = self.value.get("enabled", True)
        if not isinstance(choice, bool):
            self.fault("/enabled", "should be true, or false to switch the mapping off")
        return choice is not False

    def _bodies(self) -> Iterator[tuple[str, Body]]:
        """Compile for every organisation with settings of its own; the general body has reported the faults already."""
        if not _is_dependent(self.value):
            return
        general = self.around.general()
        quiet = _Entry(YamlFile(self.document.file), self.path, self.value, self.around)
        for name, organisation in self.around.organisations.items():
            settings = organisation.settings(general.tables or {})
            if settings != general:
                yield name, quiet._body(settings)
            for shop in organisation.shops:
                if shop.has_settings:
                    yield f"{name}{PLACE}{shop.name}", quiet._body(organisation.settings(general.tables or {}, shop))

    def _body(self, settings: DirectiveSettings) -> Body:
        return Body(
            key=self._key("/key", self.value["key"], settings) if "key" in self.value else give_nothing,
            fields=self._fields("fields", settings),
            fallbacks=self._fields("fallbacks", settings),
            dependencies=tuple(self._dependencies(settings)),
            each=self._each(settings),
        )

    def _each(self, settings: DirectiveSettings) -> Resolver | None:
        if "each" not in self.value:
            return None
        if not is_path(self.value["each"]):
            self.fault("/each", "should be the path of a list, such as $.properties.products")
            return None
        return self._compile("/each", self.value["each"], settings)

    def _key(self, member: str, value: Any, settings: DirectiveSettings) -> Resolver:
        if not is_directive(value) and (isinstance(value, bool) or not isinstance(value, str | int)):
            self.fault(member, "should be a path, a directive or a text")
            return give_nothing
        if is_always_empty(value):
            self.fault(member, "is always empty: write a path such as $.userId")
        return self._compile(member, value, settings)

    def _fields(self, part: str, settings: DirectiveSettings) -> Resolver:
        if part not in self.value:
            return lambda _event: {}
        fields = self.value[part]
        if not isinstance(fields, dict) or is_directive(fields) or not fields:
            self.fault(f"/{part}", "should be a list of Xero's fields with their values")
            return give_nothing
        return self._compile(f"/{part}", fields, settings)

    def _dependencies(self, settings: DirectiveSettings) -> Iterator[Dependency]:
        dependencies = self.value.get("depends_on", {})
        if not isinstance(dependencies, dict):
            self.fault("/depends_on", "should be a field with {object: …, key: …}, or with a list of them")
            return
        for name, entries in dependencies.items():
            member = extend_pointer("/depends_on", name)
            if isinstance(entries, list):
                places = [(f"{member}/{index}", one) for index, one in enumerate(entries)]
            else:
                places = [(member, entries)]
            for place, entry in places:
                yield from self._dependency(place, name, entry, settings)

    def _dependency(self, member: str, name: str, entry: Any, settings: DirectiveSettings) -> Iterator[Dependency]:
        if not isinstance(entry, dict) or not {"object", "key"} <= entry.keys():
            self.fault(member, "should have object and key (and optional: true, if it may be missing)")
            return
        for unknown in [part for part in entry if part not in ("object", "key", "optional")]:
            self.fault(extend_pointer(member, unknown), "is not a part of a dependency: write object, key or optional")
        optional = entry.get("optional", False)
        if not isinstance(optional, bool):
            self.fault(f"{member}/optional", "should be true or false")
        yield Dependency(
            field=name,
            object=self._object(f"{member}/object", entry["object"]),
            key=self._key(f"{member}/key", entry["key"], settings),
            optional=optional is True,
        )

    def _compile(self, member: str, value: Any, settings: DirectiveSettings) -> Resolver:
        run = Compilation(settings)
        resolver = Argument(value, f"{self.path}{member}", run, in_file=True, expands=True).compile()
        self.document.faults.extend(map(self.document.located, run.faults))
        self.document.warnings.extend(map(self.document.located, run.warnings))
        return resolver


def is_path(value: Any) -> bool:
    """Say whether *value* is a path, in short or as a directive."""
    return (isinstance(value, str) and value.startswith("$.")) or (
        isinstance(value, dict) and value.keys() == {"@path"}
    )


def _is_dependent(value: Any) -> bool:
    if isinstance(value, dict):
        return any(DIRECTIVES[name].varies for name in DIRECTIVES.keys() & value.keys()) or any(
            map(_is_dependent, value.values())
        )
    return isinstance(value, list) and any(map(_is_dependent, value))
