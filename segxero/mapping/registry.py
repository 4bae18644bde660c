"""The registry of directives and the compiler that turns mapping values into functions of an event.

A directive is one function in `segxero/mapping/directives/`: it checks its Argument, notes what is wrong with it,
and returns what runs for each event. Its first docstring line is the sentence that people read.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from segxero.errors import Fault
from segxero.mapping.files.strict_yaml import pointer
from segxero.mapping.values.file_texts import expand, suspicion
from segxero.mapping.values.paths import path_getter
from segxero.mapping.values.undefined import UNDEFINED

Resolver = Callable[[Any], Any]
Compile = Callable[["Argument"], Resolver]

METADATA = "_metadata"


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive: its name with the @, its sentence, and its compile step."""

    name: str
    sentence: str
    compile: Compile


DIRECTIVES: dict[str, Directive] = {}


def directive(name: str) -> Callable[[Compile], Compile]:
    """Register the decorated compile step under *name*."""

    def register(function: Compile) -> Compile:
        sentence = (function.__doc__ or "").split("\n", maxsplit=1)[0]
        DIRECTIVES[name] = Directive(name, sentence, function)
        return function

    return register


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectiveSettings:
    """What an organisation decides for its mappings: tables (None: unknown), time zone and currency ("": unknown)."""

    tables: Mapping[str, Mapping[str, Any]] | None = None
    time_zone: str = "UTC"
    currency: str = ""


NO_SETTINGS = DirectiveSettings()


@dataclass(frozen=True, slots=True)
class Compilation:
    """What the compile steps of one run share: the settings, and the faults and warnings found so far."""

    settings: DirectiveSettings = NO_SETTINGS
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Argument:
    """A value inside a mapping with its place: what a directive is given and what `compile` descends into.

    *in_file* turns on what mapping files add to Segment's language: `$.` shorthand and stricter checks.
    *keeps_undefined* is set inside @merge, where a missing value still hides the one below it, and inside @flatten.
    """

    value: Any
    path: str
    run: Compilation
    in_file: bool = False
    expands: bool = False
    keeps_undefined: bool = False

    def fault(self, message: str) -> Resolver:
        """Note what is wrong here; the returned function stands in, so that the search for faults goes on."""
        self.run.faults.append(Fault(message, path=self.path or "/"))
        return nothing

    @property
    def is_path_text(self) -> bool:
        """Say whether the value is a text that is short for a path."""
        return self.expands and isinstance(self.value, str) and expand(self.value) is not None

    def file_fault(self, message: str) -> None:
        """Note a fault that only a mapping file has; Segment lets it pass."""
        if self.in_file:
            self.fault(message)

    def warn(self, message: str) -> None:
        """Note what works but is hardly meant."""
        self.run.warnings.append(Fault(message, path=self.path or "/"))

    def at(self, key: str | int, value: Any) -> "Argument":
        """Return *value* as the argument below this one."""
        return replace(self, value=value, path=pointer(self.path, key))

    def member(self, name: str) -> "Argument":
        """Return the option *name*; its value is UNDEFINED where it is not given."""
        return self.at(name, self.value.get(name, UNDEFINED))

    def has_options(self, required: Iterable[str], optional: Iterable[str] = ()) -> bool:
        """Check that the argument is an object with the *required* keys; say whether it can be used."""
        known = [*required, *optional]
        if not isinstance(self.value, dict) or is_directive(self.value):
            self.fault(f"should be an object with {_listed(known)}")
            return False
        for name in self.value:
            if name not in known:
                self.at(name, None).file_fault(f"is not an option here: write {_listed(known)}{_guess(name, known)}")
        missing = [name for name in required if name not in self.value]
        for name in missing:
            self.fault(f"should have {name}")
        return not missing

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
            return self.fault(f"should hold one directive and nothing else, but it has {_listed(list(self.value))}")
        name = names[0]
        if name not in DIRECTIVES:
            return self.at(name, None).fault(f"is not a directive that we know: write {_listed(sorted(DIRECTIVES))}")
        return DIRECTIVES[name].compile(self.at(name, self.value[name]))

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
            return [None if (value := item(event)) is UNDEFINED else value for item in items]

        return build

    def _file_text(self, text: str) -> Resolver:
        if self.expands and (path := expand(text)) is not None:
            return path_getter(path)
        if self.expands and (message := suspicion(text)):
            return self.fault(message)
        return constant(text)

    def _constant(self) -> Resolver:
        if self.value is not None and not isinstance(self.value, str | bool | int | float | Decimal):
            return self.fault(f"should be a JSON value but it is a {type(self.value).__name__}")
        return constant(self.value)


def is_directive(value: Any) -> bool:
    """Say whether *value* is an object with a key that starts with @."""
    return isinstance(value, dict) and any(key.startswith("@") for key in value)


def constant(value: Any) -> Resolver:
    """Return a function that gives *value* whatever the event."""
    return lambda _event: value


def nothing(_event: Any) -> Any:
    """Give UNDEFINED: what an option that is not there resolves to."""
    return UNDEFINED


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}" if names else "no keys"


def _guess(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f" (did you mean {close[0]}?)" if close else ""
