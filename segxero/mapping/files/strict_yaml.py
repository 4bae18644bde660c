"""Reads YAML without its surprises: NO, 0200, 12:30 and 2026-01-01 stay texts, and every value knows its line."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import yaml

from segxero.errors import Fault
from segxero.mapping.values.paths import extend_pointer

PREFIX = "tag:yaml.org,2002:"
READERS: dict[str, Callable[[str], Any]] = {
    f"{PREFIX}str": str,
    f"{PREFIX}bool": lambda text: text == "true",
    f"{PREFIX}null": lambda _text: None,
    f"{PREFIX}int": int,
    f"{PREFIX}float": Decimal,
}
PLAIN = {
    "bool": (r"true|false", "tf"),
    "null": (r"null|", ["n", ""]),
    "int": (r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    "float": (r"-?(?:0|[1-9][0-9]*)\.[0-9]+", "-0123456789"),
}
ADVICE = {
    "character '@'": 'put a directive in double quotes: "@path"',
    "character '\\t'": "indent with spaces, not with tabs",
    "character '`'": "put the text in double quotes",
    "character '%'": "put the text in double quotes",
    "mapping values are not allowed": "put a text with a colon and a space in quotes; check the indentation as well",
    "expected <block end>": "check the indentation: entries that belong together start in the same column",
    "while parsing a flow": "a bracket or brace is not closed, or a comma is missing",
    " tag": "put a text that starts with ! in single quotes",
    "expected a single document": "leave out the --- between parts: one file is one document",
    "anchor": "anchors and aliases (& and *) are not used here: write the value out",
}


class StrictLoader(yaml.SafeLoader):
    """PyYAML's loader with only true, false, null, whole and decimal numbers; anchors and tags are refused."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  PyYAML's own attribute

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.composer.ComposerError(None, None, "an anchor is used", event.start_mark)
        if getattr(event, "tag", None):
            raise yaml.composer.ComposerError(None, None, "a tag is used", event.start_mark)
        return super().compose_node(parent, index)


for _name, (_pattern, _starts) in PLAIN.items():
    StrictLoader.add_implicit_resolver(f"{PREFIX}{_name}", re.compile(f"^(?:{_pattern})$"), list(_starts))


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A YAML file: its value, the line of every part by its path (`/0/fields/Name`), its faults and warnings."""

    file: str
    value: Any = None
    lines: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)

    def warn(self, path: str, message: str) -> None:
        """Note a likely mistake at *path*."""
        self.warnings.append(self.located(Fault(message, path=path)))

    def fault(self, path: str, message: str) -> None:
        """Note a fault at *path*."""
        self.faults.append(self.located(Fault(message, path=path)))

    def located(self, fault: Fault) -> Fault:
        """Add file and line to *fault*."""
        return replace(fault, file=self.file, line=self.line(fault.path))

    def line(self, path: str) -> int:
        """Return the line of *path*, or of the nearest part around it with a known line."""
        while path not in self.lines and path.strip("/"):
            path = path.rpartition("/")[0]
        return self.lines.get(path, 1)


def read(text: str, file: str) -> YamlFile:
    """Read *text*. Faults are noted in the document; nothing is raised."""
    document = YamlFile(file)
    try:
        node = yaml.compose(text, Loader=StrictLoader)
        value = None if node is None else _value(node, "", document)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        document.faults.append(Fault(_advice(error), file, mark.line + 1 if mark else 1))
        return document
    except (yaml.YAMLError, RecursionError) as error:
        document.faults.append(Fault(f"cannot be read as YAML: {error}", file, 1))
        return document
    return replace(document, value=value)


def _advice(error: yaml.MarkedYAMLError) -> str:
    problem = f"{error.context or ''} {error.problem or ''}".strip()
    for sign, advice in ADVICE.items():
        if sign in problem:
            return f"cannot be read as YAML: {advice}"
    return f"cannot be read as YAML: {problem}"


def _value(node: yaml.Node, path: str, document: YamlFile) -> Any:
    document.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _object(node, path, document)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, f"{path}/{index}", document) for index, item in enumerate(node.value)]
    try:
        return READERS[node.tag](node.value)
    except ValueError:
        document.fault(path, "is a number of too many digits: put it in quotes")
        return None


def _object(node: yaml.MappingNode, path: str, document: YamlFile) -> dict[str, Any]:
    """Read the members; keys are texts exactly as written."""
    members: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = key_node.value
        line = key_node.start_mark.line + 1
        if not isinstance(key, str) or key == "<<":
            document.faults.append(
                Fault("should be a plain key, not a list, an object or <<", document.file, line, path)
            )
            continue
        member = extend_pointer(path, key)
        if key in members:
            first = document.lines[member]
            document.faults.append(
                Fault(f"is there twice: {key} is already in line {first}", document.file, line, member)
            )
            continue
        document.lines[member] = line
        members[key] = _value(value_node, member, document)
    return members
