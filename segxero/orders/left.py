"""The sold lines of an order, less its credits. Called by `documents` on its walk through the facts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from segxero.orders.lines import add_gross, drop_empty, merge
from segxero.xero.taxes.credits import WantedCredit, credit_lines
from segxero.xero.taxes.taxed import TaxedLine, TaxedOrder


@dataclass(slots=True, kw_only=True)
class OrderRemainder:
    """The *sold* lines, and the *credits* taken of them."""

    amount_types: str
    currency: str = ""
    sold: tuple[TaxedLine, ...] = ()
    credits: list[TaxedOrder] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        return self.gross(self.sold) - sum((credit.total for credit in self.credits), Decimal("0.00"))

    def gross(self, lines: Sequence[TaxedLine]) -> Decimal:
        """Return the sum of *lines* with their tax."""
        return add_gross(lines, self.amount_types)

    def sell(self, lines: Sequence[TaxedLine]) -> None:
        """Add the *lines* of a document; negative lines take away."""
        self.sold = drop_empty(merge([*self.sold, *lines]))

    def read_credit(self, wanted: WantedCredit) -> TaxedOrder:
        """Return the credit of *wanted*, without booking it. Raise ParkedError where it cannot be told."""
        sold = TaxedOrder(
            lines=self.sold, amount_types=self.amount_types, total=self.gross(self.sold), currency=self.currency
        )
        return credit_lines(sold, self.credits, wanted)
