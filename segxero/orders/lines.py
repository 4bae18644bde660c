"""Lines are added, turned and compared: the difference of two versions, and the rest of an order."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeAlias

from segxero.xero.taxes.taxed import EXCLUSIVE, TaxedLine, TaxedOrder

ZERO = Decimal("0.00")
Place: TypeAlias = tuple[str, str, str, str]


def tell_place(line: TaxedLine) -> Place:
    """Return the place of *line* in an order: lines of the same place are the same line."""
    return (line.key, line.kind, line.account, line.tax_type)


def add_gross(lines: Iterable[TaxedLine], amount_types: str) -> Decimal:
    """Return the sum of *lines* with their tax."""
    return sum((line.amount + line.tax if amount_types == EXCLUSIVE else line.amount for line in lines), ZERO)


def turn(lines: Iterable[TaxedLine]) -> tuple[TaxedLine, ...]:
    """Return *lines* with all signs turned, as a credit note states the missing part of an invoice."""
    return tuple(
        replace(line, unit_amount=-line.unit_amount, amount=-line.amount, tax=-line.tax or ZERO) for line in lines
    )


def express(content: TaxedOrder, amount_types: str) -> tuple[TaxedLine, ...]:
    """Return the lines of *content* with their tax on top or inside, as *amount_types* asks."""
    if content.amount_types == amount_types:
        return content.lines
    sign = 1 if content.amount_types == EXCLUSIVE else -1
    return tuple(_restate(line, line.amount + sign * line.tax) for line in content.lines)


def subtract(newer: Sequence[TaxedLine], older: Sequence[TaxedLine]) -> tuple[TaxedLine, ...]:
    """Return the lines by which *newer* is more than *older*; a reduced line is negative."""
    return drop_empty(merge([*newer, *turn(older)]))


def drop_empty(lines: Iterable[TaxedLine]) -> tuple[TaxedLine, ...]:
    """Return *lines* without empty ones."""
    return tuple(line for line in lines if line.amount or line.tax)


def merge(lines: Iterable[TaxedLine]) -> tuple[TaxedLine, ...]:
    """Add up the lines of the same place."""
    merged: dict[Place, TaxedLine] = {}
    for line in lines:
        place = tell_place(line)
        merged[place] = _add(merged[place], line) if place in merged else line
    return tuple(merged.values())


def merge_types(lines: Iterable[TaxedLine]) -> tuple[TaxedLine, ...]:
    """Add up the lines of the same account and tax type."""
    merged: dict[tuple[str, str], TaxedLine] = {}
    for line in lines:
        place = (line.account, line.tax_type)
        merged[place] = _add(merged[place], line) if place in merged else line
    return tuple(merged.values())


def _add(one: TaxedLine, other: TaxedLine) -> TaxedLine:
    amount, tax = one.amount + other.amount, one.tax + other.tax
    if abs(one.unit_amount) == abs(other.unit_amount) and one.unit_amount:
        quantity = amount / one.unit_amount
        # A line of negative pieces says the same as negative money, and the second is how people write it.
        if quantity * one.unit_amount == amount and quantity == quantity.to_integral_value():
            unit = one.unit_amount if quantity >= 0 else -one.unit_amount
            pieces = abs(quantity).to_integral_value() or Decimal(1)
            return replace(one, quantity=pieces, unit_amount=unit, amount=amount, tax=tax)
    return _restate(replace(one, tax=tax), amount)


def _restate(line: TaxedLine, amount: Decimal) -> TaxedLine:
    if line.quantity and line.quantity == line.quantity.to_integral_value():
        unit = amount / line.quantity
        if unit == unit.quantize(Decimal("0.0001")) and unit * line.quantity == amount:
            return replace(line, unit_amount=unit, amount=amount)
    return replace(line, quantity=Decimal(1), unit_amount=amount, amount=amount)
