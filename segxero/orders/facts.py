"""The facts of an order: all statements of events about it. Made from stored events, read by `order`.

A fact is never changed. Every fact carries its event time, and this time alone decides its place; the time of its
arrival only decides between two facts of the same event time.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from segxero.orders.books import Question
from segxero.xero.taxes.taxed import TaxedOrder

Moment: TypeAlias = tuple[datetime, datetime, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedFact:
    """The event behind a fact: its time, our clock when it arrived, and its messageId."""

    at: datetime
    received_at: datetime
    message_id: str

    @property
    def moment(self) -> Moment:
        """Return the place of the fact among the others."""
        return (self.at, self.received_at, self.message_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version(StatedFact):
    """The whole content of the order as stated by an event; without *content* its *problem* says why."""

    currency: str
    content: TaxedOrder | None = None
    problem: Question | None = None

    @property
    def total(self) -> Decimal:
        return self.content.total if self.content else Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation(StatedFact):
    """The order is cancelled as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A product of a refund, found again among the lines of the order by its key, else by sku and price."""

    key: str = ""
    sku: str = ""
    description: str = ""
    price: Decimal | None = None
    quantity: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund(StatedFact):
    """Goods or money are taken back. *refund_id* is empty where the shop sends none; *amount* has its tax inside.

    *number* names a credit note booked before its order had facts.
    """

    refund_id: str = ""
    number: str = ""
    amount: Decimal | None = None
    currency: str = ""
    products: tuple[Returned, ...] = ()
    shipping: Decimal | None = None
    restocking_fee: Decimal | None = None
    fee: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender(StatedFact):
    """A way in which (a part of) the order is paid, as told by an event.

    Without *amount* it is the method of the order itself, and pays the part without another tender. *status* is the
    shop's word, or empty. *bank_amount* is the amount in an account of another currency.
    """

    tender_id: str = ""
    method: str = ""
    amount: Decimal | None = None
    currency: str = ""
    status: str = ""
    bank_amount: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repayment(StatedFact):
    """Money is sent back to the customer, told with its amount."""

    repayment_id: str = ""
    refund_id: str = ""
    method: str = ""
    amount: Decimal
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandAct(StatedFact):
    """A person does something in Xero with a document of the order: *act* is voided, paid or credited."""

    act: str
    document: str = ""
    amount: Decimal = Decimal("0.00")
    xero_id: str = ""


Fact: TypeAlias = Version | Cancellation | Refund | Tender | Repayment | HandAct
