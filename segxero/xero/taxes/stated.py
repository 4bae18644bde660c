"""An order as its event states it: its lines, parts and sums. Made by `reader`, read by every step of `decision`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from segxero.errors import PermanentError
from segxero.mapping.values.plain_text import plain_text
from segxero.xero.taxes import kinds

UNIT = Decimal("0.0001")  # Xero keeps four decimals of a unit amount when a call says unitdp=4
ZERO = Decimal(0)
TENDERS = ("GiftCardAmount", "StoreCredit", "Deposit")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxLine:
    """A tax as the event itemises it (`tax_lines[]`)."""

    title: str
    amount: Decimal | None
    rates: tuple[Decimal, ...] = ()
    channel_liable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All statements of the event about the tax of a line (T2)."""

    tax_type: str = ""
    is_forced: bool = False
    tax: Decimal | None = None
    rates: tuple[Decimal, ...] = ()
    tax_class: str = ""
    supply: str = ""  # digital or service; anything else is goods
    channel_liable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedLine(Evidence):
    """A product or another part of the order, with the evidence for its tax.

    *amount* is quantity times unit amount; *discount* is the line's own, as a positive amount.
    """

    number: int
    kind: str = kinds.GOODS
    line_id: str = ""
    description: str
    quantity: Decimal = Decimal(1)
    unit_amount: Decimal
    amount: Decimal
    discount: Decimal = ZERO
    account: str
    item_code: str = ""
    sku: str = ""
    category: str = ""
    others: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def label(self) -> str:
        """Name the line in a sentence."""
        return f"line {self.number} ({self.description[:60]}, {self.amount - self.discount})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """The whole order; None where it is silent."""

    lines: tuple[StatedLine, ...]
    parts: tuple[StatedLine, ...] = ()  # shipping, fees, tips …
    discount: Decimal = ZERO
    tax: Decimal | None = None
    shipping_tax: Decimal | None = None
    total: Decimal | None = None
    tax_included: bool | None = None
    rates: tuple[Decimal, ...] = ()
    tax_lines: tuple[TaxLine, ...] = ()
    tenders: Mapping[str, Decimal] = field(default_factory=dict)
    unread: Mapping[str, Decimal] = field(default_factory=dict)
    currency: str = ""

    @property
    def all_lines(self) -> tuple[StatedLine, ...]:
        return (*self.lines, *self.parts)


def read_list(value: Any, name: str) -> list[Any]:
    """Read a list; nothing is an empty list."""
    if not value:
        return []
    if not isinstance(value, list):
        raise PermanentError(f"{name} should be a list; correct the event and replay it")
    return value


def read_flag(value: Any) -> bool | None:
    """Read true or false, also as text; None where nothing is said."""
    text = plain_text(value).strip().lower()
    return {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}.get(text)
