"""Reading JSON bodies into typed values, with the refusals of Xero's own parser.

A reader takes a value, its JSON path, and a list to which it adds each ignored path. Like Xero, the sandbox keeps no
unknown and no read-only property; the list of ignored paths helps to find a misspelt name.
"""

import re
import uuid
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from segxero.sandbox.wire.dates import read_day
from segxero.sandbox.wire.refusals import RefusalError, invalid_data

Reader = Callable[[Any, str, list[str]], Any]
_CURRENCY = re.compile(r"[A-Z]{3}")


def _mismatch(value: Any, kind: str, path: str) -> RefusalError:
    return invalid_data(f"Error converting value {value!r} to type '{kind}'. Path '{path}'.")


def text(value: Any, path: str, ignored: list[str]) -> str:
    if isinstance(value, str):
        return value
    # True is an int in Python, but no number in Xero.
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    raise _mismatch(value, "System.String", path)


def number(value: Any, path: str, ignored: list[str]) -> Decimal:
    """Read a number; Xero's own samples send them as strings."""
    if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
        try:
            read = Decimal(value)
        except InvalidOperation:
            raise _mismatch(value, "System.Decimal", path) from None
        if read.is_finite():
            return read
    raise _mismatch(value, "System.Decimal", path)


def flag(value: Any, path: str, ignored: list[str]) -> bool:
    words: dict[Any, bool] = {"true": True, "false": False}
    read = words.get(value.lower()) if isinstance(value, str) else value
    if isinstance(read, bool):
        return read
    raise _mismatch(value, "System.Boolean", path)


def day(value: Any, path: str, ignored: list[str]) -> date:
    if isinstance(value, str):
        try:
            return read_day(value)
        except (ValueError, OverflowError):
            pass
    raise _mismatch(value, "System.DateTime", path)


def identifier(value: Any, path: str, ignored: list[str]) -> str:
    """Read a uuid, in any case, as lower case."""
    if isinstance(value, str):
        try:
            return str(uuid.UUID(value))
        except ValueError:
            pass
    raise _mismatch(value, "System.Guid", path)


def currency(value: Any, path: str, ignored: list[str]) -> str:
    if isinstance(value, str) and _CURRENCY.fullmatch(value):
        return value
    raise _mismatch(value, "Xero.API.Library.CurrencyCode", path)


def word(kind: str, *words: str) -> Reader:
    """Return a reader of an enum: an unknown word is refused here and not as a validation error."""

    def read(value: Any, path: str, ignored: list[str]) -> str:
        if isinstance(value, str) and value in words:
            return value
        raise _mismatch(value, f"Xero.API.Library.{kind}", path)

    return read


def ignore(value: Any, path: str, ignored: list[str]) -> None:
    """Take any value of a read-only property and keep nothing of it."""
    ignored.append(path)


def many(reader: Reader) -> Reader:
    def read(value: Any, path: str, ignored: list[str]) -> list[Any]:
        if not isinstance(value, list):
            raise invalid_data(f"Cannot deserialize the current JSON into a list. Path '{path}'.")
        return [reader(item, f"{path}[{index}]", ignored) for index, item in enumerate(value) if item is not None]

    return read


def shape(fields: Mapping[str, Reader]) -> Reader:
    """Return a reader of an object with *fields*; null stands for a missing property."""

    def read(value: Any, path: str, ignored: list[str]) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise invalid_data(f"Cannot deserialize the current JSON into an object. Path '{path}'.")
        result = {}
        for name, content in value.items():
            place = f"{path}.{name}"
            reader = fields.get(name)
            # Xero drops an unknown property without a word; the record of the call names it.
            if reader is None:
                ignored.append(place)
            elif content is not None:
                kept = reader(content, place, ignored)
                # A read-only property is known and still not kept.
                if reader is not ignore:
                    result[name] = kept
        return result

    return read
