"""Writes values as text and tells when they are empty, by the rules of Segment (JavaScript) but with exact numbers."""

from decimal import Decimal
from typing import Any

from segxero.mapping.values.undefined import UNDEFINED


def plain_text(value: Any) -> str:
    """Write *value* as a template does: missing and null are empty, numbers never have an exponent."""
    if isinstance(value, str):
        return value
    if value is None or value is UNDEFINED:
        return ""
    # Python counts bool among the numbers, so it comes before them.
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(map(plain_text, value))
    if isinstance(value, dict):
        return "[object Object]"
    return number_text(value)


def number_text(value: Any) -> str:
    """Write a number with the digits it has (the Decimal 10.50 stays 10.50), never with an exponent."""
    if isinstance(value, float):
        value = Decimal(repr(value))
        value = value.quantize(Decimal(1)) if value == value.to_integral_value() else value
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def is_number(value: Any) -> bool:
    """Say whether *value* is a JSON number; true and false are not."""
    return isinstance(value, int | Decimal | float) and not isinstance(value, bool)


def is_falsy(value: Any) -> bool:
    """Say whether JavaScript takes *value* for false; unlike Python it takes {} and [] for true."""
    return not value and not isinstance(value, dict | list)


def is_empty(value: Any) -> bool:
    """Say whether *value* is missing, null or the empty text."""
    return value is UNDEFINED or value is None or value == ""
