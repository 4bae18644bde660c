"""Descriptions: what a mapping may write into an object, read off its payload schema for the loader of mappings."""

from collections.abc import Iterable
from typing import Any

from marshmallow import Schema, fields, validate

from segxero.mapping.files.descriptions import ANYTHING, DescribedField


def describe(schema: Schema, names: Iterable[str]) -> dict[str, DescribedField]:
    """Return for each of *names* what *schema* says; a name that is ours and not Xero's takes anything."""
    return {name: _field(schema.fields[name]) if name in schema.fields else ANYTHING for name in names}


def _field(field: fields.Field[Any]) -> DescribedField:
    if isinstance(field, fields.List):
        return _field(field.inner)
    if isinstance(field, fields.Nested):
        inner = field.schema
        assert isinstance(inner, Schema)
        return DescribedField(fields={name: _field(member) for name, member in inner.fields.items()})
    if isinstance(field, fields.Decimal):
        return DescribedField(is_number=True)
    longest, words = None, ()
    for validator in field.validators:
        if isinstance(validator, validate.Length):
            longest = validator.max
        elif isinstance(validator, validate.OneOf):
            words = tuple(validator.choices)
    return DescribedField(longest=longest, words=words)
