"""Wanted books as records of the other queues, and these records as the present books. Pure.

Called by the queue `orders` and by previews. Both directions stand here, because each field of `Booked` is written by
the one and read by the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from segxero.orders.books import (
    AUTHORISED,
    CREDIT_NOTE,
    INVOICE,
    VOIDED,
    WantedAllocation,
    WantedBooks,
    WantedDocument,
    WantedPayment,
)
from segxero.orders.steps import FoundBooks
from segxero.xero.money.amounts import cents
from segxero.xero.objects.booked import GONE
from segxero.xero.objects.companions import Target
from segxero.xero.objects.taxed_lines import lay_line
from segxero.xero.taxes.taxed import TaxedLine

PAYMENT, ALLOCATION = "Payment", "Allocation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """A record wanted by the books: its content, the records it refers to, and the fact behind it."""

    object: str
    key: str
    booked: Mapping[str, Any]
    references: Mapping[str, Target] = field(default_factory=dict)
    source: str = ""

    @property
    def target(self) -> Target:
        return Target(self.object, self.key)


def lay_out(books: WantedBooks) -> list[Laid]:
    """Return the records of *books*; a record comes before those referring to it."""
    main = next((each.number for each in books.documents if each.kind == INVOICE), "")
    return [
        *(_lay_document(each, main) for each in books.documents),
        *(_lay_payment(each, INVOICE) for each in books.payments if not each.found),
        *(_lay_payment(each, CREDIT_NOTE) for each in books.repayments),
        *(_lay_allocation(each, main) for each in books.allocations),
    ]


def lay_gone(target: Target) -> Laid:
    """Return a record to be removed from Xero."""
    status = VOIDED if target.object in (INVOICE, CREDIT_NOTE) else "DELETED"
    return Laid(object=target.object, key=target.key, booked={"Status": status})


def _lay_document(document: WantedDocument, main: str) -> Laid:
    if document.status == VOIDED:
        return lay_gone(Target(document.kind, document.number))
    is_credit = document.kind == CREDIT_NOTE and main
    return Laid(
        object=document.kind,
        key=document.number,
        booked={
            "Status": document.status,
            "Date": document.day.isoformat(),
            "LineAmountTypes": document.amount_types,
            "LineItems": [lay_line(line) for line in document.lines],
            "Keys": [[line.key, line.kind] for line in document.lines],
            "Total": str(document.total),
            "CurrencyCode": document.currency,
        },
        references={"Invoice": Target(INVOICE, main)} if is_credit else {},
        source=document.source,
    )


def _lay_payment(payment: WantedPayment, kind: str) -> Laid:
    return Laid(
        object=PAYMENT,
        key=payment.key,
        booked={
            "Status": AUTHORISED,
            "Document": payment.document,
            "Amount": str(payment.amount),
            "Account": payment.account,
            "Date": payment.day.isoformat(),
            **({"BankAmount": str(payment.bank_amount)} if payment.bank_amount is not None else {}),
        },
        references={kind: Target(kind, payment.document)},
    )


def _lay_allocation(allocation: WantedAllocation, main: str) -> Laid:
    note, invoice = allocation.credit_note, allocation.invoice
    return Laid(
        object=ALLOCATION,
        # The set-off against the order's own invoice keeps the key from before orders had further invoices.
        key=note if invoice == main else f"{note} {invoice}",
        booked={
            "Status": AUTHORISED,
            "CreditNote": note,
            "Invoice": invoice,
            "Amount": str(allocation.amount),
            "Date": allocation.day.isoformat(),
        },
        references={CREDIT_NOTE: Target(CREDIT_NOTE, note), INVOICE: Target(INVOICE, invoice)},
    )


def read_found(made: Iterable[tuple[Target, Mapping[str, Any]]]) -> FoundBooks:
    """Return the books in Xero, from the content *made* there by each record."""
    there = [(target, booked) for target, booked in made if booked and booked.get("Status") not in GONE]
    kinds = {target.key: target.object for target, _ in there if target.object in (INVOICE, CREDIT_NOTE)}
    payments = [_read_payment(target.key, booked) for target, booked in there if target.object == PAYMENT]
    return FoundBooks(
        documents=tuple(
            read_document(target, booked) for target, booked in there if target.key in kinds and "LineItems" in booked
        ),
        payments=tuple(each for each in payments if kinds.get(each.document) != CREDIT_NOTE),
        repayments=tuple(each for each in payments if kinds.get(each.document) == CREDIT_NOTE),
        allocations=tuple(_read_allocation(booked) for target, booked in there if target.object == ALLOCATION),
    )


def read_document(target: Target, booked: Mapping[str, Any]) -> WantedDocument:
    """Return the document with the content *booked*."""
    return WantedDocument(
        number=target.key,
        kind=target.object,
        day=date.fromisoformat(str(booked["Date"])),
        amount_types=str(booked["LineAmountTypes"]),
        lines=tuple(_read_line(item, *place) for item, place in zip(booked["LineItems"], booked["Keys"], strict=True)),
        total=Decimal(str(booked["Total"])),
        currency=str(booked.get("CurrencyCode") or ""),
    )


def _read_line(item: Mapping[str, Any], key: str, kind: str) -> TaxedLine:
    quantity, unit = Decimal(str(item["Quantity"])), Decimal(str(item["UnitAmount"]))
    return TaxedLine(
        key=key,
        kind=kind,
        description=str(item["Description"]),
        quantity=quantity,
        unit_amount=unit,
        amount=cents(quantity * unit),
        tax=Decimal(str(item.get("TaxAmount") or "0.00")),
        tax_type=str(item["TaxType"]),
        account=str(item["AccountCode"]),
        item_code=str(item.get("ItemCode") or ""),
    )


def _read_payment(key: str, booked: Mapping[str, Any]) -> WantedPayment:
    return WantedPayment(
        key=key,
        document=str(booked["Document"]),
        amount=Decimal(str(booked["Amount"])),
        account=str(booked["Account"]),
        day=date.fromisoformat(str(booked["Date"])),
        reference=key,
    )


def _read_allocation(booked: Mapping[str, Any]) -> WantedAllocation:
    return WantedAllocation(
        credit_note=str(booked["CreditNote"]),
        invoice=str(booked["Invoice"]),
        amount=Decimal(str(booked["Amount"])),
        day=date.fromisoformat(str(booked["Date"])),
    )


def list_targets(laid: Sequence[Laid]) -> dict[Target, Laid]:
    """Return the records by name."""
    return {each.target: each for each in laid}
