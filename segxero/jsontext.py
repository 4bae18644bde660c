"""JSON in and out without losing a cent: numbers with a point are Decimal on both ways.

simplejson writes Decimal as a JSON number; the standard library cannot.
"""

from decimal import Decimal, InvalidOperation
from typing import Any

import simplejson


def _refuse_constant(word: str) -> Any:
    message = f"{word} is not JSON"
    raise ValueError(message)


def loads(text: str | bytes) -> Any:
    """Parse *text*; numbers with a fraction or exponent become Decimal. Raise ValueError when it is not JSON."""
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        return simplejson.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except RecursionError:
        # Callers know ValueError as unreadable JSON, and an attacker chooses the depth.
        message = "nested too deeply"
        raise ValueError(message) from None
    except InvalidOperation:
        # Decimal reads exponents of any size, up to its own limits.
        message = "a number is beyond all measure"
        raise ValueError(message) from None


def dumps(value: Any) -> str:
    """Write *value* without white space and with its keys in the order given."""
    return simplejson.dumps(value, use_decimal=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def pretty(value: Any) -> str:
    """Write *value* for people: indented, its keys in the order given."""
    return simplejson.dumps(value, use_decimal=True, indent=2, ensure_ascii=False, allow_nan=False)


def pretty_text(text: str) -> str:
    """Write the JSON *text* for people; text that is not JSON stays as it is."""
    try:
        return pretty(loads(text))
    except ValueError:
        return text


def canonical(value: Any) -> str:
    """Write *value* so that equal values give equal text: keys sorted."""
    return simplejson.dumps(
        value, use_decimal=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, sort_keys=True
    )
