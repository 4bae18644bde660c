"""Reads amounts as shops write them: numbers, and texts such as 1,234.50 where they mean a single number. Pure."""

import re
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any

from segxero.errors import PermanentError

LARGEST = Decimal("9999999999.99")  # the largest line amount that Xero takes
SPACES = re.compile(r"[\s\u00a0\u202f']")
GROUPED = re.compile(r"-?\d{1,3}(?:,\d{3})+\.\d+|-?\d{1,3}(?:,\d{3}){2,}")
GROUPED_BY_POINTS = re.compile(r"-?\d{1,3}(?:\.\d{3})+,\d+|-?\d{1,3}(?:\.\d{3}){2,}")
# A comma with three digits behind it may part thousands or decimals, so that text is refused.
DECIMAL_COMMA = re.compile(r"-?\d+,(?:\d{1,2}|\d{4,})")


def read_amount(value: Any, name: str) -> Decimal | None:
    """Read the amount called *name* in an event; None when it is absent.

    Raise PermanentError with the name for anything else, such as 1,234: it may be 1234 or 1.234.
    """
    if value is None or value == "":
        return None
    number = None
    # Python reads 1_000 as a number; nobody who writes an amount means that.
    if isinstance(value, int | str | Decimal) and not isinstance(value, bool) and "_" not in str(value):
        with suppress(InvalidOperation):
            number = Decimal(_plain(value) if isinstance(value, str) else value)
    if number is None or not number.is_finite() or number.copy_abs() > LARGEST:
        raise PermanentError(f"{name} should be an amount, not {str(value)[:40]!r}; correct the event and replay it")
    return number


def _plain(text: str) -> str:
    bare = SPACES.sub("", text.strip())
    if GROUPED.fullmatch(bare):
        return bare.replace(",", "")
    if GROUPED_BY_POINTS.fullmatch(bare):
        return bare.replace(".", "").replace(",", ".")
    if DECIMAL_COMMA.fullmatch(bare):
        return bare.replace(",", ".")
    return bare


def read_rates(value: Any, name: str) -> tuple[Decimal, ...]:
    """Read a rate (T20) as its possible percentages: 15 and 15% are 15; 0.15 is 0.15 or 15."""
    if value is None or value == "":
        return ()
    is_percent = isinstance(value, str) and value.strip().endswith("%")
    number = read_amount(value.strip().removesuffix("%").strip() if isinstance(value, str) else value, name)
    if number is None:
        return ()
    if is_percent or number == 0 or number >= 1:
        return (number.normalize() + 0,)
    return ((number * 100).normalize() + 0, number.normalize() + 0)
