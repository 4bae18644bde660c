"""From the present books to the wanted books: ordered steps (L4). Called by the queue `orders`.

A step is needed only where both differ. Payments and allocations go before their document changes and come back after
it, because Xero changes no document with money on it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import IntEnum

from segxero.orders.books import AUTHORISED, WantedAllocation, WantedBooks, WantedDocument, WantedPayment


class Step(IntEnum):
    """The eight steps of L4, in their order."""

    DELETE_PAYMENT = 1
    DELETE_ALLOCATION = 2
    VOID = 3
    EDIT = 4
    CREATE = 5
    PAY = 6
    ALLOCATE = 7
    PAY_BACK = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Do:
    """A step with its document, payment or allocation."""

    step: Step
    document: WantedDocument | None = None
    payment: WantedPayment | None = None
    allocation: WantedAllocation | None = None

    @property
    def name(self) -> str:
        """Return the number or key of its thing."""
        if self.document:
            return self.document.number
        if self.payment:
            return self.payment.key
        assert self.allocation
        return f"{self.allocation.credit_note} on {self.allocation.invoice}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBooks:
    """The order's part of Xero's books now, without its void documents."""

    documents: tuple[WantedDocument, ...] = ()
    payments: tuple[WantedPayment, ...] = ()
    repayments: tuple[WantedPayment, ...] = ()
    allocations: tuple[WantedAllocation, ...] = field(default_factory=tuple)


def plan_steps(found: FoundBooks, wanted: WantedBooks) -> list[Do]:
    """Return the steps from *found* to *wanted*; none where both agree."""
    if wanted.taken_out:
        return []
    standing = {each.number: each for each in wanted.documents if each.status == AUTHORISED}
    there = {each.number: each for each in found.documents}
    surplus = [each for number, each in there.items() if number not in standing]
    kept = [(there[number], each) for number, each in standing.items() if number in there]
    edited = [new for old, new in kept if _money_of(old) != _money_of(new) or _texts_of(old) != _texts_of(new)]
    # Xero takes new texts on a paid invoice, so money moves only where money differs.
    touched = {each.number for each in surplus} | {new.number for old, new in kept if _money_of(old) != _money_of(new)}
    pay = _Change(found.payments, wanted.payments, touched)
    pay_back = _Change(found.repayments, wanted.repayments, touched)
    allocate = _Set(found.allocations, wanted.allocations, touched)
    return [
        *(Do(step=Step.DELETE_PAYMENT, payment=each) for each in (*pay_back.gone, *pay.gone)),
        *(Do(step=Step.DELETE_ALLOCATION, allocation=each) for each in allocate.gone),
        *(Do(step=Step.VOID, document=each) for each in surplus),
        *(Do(step=Step.EDIT, document=each) for each in edited),
        *(Do(step=Step.CREATE, document=each) for number, each in standing.items() if number not in there),
        *(Do(step=Step.PAY, payment=each) for each in pay.new),
        *(Do(step=Step.ALLOCATE, allocation=each) for each in allocate.new),
        *(Do(step=Step.PAY_BACK, payment=each) for each in pay_back.new),
    ]


class _Change:
    """The payments to delete and to make: the payments of a touched document go and come back as they were."""

    def __init__(self, found: Sequence[WantedPayment], wanted: Sequence[WantedPayment], touched: set[str]) -> None:
        kept = {_money(each) for each in wanted} & {_money(each) for each in found if each.document not in touched}
        # A payment by hand always stays: only the person who made it takes it away.
        self.gone = [each for each in found if _money(each) not in kept and not each.found]
        self.new = [each for each in wanted if _money(each) not in kept and not each.found]


class _Set:
    """The allocations to delete and to make."""

    def __init__(
        self, found: Iterable[WantedAllocation], wanted: Iterable[WantedAllocation], touched: set[str]
    ) -> None:
        there = [(each, _set_off(each)) for each in found]
        kept = {_set_off(each) for each in wanted} & {
            same for each, same in there if not {each.credit_note, each.invoice} & touched
        }
        self.gone = [each for each, same in there if same not in kept]
        self.new = [each for each in wanted if _set_off(each) not in kept]


def _money(payment: WantedPayment) -> tuple[str, Decimal, str, date, str]:
    return (payment.document, payment.amount, payment.account, payment.day, payment.reference)


def _set_off(allocation: WantedAllocation) -> tuple[str, str, Decimal]:
    return (allocation.credit_note, allocation.invoice, allocation.amount)


def _money_of(document: WantedDocument) -> tuple[date, list[tuple[str, str, Decimal, Decimal]]]:
    return document.day, sorted((line.account, line.tax_type, line.amount, line.tax) for line in document.lines)


def _texts_of(document: WantedDocument) -> list[str]:
    return sorted(line.description for line in document.lines)
