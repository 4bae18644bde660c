"""Rounding of tax (T9, T10): per line, per rate or per order, and the spread of a sum over lines to the cent. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import floor

CENT = Decimal("0.01")
WHOLE = Decimal(1)
WITHOUT_CENTS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]
)
HALF = Fraction(1, 2)


def find_quantum(currency: str) -> Decimal:
    """Return the smallest amount of *currency*."""
    return WHOLE if currency in WITHOUT_CENTS else CENT


def round_money(value: Decimal, quantum: Decimal) -> Decimal:
    """Round half away from zero."""
    return value.quantize(quantum, ROUND_HALF_UP)


def exact_tax(base: Decimal, rate: Decimal, *, inclusive: bool) -> Fraction:
    """Return the unrounded tax on *base*, or inside it."""
    share = Fraction(rate)
    return Fraction(base) * share / (100 + share if inclusive else 100)


def round_exact(value: Fraction, quantum: Decimal) -> Decimal:
    """Round an exact amount half away from zero to a multiple of *quantum*."""
    units = abs(value) / Fraction(quantum)
    rounded = floor(units + HALF) * quantum
    return rounded if value >= 0 else -rounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A line, or the part of a line with the same rate; *tax* is the stated tax, None where the event is silent.

    *line* is the number of its line in the order.
    """

    line: int
    base: Decimal
    rate: Decimal
    tax: Decimal | None = None


Parts = Mapping[Decimal, Sequence[Decimal]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounder:
    """Sums up the tax of pieces in the ways of shops; *parts* are the components of a rate, where it has some."""

    inclusive: bool
    quantum: Decimal
    parts: Parts

    def sum_by_rate(self, pieces: Iterable[Piece], total: Decimal) -> dict[Decimal, Decimal] | None:
        """Return the tax of each rate under the first rounding with the sum *total*; None when there is none."""
        pieces = list(pieces)
        for way in (self._by_line, self._by_rate, self._by_order, self._by_component):
            sums = way(pieces, total)
            if sum(sums.values(), Decimal(0)) == total:
                return sums
        return None

    def sum_up(self, pieces: Iterable[Piece]) -> Decimal:
        """Return the tax as Xero sums it: each line rounded."""
        return sum(self._by_line(list(pieces), Decimal(0)).values(), Decimal(0))

    def exact(self, piece: Piece) -> Fraction:
        """Return the unrounded tax of a piece, or its stated tax."""
        return Fraction(piece.tax) if piece.tax is not None else self._compute(piece.base, piece.rate)

    def _compute(self, base: Decimal, rate: Decimal) -> Fraction:
        return exact_tax(base, rate, inclusive=self.inclusive)

    def _by_line(self, pieces: list[Piece], _total: Decimal) -> dict[Decimal, Decimal]:
        sums: dict[Decimal, Decimal] = {}
        for piece in pieces:
            tax = round_exact(self.exact(piece), self.quantum)
            sums[piece.rate] = sums.get(piece.rate, Decimal(0)) + tax
        return sums

    def _exact_by_rate(self, pieces: list[Piece]) -> dict[Decimal, Fraction]:
        sums: dict[Decimal, Fraction] = {}
        for piece in pieces:
            sums[piece.rate] = sums.get(piece.rate, Fraction(0)) + self.exact(piece)
        return sums

    def _by_rate(self, pieces: list[Piece], _total: Decimal) -> dict[Decimal, Decimal]:
        return {rate: round_exact(tax, self.quantum) for rate, tax in self._exact_by_rate(pieces).items()}

    def _by_order(self, pieces: list[Piece], total: Decimal) -> dict[Decimal, Decimal]:
        exact = self._exact_by_rate(pieces)
        whole = round_exact(sum(exact.values(), Fraction(0)), self.quantum)
        if whole != total:
            return {Decimal(0): whole}
        return dict(zip(exact, spread(total, list(exact.values()), self.quantum), strict=True))

    def _by_component(self, pieces: list[Piece], _total: Decimal) -> dict[Decimal, Decimal]:
        """Round each component of a rate by itself, as shops in Canada and the United States print them."""
        bases: dict[Decimal, Decimal] = {}
        stated: dict[Decimal, Decimal] = {}
        for piece in pieces:
            bases.setdefault(piece.rate, Decimal(0))
            if piece.tax is None:
                bases[piece.rate] += piece.base
            else:
                stated[piece.rate] = stated.get(piece.rate, Decimal(0)) + piece.tax
        return {
            rate: stated.get(rate, Decimal(0))
            + sum((self._component(base, rate, part) for part in self.parts.get(rate) or (rate,)), Decimal(0))
            for rate, base in bases.items()
        }

    def _component(self, base: Decimal, rate: Decimal, part: Decimal) -> Decimal:
        share = Fraction(part) / Fraction(rate) if rate else Fraction(0)
        return round_exact(self._compute(base, rate) * share, self.quantum)


def spread(total: Decimal, exact: Sequence[Fraction], quantum: Decimal) -> list[Decimal]:
    """Split *total* so that each part is its exact amount to the cent (T9).

    Amounts are floored; the missing cents go to the largest remainders, ties to the earlier line.
    """
    unit = Fraction(quantum)
    floors = [floor(value / unit) for value in exact]
    missing = int(Fraction(total) / unit) - sum(floors)
    order = sorted(range(len(exact)), key=lambda place: (-(exact[place] / unit - floors[place]), place))
    if missing < 0:
        # Rounding by line may end below the floors of longer lists: the parts with the least loss give a cent back.
        order.reverse()
    step = 1 if missing > 0 else -1
    for turn in range(abs(missing) if order else 0):
        floors[order[turn % len(order)]] += step
    return [units * quantum for units in floors]


def share_out(total: Decimal, weights: Sequence[Decimal], quantum: Decimal) -> list[Decimal]:
    """Split *total* in proportion to *weights*, to the cent by largest remainder."""
    whole = sum(map(Fraction, weights), Fraction(0))
    if not whole:
        return [total, *[Decimal(0)] * (len(weights) - 1)] if weights else []
    return spread(total, [Fraction(total) * Fraction(weight) / whole for weight in weights], quantum)
