"""An order with its tax decided: the lines of a document. Made by `taxes`, read by `orders`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

EXCLUSIVE, INCLUSIVE = "Exclusive", "Inclusive"  # Xero's LineAmountTypes


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxedLine:
    """A line as a document carries it. Amounts are in the order's currency, to its cent.

    *amount* is quantity times unit_amount: net where the document is Exclusive, gross where it is Inclusive. *tax* is
    the tax on top of it or inside it. *key* finds the same line in another version of the order (`line_id`, else
    sku + price + tax type).
    """

    key: str
    kind: str = "goods"  # goods, shipping, discount, fee, gift_card, tip, donation, duties, foreign_tax, rounding
    description: str = ""
    quantity: Decimal = Decimal(1)
    unit_amount: Decimal
    amount: Decimal
    tax: Decimal = Decimal("0.00")
    tax_type: str
    account: str
    item_code: str = ""
    others: Mapping[str, Any] = field(default_factory=dict, hash=False)  # fields of the product that no rule reads
    sku: str = ""
    discount: Decimal = Decimal("0.00")  # this line's part of the document's discount, as a positive amount
    number: int = 0  # the product's place in the order; 0 for a line that is no product


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxedOrder:
    """All lines of a version of an order. *total* is the amount of the document."""

    lines: tuple[TaxedLine, ...]
    amount_types: str = EXCLUSIVE
    total: Decimal
    findings: tuple[str, ...] = field(default_factory=tuple)
    currency: str = ""  # as the order or its products state it

    @property
    def tax(self) -> Decimal:
        """Return the sum of the lines' taxes."""
        return sum((line.tax for line in self.lines), Decimal("0.00"))

    def gross_of(self, line: TaxedLine) -> Decimal:
        """Return the amount of *line* with its tax."""
        return line.amount + line.tax if self.amount_types == EXCLUSIVE else line.amount
