"""How questions and findings about an order name its money and its days (chapter W). Called by all of `orders`."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal


def spell_money(amount: Decimal, currency: str = "") -> str:
    """Write an amount with its currency."""
    return f"{amount} {currency}".strip()


def spell_day(day: date) -> str:
    """Write a day: 12 Nov 2026."""
    return f"{day.day} {day:%b %Y}"


def spell_sum(amounts: Sequence[Decimal]) -> str:
    """Write a sum out: 57.50 + 57.50 = 115.00."""
    parts = " + ".join(str(amount) for amount in amounts)
    return parts if len(amounts) == 1 else f"{parts} = {sum(amounts, Decimal(0))}"
