"""The solver (T7): the rates of the lines making the stated tax exactly, or several such answers. Pure.

An explanation gives every line a rate, and the tax comes out under a rounding of `rounding`. Called by
`decision` with each reading of the order's sums, discount and shipping.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from segxero.xero.taxes.rounding import Parts, Piece, Rounder, exact_tax, round_exact, share_out
from segxero.xero.taxes.search import Choice, Reach, Steps, search

ENOUGH = 5  # explanations are listed up to five; two are already one too many
FINE = 1000  # exact sums are counted in thousandths of the smallest unit
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A line as the solver sees it: *base* after its discounts, its possible *rates*, its *tax* where stated.

    Lines of the same *group* have the same rate. Shipping follows the goods that *lead*.
    """

    line: int
    base: Decimal
    rates: tuple[Decimal, ...]
    tax: Decimal | None = None
    group: str = ""
    leads: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A way to read the order: its unknown lines, and the *followers*, taxed in proportion to the goods."""

    unknowns: tuple[Unknown, ...]
    followers: tuple[tuple[int, Decimal], ...] = ()
    tax: Decimal
    inclusive: bool
    note: object = None  # for the caller, to find again in the explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A rate for every piece of the order, and the tax of each rate."""

    reading: Reading
    pieces: tuple[Piece, ...]
    by_rate: dict[Decimal, Decimal]
    rates: Mapping[int, frozenset[Decimal]]  # by line; a line over 0.00 has no tax at any rate, so it says nothing

    def agrees_with(self, other: "Explanation") -> bool:
        """Tell whether all common lines have the same rates: then the two are the same answer."""
        same_kind = self.reading.inclusive == other.reading.inclusive
        shared = self.rates.keys() & other.rates.keys()
        return same_kind and all(self.rates[line] == other.rates[line] for line in shared)


@dataclass(slots=True)
class Solver:
    """Looks for explanations within an allowance of steps."""

    quantum: Decimal
    parts: Parts = field(default_factory=dict)
    steps: Steps = field(default_factory=Steps)

    def rounder(self, reading: Reading) -> Rounder:
        """Return the rounder for the tax of a reading."""
        return Rounder(inclusive=reading.inclusive, quantum=self.quantum, parts=self.parts)

    def solve(self, readings: Sequence[Reading]) -> list[Explanation]:
        """Return the explanations of all *readings* with different rates, at most five."""
        found: list[Explanation] = []
        for reading in readings:
            for explanation in self._explain(reading):
                if not any(explanation.agrees_with(other) for other in found):
                    found.append(explanation)
                if len(found) >= ENOUGH:
                    return found
        return found

    def find_nearest(self, reading: Reading) -> Decimal:
        """Return the tax nearest to the stated tax among the taxes the rates can make."""
        groups = _group(reading)
        sums = self._sums(reading, groups, exact=False)
        units = Reach(sums, self.steps).find_nearest(self._units(Fraction(reading.tax)))
        return round_exact(Fraction(units) * Fraction(self.quantum) / FINE, self.quantum)

    def _explain(self, reading: Reading) -> Iterator[Explanation]:
        groups = _group(reading)
        rates = {rate for unknown in reading.unknowns for rate in unknown.rates}
        wanted = self._units(Fraction(reading.tax))
        # Shipping split over the rates is rounded once for each of them.
        split = len(reading.followers) * len(rates) * 2 * FINE
        parts = sum(len(found) for found in self.parts.values())
        # A rounding for each rate or component moves the exact sum by half a cent at most.
        half_cents = (len(rates) + parts + 1) * FINE // 2
        for exact, slack in ((False, split), (True, split + half_cents + len(groups))):
            sums = self._sums(reading, groups, exact=exact)
            reach = Reach(sums, self.steps)
            for choice in search(reach, wanted - slack, wanted + slack, self.steps):
                self.steps.take(len(reading.unknowns))
                if (explanation := self._check(reading, groups, choice)) is not None:
                    yield explanation

    def _check(self, reading: Reading, groups: Sequence[tuple[Unknown, ...]], choice: Choice) -> Explanation | None:
        chosen = {
            unknown.line: group[0].rates[index]
            for group, index in zip(groups, choice, strict=True)
            for unknown in group
        }
        pieces = [
            Piece(line=unknown.line, base=unknown.base, rate=chosen[unknown.line], tax=unknown.tax)
            for unknown in reading.unknowns
        ]
        followed = list(self._follow(reading, chosen))
        by_rate = self.rounder(reading).sum_by_rate([*pieces, *followed], reading.tax)
        if by_rate is None:
            return None
        rates: dict[int, frozenset[Decimal]] = {}
        for piece in (*pieces, *followed):
            if piece.base:
                rates[piece.line] = rates.get(piece.line, frozenset()) | {piece.rate}
        return Explanation(reading=reading, pieces=(*pieces, *followed), by_rate=by_rate, rates=rates)

    def _follow(self, reading: Reading, chosen: dict[int, Decimal]) -> Iterator[Piece]:
        """Split the followers in proportion to the goods of each rate (T13)."""
        weights: dict[Decimal, Decimal] = {}
        for unknown in reading.unknowns:
            if unknown.leads and unknown.base:
                rate = chosen[unknown.line]
                weights[rate] = weights.get(rate, ZERO) + unknown.base
        for line, base in reading.followers:
            parts = share_out(base, list(weights.values()), self.quantum)
            for rate, part in zip(weights, parts, strict=True):
                yield Piece(line=line, base=part, rate=rate)

    def _sums(self, reading: Reading, groups: Sequence[tuple[Unknown, ...]], *, exact: bool) -> list[list[int]]:
        """Return the tax of each group at each of its rates, rounded line by line or exact."""
        leading = sum((unknown.base for unknown in reading.unknowns if unknown.leads), ZERO)
        following = sum((base for _, base in reading.followers), ZERO)
        scale = Fraction(following) / Fraction(leading) if leading else Fraction(0)
        return [
            [
                sum(self._add(unknown, rate, scale, inclusive=reading.inclusive, exact=exact) for unknown in group)
                for rate in group[0].rates
            ]
            for group in groups
        ]

    def _add(self, unknown: Unknown, rate: Decimal, scale: Fraction, *, inclusive: bool, exact: bool) -> int:
        own = exact_tax(unknown.base, rate, inclusive=inclusive)
        stated = Fraction(unknown.tax) if unknown.tax is not None else own
        counted = stated if exact else Fraction(round_exact(stated, self.quantum))
        return self._units(counted + (own * scale if unknown.leads else 0))

    def _units(self, value: Fraction) -> int:
        return round(value * FINE / Fraction(self.quantum))


def _group(reading: Reading) -> list[tuple[Unknown, ...]]:
    """Put lines of the same rate together; the largest come first, and wrong branches end early."""
    groups: dict[tuple[object, ...], list[Unknown]] = {}
    for unknown in reading.unknowns:
        # A stated amount narrows the rates of its own line only.
        own = unknown.line if unknown.tax is not None or not unknown.group else unknown.group
        settled = unknown if unknown.base else replace(unknown, rates=unknown.rates[:1])
        groups.setdefault((own, settled.rates), []).append(settled)
    ordered = sorted(groups.values(), key=_size, reverse=True)
    return [tuple(group) for group in ordered]


def _size(group: Sequence[Unknown]) -> Decimal:
    return abs(sum((unknown.base for unknown in group), ZERO))
