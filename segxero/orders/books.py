"""The wanted books of an order: documents, payments, allocations, and the questions and findings about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from segxero.xero.taxes.taxed import TaxedLine

INVOICE, CREDIT_NOTE = "Invoice", "CreditNote"
AUTHORISED, VOIDED = "AUTHORISED", "VOIDED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A fact waiting for a person's decision. *ask_after* is set where it may still settle by itself."""

    kind: str
    sentence: str
    amount: Decimal = Decimal("0.00")
    currency: str = ""
    data: Mapping[str, str] = field(default_factory=dict, hash=False)
    ask_after: datetime | None = None
    lacks: tuple[tuple[str, str], ...] = ()  # the missing rows (table, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookFinding:
    """Booked, and worth a line in the proof of the month. Nobody is alerted."""

    kind: str
    sentence: str
    amount: Decimal = Decimal("0.00")
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedDocument:
    """An invoice or a credit note. *source* is the messageId of the fact behind it, whose texts it carries."""

    number: str
    kind: str
    day: date
    amount_types: str
    lines: tuple[TaxedLine, ...]
    total: Decimal
    currency: str
    status: str = AUTHORISED
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPayment:
    """Money in on an invoice, or money out on a credit note. *found* is the Xero id of a payment made by hand."""

    key: str
    document: str
    amount: Decimal
    account: str
    day: date
    reference: str
    method: str = ""
    bank_amount: Decimal | None = None
    found: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedAllocation:
    """The part of a credit note set off against an invoice."""

    credit_note: str
    invoice: str
    amount: Decimal
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedBooks:
    """Everything Xero should hold of an order."""

    documents: tuple[WantedDocument, ...] = ()
    payments: tuple[WantedPayment, ...] = ()
    repayments: tuple[WantedPayment, ...] = ()
    allocations: tuple[WantedAllocation, ...] = ()
    overpayments: tuple[WantedPayment, ...] = ()
    findings: tuple[BookFinding, ...] = ()
    questions: tuple[Question, ...] = ()
    taken_out: bool = False  # a person voided its invoice: nothing of it is made again

    @property
    def open(self) -> Decimal:
        """Return the order's balance in the debtors' list: the due amounts, less the open credits."""
        standing = [each for each in self.documents if each.status == AUTHORISED]
        sold = sum((each.total if each.kind == INVOICE else -each.total for each in standing), Decimal("0.00"))
        received = sum((each.amount for each in (*self.payments, *self.overpayments)), Decimal("0.00"))
        return sold - received + sum((each.amount for each in self.repayments), Decimal("0.00"))
