"""Payload schemas: the common parts (lengths and words come from Xero's OpenAPI file, version 16.1.0).

Each object checks its payload before it is sent, so a record Xero would refuse costs no call. A number becomes
text where Xero takes text; null clears a field: Xero writes empty text for it.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from segxero.errors import PermanentError


class Text(fields.String):
    """Text; a number is written without exponent."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            value = f"{value:f}" if isinstance(value, Decimal) else str(value)
        return super()._deserialize(value, attr, data, **kwargs).strip()


def text(longest: int) -> Text:
    """Make a field for text of at most *longest* characters."""
    return Text(validate=validate.Length(max=longest))


def word(*words: str) -> Text:
    """Make a field for any of *words*."""
    return Text(validate=validate.OneOf(words))


def check_payload(schema: Schema, payload: Mapping[str, Any], noun: str) -> dict[str, Any]:
    """Return *payload* as Xero takes it. Raise PermanentError with everything Xero would refuse in this *noun*."""
    try:
        return dict(schema.load(blank(payload)))
    except ValidationError as error:
        faults = "; ".join(_flatten(error.messages))
        raise PermanentError(f"Xero would refuse this {noun}: {faults}; correct it at its source and replay") from None


def blank(value: Any) -> Any:
    """Return *value* with empty texts for null, by which Xero empties a field."""
    if isinstance(value, Mapping):
        return {name: blank(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [blank(inner) for inner in value]
    return "" if value is None else value


def _flatten(messages: Any, path: str = "") -> Iterator[str]:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from _flatten(inner, f"{path}.{name}" if path else str(name))
    else:
        for message in messages:
            yield f"{path}: {message}"
