"""Turns the field values of a Segment subscription into those of a mapping file, and says what changes with it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from segxero.mapping.files.descriptions import ANYTHING, DescribedField
from segxero.mapping.registry import METADATA, is_directive
from segxero.mapping.values.file_texts import expand, suspicion
from segxero.mapping.values.plain_text import is_falsy

Warn = Callable[[str], None]

# How destinations call what is a field of Xero's, letters and digits only.
ALIASES = {
    "email": "EmailAddress",
    "displayname": "Name",
    "fullname": "Name",
    "currency": "CurrencyCode",
    "orderid": "Reference",
    "products": "LineItems",
    "items": "LineItems",
    "contents": "LineItems",
    "timestamp": "Date",
    "price": "UnitAmount",
    "unitprice": "UnitAmount",
    "title": "Description",
    "name": "Description",
    "postalcode": "PostalCode",
    "state": "Region",
}
# The options of a directive that are values; the others are words of its own.
VALUES = {
    "@if": ("exists", "blank", "then", "else"),
    "@case": ("value",),
    "@replace": ("value",),
    "@json": ("value",),
    "@flatten": ("value",),
    "@transform": ("apply", "mapping"),
}
RESULTS = ("then", "else", "mapping")


def known_name(name: str, known: Any) -> str:
    """Find the field of Xero that *name* means; empty when there is none."""
    plain = _plain(name)
    for field in known:
        if _plain(field) == plain:
            return str(field)
    alias = ALIASES.get(plain, "")
    return alias if alias in known else ""


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def convert(value: Any, field: DescribedField, warn: Warn) -> Any:
    """Write *value* as a mapping file does; *field* is where it goes."""
    if is_directive(value):
        return _directive({name: value[name] for name in value if name != METADATA}, field, warn)
    if isinstance(value, dict):
        return _object(value, field, warn)
    if isinstance(value, list):
        return [convert(item, field, warn) for item in value]
    if isinstance(value, str) and (expand(value) is not None or suspicion(value)):
        warn(f'"{value}" is plain text in Segment and stays so: it stands in a @literal')
        return {"@literal": value}
    return value


def _object(value: Mapping[str, Any], field: DescribedField, warn: Warn) -> dict[str, Any]:
    converted = {}
    for name, inner in value.items():
        if field.fields is None:
            converted[name] = convert(inner, ANYTHING, warn)
        elif target := known_name(name, field.fields):
            converted[target] = convert(inner, field.fields[target], warn)
        else:
            warn(f"{name} is left out: Xero has no such field there")
    return converted


def _directive(value: dict[str, Any], field: DescribedField, warn: Warn) -> Any:
    if len(value) != 1:
        return value
    ((name, argument),) = value.items()
    if name == "@path" and isinstance(argument, str) and argument.startswith("$."):
        return argument
    return {name: _argument(name, argument, field, warn)}


def _argument(name: str, argument: Any, field: DescribedField, warn: Warn) -> Any:
    if name in {"@path", "@template", "@excludeWhenNull"}:
        return convert(argument, field, warn) if is_directive(argument) or name == "@excludeWhenNull" else argument
    if name == "@arrayPath" and isinstance(argument, list):
        return _array_path(argument, field, warn)
    if name == "@merge" and isinstance(argument, dict):
        return _merge(argument, field, warn)
    if name in VALUES and isinstance(argument, dict):
        return _options(name, argument, field, warn)
    return argument


def _array_path(argument: list[Any], field: DescribedField, warn: Warn) -> list[Any]:
    root = [part if isinstance(part, str) else convert(part, ANYTHING, warn) for part in argument[:1]]
    return root + [convert(shape, field, warn) for shape in argument[1:] if shape != {}]


def _merge(argument: dict[str, Any], field: DescribedField, warn: Warn) -> dict[str, Any]:
    changed = dict(argument)
    objects = argument.get("objects")
    if isinstance(objects, list):
        changed["objects"] = [convert(item, field, warn) for item in objects]
    direction = argument.get("direction")
    if isinstance(direction, str) and direction != direction.lower():
        warn(f'direction "{direction}" acts as right in Segment: it is written so')
        changed["direction"] = "right"
    return changed


def _options(name: str, argument: dict[str, Any], field: DescribedField, warn: Warn) -> dict[str, Any]:
    changed = dict(argument)
    if name == "@if" and "exists" in changed and changed.pop("blank", None) is not None:
        warn("@if has exists and blank: Segment looks at exists only, so blank is left out")
    if name == "@if" and "else" in changed and is_falsy(changed["else"]):
        warn(f"else: {changed.pop('else')!r} is left out, because Segment ignores it; in a @literal it would count")
    for option in VALUES[name]:
        if option in changed:
            changed[option] = convert(changed[option], field if option in RESULTS else ANYTHING, warn)
    return changed
