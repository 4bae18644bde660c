"""Translates the field values of a Segment subscription into those of a mapping file, with warnings about changes."""

import re
from collections.abc import Mapping
from typing import Any

from segxero.mapping.files.descriptions import ANYTHING, DescribedField
from segxero.mapping.language.directive import DIRECTIVES, METADATA
from segxero.mapping.language.parts import Warn, replace_part
from segxero.mapping.language.shapes import is_directive
from segxero.mapping.values.paths import expand_path, find_slip

# Other names of Xero's fields in Segment's destinations, letters and digits only.
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


def find_field_name(name: str, known: Any) -> str:
    """Find the field of Xero for *name*; empty if there is none."""
    plain = _plain(name)
    for field in known:
        if _plain(field) == plain:
            return str(field)
    alias = ALIASES.get(plain, "")
    return alias if alias in known else ""


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def translate_value(value: Any, field: DescribedField, warn: Warn) -> Any:
    """Write *value* as a mapping file does; *field* describes its destination."""
    if is_directive(value):
        return _directive({name: value[name] for name in value if name != METADATA}, field, warn)
    if isinstance(value, dict):
        return _object(value, field, warn)
    if isinstance(value, list):
        return [translate_value(item, field, warn) for item in value]
    if isinstance(value, str) and (expand_path(value) is not None or find_slip(value)):
        warn(f'"{value}" is plain text in Segment and stays so: it is put into a @literal')
        return {"@literal": value}
    return value


def _object(value: Mapping[str, Any], field: DescribedField, warn: Warn) -> dict[str, Any]:
    converted = {}
    for name, inner in value.items():
        if field.fields is None:
            converted[name] = translate_value(inner, ANYTHING, warn)
        elif target := find_field_name(name, field.fields):
            converted[target] = translate_value(inner, field.fields[target], warn)
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
    if name not in DIRECTIVES:
        return argument
    rule = DIRECTIVES[name].imported
    translated = rule.mend(argument, warn)
    # Only the parts of the result must fit the field; a question or a path can be anything.
    results = {keys for keys, _ in DIRECTIVES[name].inner(translated)}
    for keys, value in list(rule.values(translated)):
        part = translate_value(value, field if keys in results else ANYTHING, warn)
        translated = replace_part(translated, keys, part)
    return translated
