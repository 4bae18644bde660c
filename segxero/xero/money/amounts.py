"""Amounts: Decimal in, Decimal out, rounded half up as Xero does. Used wherever money is computed."""

from contextlib import suppress
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from segxero.errors import PermanentError

CENT = Decimal("0.01")
UNIT = Decimal("0.0001")  # Xero keeps four decimals of a unit amount when a call says unitdp=4
ZERO = Decimal(0)
LARGEST = Decimal("9999999999.99")  # Xero takes no larger line amount


def amount(value: Any, name: str) -> Decimal | None:
    """Read the amount *name* of an event: a number, or a number as text; None when it is absent.

    Raise PermanentError for anything else, and for an amount larger than Xero takes.
    """
    if value is None or value == "":
        return None
    number = None
    # Python reads 1_000 as a number; no event means it so.
    if isinstance(value, int | str | Decimal) and not isinstance(value, bool) and "_" not in str(value):
        with suppress(InvalidOperation):
            number = Decimal(value)
    if number is None or not number.is_finite() or number.copy_abs() > LARGEST:
        raise PermanentError(f"{name} should be an amount, not {str(value)[:40]!r}; correct the event and replay it")
    return number


def cents(value: Decimal) -> Decimal:
    """Round to two decimals, half away from zero."""
    return value.quantize(CENT, ROUND_HALF_UP)


def share(total: Decimal, weights: list[Decimal]) -> list[Decimal]:
    """Split *total* over *weights* to the cent; the largest share takes the cents left by rounding."""
    whole = sum(weights, ZERO)
    if not whole:
        return [total, *[ZERO] * (len(weights) - 1)]
    parts = [cents(total * weight / whole) for weight in weights]
    largest = max(range(len(weights)), key=lambda index: abs(weights[index]))
    parts[largest] += total - sum(parts, ZERO)
    return parts
