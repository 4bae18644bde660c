"""Taxes: the TaxType of the lines of a credit note mapped on its own, found from its tax. Called by `lines`.

The table gives each rate its TaxType. A rate is taken when it makes the tax to the cent. If none does, a refund has
the type of its order; a record without such a row is parked: its tax is unknown.
The tax is always written line by line, so Xero comes to the order's sum at any rate.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from segxero.errors import ParkedError
from segxero.xero.money.amounts import ZERO, cents, share

UNTAXED = "0"
INHERITED = "inherited"  # the row of a refund's table for the tax type of its order (T18); no file has it


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTax:
    """The tax of one line; *amount* is None for an untaxed line, *follows*: the rate alone makes it."""

    tax_type: str
    amount: Decimal | None = None
    follows: bool = field(default=False, compare=False)


def tell(
    tax: Decimal, amounts: Sequence[Decimal], shipping: int | None, table: Mapping[str, Any], *, inclusive: bool
) -> list[LineTax]:
    """Return the tax of each line of *amounts*; together they make *tax* to the cent.

    *shipping* is the index of the shipping line, untaxed in some countries; *inclusive*: the amounts contain
    the tax. Raise ParkedError when no row of the table fits.
    """
    if not tax:
        return [LineTax(tax_type=untaxed(table))] * len(amounts)
    for taxed in _bases(len(amounts), shipping):
        found = list(_fitting(tax, amounts, taxed, table, inclusive=inclusive))
        if found and len({tax_type for tax_type, _ in found}) == 1:
            tax_type, parts = found[0]
            return _line_taxes(tax, tax_type, parts, taxed, table)
    if INHERITED not in table:
        raise ParkedError(
            f"no rate in tables/tax_rows.yaml makes the tax {tax} of this order; add the row of its rate"
            " (policy tax_unknown)"
        )
    parts = share(tax, list(amounts))
    return [LineTax(tax_type=str(table[INHERITED]), amount=part) for part in parts]


def untaxed(table: Mapping[str, Any]) -> str:
    """Return the TaxType for untaxed lines. Raise ParkedError without a row for it."""
    if UNTAXED not in table:
        raise ParkedError("tables/tax_rows.yaml has no row at 0 % for sales at home; add it")
    return str(table[UNTAXED])


def _bases(lines: int, shipping: int | None) -> Iterator[set[int]]:
    yield set(range(lines))
    if shipping is not None:
        yield set(range(lines)) - {shipping}


def _rates(table: Mapping[str, Any]) -> Iterator[tuple[Decimal, str]]:
    for text, tax_type in table.items():
        try:
            rate = Decimal(text)
        except InvalidOperation:
            continue
        if rate > 0:
            yield rate / 100, str(tax_type)


def _fitting(
    tax: Decimal, amounts: Sequence[Decimal], taxed: set[int], table: Mapping[str, Any], *, inclusive: bool
) -> Iterator[tuple[str, list[Decimal]]]:
    """Yield the TaxTypes whose rate makes *tax*, rounded by line as Xero does or once for the whole order."""
    base = sum((amounts[index] for index in taxed), ZERO)
    for rate, tax_type in _rates(table):
        parts = [
            _part(amounts[index], rate, inclusive=inclusive) if index in taxed else ZERO
            for index in range(len(amounts))
        ]
        if tax in (sum(parts, ZERO), _part(base, rate, inclusive=inclusive)):
            yield tax_type, parts


def _part(value: Decimal, rate: Decimal, *, inclusive: bool) -> Decimal:
    return cents(value - value / (1 + rate)) if inclusive else cents(value * rate)


def _line_taxes(
    tax: Decimal, tax_type: str, parts: list[Decimal], taxed: set[int], table: Mapping[str, Any]
) -> list[LineTax]:
    left = tax - sum(parts, ZERO)
    largest = max(taxed, key=lambda index: abs(parts[index]))
    parts[largest] += left
    return [
        LineTax(tax_type=tax_type, amount=part, follows=not left or index != largest)
        if index in taxed
        else LineTax(tax_type=untaxed(table))
        for index, part in enumerate(parts)
    ]
