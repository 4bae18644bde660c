"""Directives, and the compiler that turns mapping values into functions of an event.

A directive is a function in `segxero/mapping/directives/`, decorated with everything known of it: the shape
of its argument, when it is empty, where its result comes from and how it is imported. The function notes further faults
of its argument and returns the function that runs for each event. Its first docstring line is shown to people.
`compile_value` and the reader of mapping files call the compiler.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, TypeAlias

from segxero.errors import Fault
from segxero.mapping.language.gaps import Emptiness
from segxero.mapping.language.parts import Imported, PickParts
from segxero.mapping.language.shapes import Shape, is_directive, join_names
from segxero.mapping.values.paths import expand_path, extend_pointer, find_slip, make_path_getter
from segxero.mapping.values.undefined import UNDEFINED

Resolver: TypeAlias = Callable[[Any], Any]
Compile: TypeAlias = Callable[["Argument"], Resolver]

METADATA = "_metadata"


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """Everything known of a directive.

    *sentence* is shown to people. *takes* is the shape of its argument. *inner* finds the parts of the argument that
    become its result. *varies* tells that the result depends on settings of the organisation, such as its tables.
    """

    name: str
    sentence: str
    compile: Compile
    takes: Shape
    can_be_empty: Emptiness
    inner: PickParts
    imported: Imported
    varies: bool


DIRECTIVES: dict[str, Directive] = {}


def directive(
    name: str, *, takes: Shape, can_be_empty: Emptiness, inner: PickParts, imported: Imported, varies: bool = False
) -> Callable[[Compile], Compile]:
    """Declare the decorated compile step as the directive *name*."""

    def register(function: Compile) -> Compile:
        DIRECTIVES[name] = Directive(
            name=name,
            sentence=(function.__doc__ or "").split("\n", maxsplit=1)[0],
            compile=function,
            takes=takes,
            can_be_empty=can_be_empty,
            inner=inner,
            imported=imported,
            varies=varies,
        )
        return function

    return register


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectiveSettings:
    """The settings of an organisation for its mappings: tables (None: unknown), time zone, currency ("": unknown)."""

    tables: Mapping[str, Mapping[str, Any]] | None = None
    time_zone: str = "UTC"
    currency: str = ""


NO_SETTINGS = DirectiveSettings()


@dataclass(frozen=True, slots=True)
class Compilation:
    """The settings shared by the compile steps of a run, with the faults and warnings found so far."""

    settings: DirectiveSettings = NO_SETTINGS
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Argument:
    """A value inside a mapping with its place: the argument of a directive, or a value that `compile` descends into.

    *in_file* turns on the additions of mapping files to Segment's language: `$.` shorthand and stricter checks.
    *keeps_undefined* is set inside @merge, where a missing value still hides the value below it, and inside @flatten.
    """

    value: Any
    path: str
    run: Compilation
    in_file: bool = False
    expands: bool = False
    keeps_undefined: bool = False

    def fault(self, message: str) -> Resolver:
        """Note a fault here. The returned function stands in for the right function, so the search goes on."""
        self.run.faults.append(Fault(message, path=self.path or "/"))
        return give_nothing

    @property
    def is_path_text(self) -> bool:
        """Say whether the value is a text that is short for a path."""
        return self.expands and isinstance(self.value, str) and expand_path(self.value) is not None

    def file_fault(self, message: str) -> None:
        """Note a fault that only a mapping file has; Segment lets it pass."""
        if self.in_file:
            self.fault(message)

    def warn(self, message: str) -> None:
        """Note a value that works but was probably not meant like this."""
        self.run.warnings.append(Fault(message, path=self.path or "/"))

    def at(self, key: str | int, value: Any) -> "Argument":
        """Return *value* as the argument below this."""
        return replace(self, value=value, path=extend_pointer(self.path, key))

    def member(self, name: str) -> "Argument":
        """Return the option *name*; its value is UNDEFINED if it is not given."""
        return self.at(name, self.value.get(name, UNDEFINED))

    def has_shape(self, shape: Shape) -> bool:
        """Note every slip of the value against *shape*; say whether it can be compiled all the same."""
        is_usable = True
        for slip in shape.find_slips(self.value):
            place = self.at(slip.option, None) if slip.option else self
            if slip.only_in_files:
                place.file_fault(slip.message)
            else:
                place.fault(slip.message)
                is_usable = False
        return is_usable

    def compile(self) -> Resolver:
        """Turn the value into a function of the event."""
        value = self.value
        if isinstance(value, dict):
            return self._directive() if is_directive(value) else self._object()
        if isinstance(value, list):
            return self._list()
        if isinstance(value, str) and self.in_file:
            return self._file_text(value)
        return self._constant()

    def _directive(self) -> Resolver:
        names = [key for key in self.value if key.startswith("@")]
        others = [key for key in self.value if not key.startswith("@") and key != METADATA]
        if len(names) > 1 or others:
            return self.fault(f"should hold one directive and nothing else, but it has {join_names(self.value)}")
        name = names[0]
        if name not in DIRECTIVES:
            return self.at(name, None).fault(f"is not a known directive: write {join_names(sorted(DIRECTIVES))}")
        argument = self.at(name, self.value[name])
        return DIRECTIVES[name].compile(argument) if argument.has_shape(DIRECTIVES[name].takes) else give_nothing

    def _object(self) -> Resolver:
        items = [(key, self.at(key, item).compile()) for key, item in self.value.items()]
        if self.keeps_undefined:
            return lambda event: {key: item(event) for key, item in items}

        def build(event: Any) -> dict[str, Any]:
            return {key: value for key, item in items if (value := item(event)) is not UNDEFINED}

        return build

    def _list(self) -> Resolver:
        items = [self.at(index, item).compile() for index, item in enumerate(self.value)]
        if self.keeps_undefined:
            return lambda event: [item(event) for item in items]

        def build(event: Any) -> list[Any]:
            # A hole keeps its place in the list, so that the entries behind it are not counted otherwise.
            return [None if (value := item(event)) is UNDEFINED else value for item in items]

        return build

    def _file_text(self, text: str) -> Resolver:
        if self.expands and (path := expand_path(text)) is not None:
            return make_path_getter(path)
        if self.expands and (message := find_slip(text)):
            return self.fault(message)
        return give_always(text)

    def _constant(self) -> Resolver:
        if self.value is not None and not isinstance(self.value, str | bool | int | float | Decimal):
            return self.fault(f"should be a JSON value but it is a {type(self.value).__name__}")
        return give_always(self.value)


def give_always(value: Any) -> Resolver:
    """Return a function that gives *value* for every event."""
    return lambda _event: value


def give_nothing(_event: Any) -> Any:
    """Give UNDEFINED, as an option does that is not there."""
    return UNDEFINED
