"""What of an order is sold and not yet credited, line by line, and how a credit is spread over it (T18, L7)."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from segxero.orders.lines import ZERO, add_gross, drop_empty, merge, turn
from segxero.xero.taxes.taxed import EXCLUSIVE, TaxedLine


class Left:
    """The lines that are left; documents add to them, credits take from them."""

    def __init__(self, amount_types: str, cent: Decimal = Decimal("0.01")) -> None:
        self.amount_types = amount_types
        self.sold: tuple[TaxedLine, ...] = ()
        self.lines: tuple[TaxedLine, ...] = ()
        self._cent = cent

    @property
    def total(self) -> Decimal:
        return self.gross(self.lines)

    def gross(self, lines: Sequence[TaxedLine]) -> Decimal:
        """Return the sum of *lines* with their tax."""
        return add_gross(lines, self.amount_types)

    def sell(self, lines: Sequence[TaxedLine]) -> None:
        """Add the *lines* of a document; negative ones take away."""
        self.sold = drop_empty(merge([*self.sold, *lines]))
        self.lines = drop_empty(merge([*self.lines, *lines]))

    def credit(self, lines: Sequence[TaxedLine]) -> None:
        """Take away the *lines* of a credit note."""
        self.lines = drop_empty(merge([*self.lines, *turn(lines)]))

    def spread(self, gross: Decimal) -> tuple[tuple[TaxedLine, ...], tuple[TaxedLine, ...]]:
        """Return the lines of a credit of *gross*: as its note shows them, and as they are taken away.

        The note has a line per account and tax type, in proportion to what is left. A credit of all that is left
        repeats it line by line.
        """
        if gross == self.total:
            return self.lines, self.lines
        groups: dict[tuple[str, str], list[TaxedLine]] = {}
        for line in self.lines:
            groups.setdefault((line.account, line.tax_type), []).append(line)
        weights = [self.gross(group) for group in groups.values()]
        shown: list[TaxedLine] = []
        taken: list[TaxedLine] = []
        for group, weight, part in zip(groups.values(), weights, share_out(gross, weights, self._cent), strict=True):
            tax = _round(sum((line.tax for line in group), ZERO) * part / weight, self._cent) if weight else ZERO
            if part:
                shown.append(self._make(group[0], part, tax, f"Refund of {part}" if len(groups) > 1 else "Refund"))
                taken += self._take(group, part, tax)
        return tuple(shown), tuple(taken)

    def _take(self, group: Sequence[TaxedLine], part: Decimal, tax: Decimal) -> list[TaxedLine]:
        parts = share_out(part, [self.gross([line]) for line in group], self._cent)
        taxes = share_out(tax, [line.tax for line in group], self._cent)
        return [
            self._make(line, mine, own, line.description) for line, mine, own in zip(group, parts, taxes, strict=True)
        ]

    def _make(self, line: TaxedLine, gross: Decimal, tax: Decimal, description: str) -> TaxedLine:
        amount = gross - tax if self.amount_types == EXCLUSIVE else gross
        return replace(
            line, description=description, quantity=Decimal(1), unit_amount=amount, amount=amount, tax=tax, item_code=""
        )


def share_out(total: Decimal, weights: Sequence[Decimal], cent: Decimal) -> list[Decimal]:
    """Split *total* in proportion to *weights*: floored to the cent, the missing cents by largest remainder."""
    whole = sum(weights, ZERO)
    if not whole:
        return [total, *[ZERO] * (len(weights) - 1)]
    exact = [total * weight / whole for weight in weights]
    parts = [value.quantize(cent, ROUND_DOWN) for value in exact]
    missing = int((total - sum(parts, ZERO)) / cent)
    order = sorted(range(len(weights)), key=lambda index: -abs(exact[index] - parts[index]))
    for index in order[: abs(missing)]:
        parts[index] += cent if missing > 0 else -cent
    return parts


def _round(value: Decimal, cent: Decimal) -> Decimal:
    return value.quantize(cent, ROUND_HALF_UP)
