"""Reads one mapping file: a list of mappings, each checked as far as that is possible without an event."""

from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from segxero.mapping.model import Dependency, Mapping
from segxero.mapping.registry import Argument, Compilation, Resolver, is_directive, nothing
from segxero.mapping.strict_yaml import Document
from segxero.mapping.trigger import Trigger, TriggerError, parse_trigger

Objects = MappingType[str, frozenset[str]]
Tables = MappingType[str, MappingType[str, Any]]

REQUIRED = ("name", "object", "trigger", "key")
OPTIONAL = ("fields", "fallbacks", "depends_on")
NEVER = Trigger("", lambda _event: False)


def read_mappings(document: Document, objects: Objects, tables: Tables) -> list[Mapping]:
    """Read every mapping of *document*; what is wrong is noted there."""
    if document.value is None:
        return []
    if not isinstance(document.value, list):
        document.fault("", "should be a list of mappings: start each one with - name:")
        return []
    entries = [_Entry(document, f"/{index}", value, objects, tables) for index, value in enumerate(document.value)]
    return [mapping for entry in entries if (mapping := entry.read()) is not None]


@dataclass(frozen=True, slots=True)
class _Entry:
    """One mapping as the file has it, with its place and all that its checks need."""

    document: Document
    path: str
    value: Any
    objects: Objects
    tables: Tables

    def fault(self, member: str, message: str) -> None:
        self.document.fault(f"{self.path}{member}", message)

    def read(self) -> Mapping | None:
        if not isinstance(self.value, dict):
            self.fault("", f"should be a mapping with {', '.join(REQUIRED + OPTIONAL)}")
            return None
        for unknown in self.value.keys() - {*REQUIRED, *OPTIONAL}:
            self.fault(f"/{unknown}", f"is not a part of a mapping: write {', '.join(REQUIRED + OPTIONAL)}")
        for missing in [name for name in REQUIRED if name not in self.value]:
            self.fault("", f"should have {missing}")
        if not self.value.keys() & {"fields", "fallbacks"}:
            self.fault("", "should have fields (or fallbacks)")
        return Mapping(
            name=self._name(),
            object=self._object("/object", self.value.get("object")),
            file=self.document.file,
            line=self.document.line(self.path),
            trigger=self._trigger(),
            key=self._key("/key", self.value.get("key")) if "key" in self.value else nothing,
            fields=self._fields("fields"),
            fallbacks=self._fields("fallbacks"),
            dependencies=tuple(self._dependencies()),
        )

    def _name(self) -> str:
        name = self.value.get("name", "")
        if "name" in self.value and (not isinstance(name, str) or not name.strip()):
            self.fault("/name", "should be a text that says what the mapping is for")
        return str(name)

    def _object(self, member: str, name: Any) -> str:
        if name is not None and name not in self.objects:
            self.fault(member, f"{name} is not an object we keep in Xero: write {', '.join(self.objects)}")
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

    def _key(self, member: str, value: Any) -> Resolver:
        if not is_directive(value) and (isinstance(value, bool) or not isinstance(value, str | int)):
            self.fault(member, "should be a path, a directive or a text")
            return nothing
        if _is_constantly_empty(value):
            self.fault(member, "is always empty: write a path such as $.userId")
        return self._compile(member, value)

    def _fields(self, part: str) -> Resolver:
        if part not in self.value:
            return lambda _event: {}
        fields = self.value[part]
        if not isinstance(fields, dict) or is_directive(fields) or not fields:
            self.fault(f"/{part}", "should be a list of Xero's fields with what belongs into them")
            return nothing
        for name in fields:
            self._field(f"/{part}/{name}", name)
        return self._compile(f"/{part}", fields)

    def _field(self, member: str, name: str) -> None:
        known = self.objects.get(str(self.value.get("object")))
        if known is not None and name not in known:
            close = get_close_matches(name, known, n=1)
            guess = f"did you mean {close[0]}?" if close else f"write {', '.join(sorted(known))}"
            self.fault(member, f"is not a field of {self.value['object']}: {guess}")

    def _dependencies(self) -> list[Dependency]:
        dependencies = self.value.get("depends_on", {})
        if not isinstance(dependencies, dict):
            self.fault("/depends_on", "should be a field with {object: …, key: …}, or with a list of them")
            return []
        found = []
        for name, entries in dependencies.items():
            member = f"/depends_on/{name}"
            self._field(member, name)
            places = (
                [(f"{member}/{index}", one) for index, one in enumerate(entries)] if isinstance(entries, list) else None
            )
            found += [self._dependency(place, name, entry) for place, entry in places or [(member, entries)]]
        return [dependency for dependency in found if dependency is not None]

    def _dependency(self, member: str, name: str, entry: Any) -> Dependency | None:
        if not isinstance(entry, dict) or not {"object", "key"} <= entry.keys():
            self.fault(member, "should have object and key (and optional: true, if it may be missing)")
            return None
        for unknown in entry.keys() - {"object", "key", "optional"}:
            self.fault(f"{member}/{unknown}", "is not a part of a dependency: write object, key or optional")
        optional = entry.get("optional", False)
        if not isinstance(optional, bool):
            self.fault(f"{member}/optional", "should be true or false")
        return Dependency(
            field=name,
            object=self._object(f"{member}/object", entry["object"]),
            key=self._key(f"{member}/key", entry["key"]),
            optional=optional is True,
        )

    def _compile(self, member: str, value: Any) -> Resolver:
        run = Compilation(tables=self.tables)
        resolver = Argument(value, f"{self.path}{member}", run, in_file=True, expands=True).compile()
        self.document.faults.extend(self.document.located(fault) for fault in run.faults)
        return resolver


def _is_constantly_empty(value: Any) -> bool:
    if isinstance(value, dict):
        name, argument = next(iter(value.items()))
        return name in {"@literal", "@template"} and (argument is None or str(argument).strip() == "")
    return str(value).strip() == ""
