"""Payments: money in for an invoice, or back for a credit note.

Xero creates and deletes payments and changes none. They have no number: ours carry a marker in their Reference, to
find them again after a lost answer.
"""

import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from marshmallow import Schema, fields, validate

from segxero.errors import ParkedError, PermanentError
from segxero.xero.api.request import Request
from segxero.xero.money import lines, refunds
from segxero.xero.money.amounts import ZERO, amount, cents
from segxero.xero.objects import by_hand
from segxero.xero.objects.booked import AMOUNT, FROZEN, NOWHERE, forget, get_booked, is_gone, is_in_xero, keep, must_go
from segxero.xero.objects.companions import Implied
from segxero.xero.objects.context import Context
from segxero.xero.objects.credit_notes import CreditNoteReferenceSchema
from segxero.xero.objects.document import APPROVED
from segxero.xero.objects.invoices import InvoiceReferenceSchema
from segxero.xero.objects.numbering import LONGEST_MARKER, fit_key, quote
from segxero.xero.objects.open_days import DatedObject, Day, read_day
from segxero.xero.objects.references import check_currency, find_invoice, imply_invoice, read_total
from segxero.xero.objects.schemas import Text, check_payload, text
from segxero.xero.objects.taxed_lines import make_taxed_lines
from segxero.xero.objects.wanted import Batch, Linked, Prepared, Wanted

DOCUMENTS = ("Invoice", "CreditNote")


class AccountReferenceSchema(Schema):
    """The account of a payment, by its code or its id."""

    Code = text(10)
    AccountID = Text()


class PaymentSchema(Schema):
    """A payment for an invoice, or back for a credit note."""

    Invoice = fields.Nested(InvoiceReferenceSchema)
    CreditNote = fields.Nested(CreditNoteReferenceSchema)
    Account = fields.Nested(AccountReferenceSchema, required=True)
    Date = Text(required=True)
    Amount = fields.Decimal(as_string=False, required=True)
    CurrencyRate = fields.Decimal(as_string=False)
    BankAmount = fields.Decimal(as_string=False)
    Reference = Text(required=True, validate=validate.Length(min=1, max=100))


class Payments(DatedObject):
    """A payment or a refund of money."""

    name = "Payment"
    queue = "payments"
    noun = "payment"
    books_money = True
    order_field = "Order"
    scope = "accounting.payments"
    id_field = "PaymentID"
    collection = "Payments"
    fields = frozenset({"Amount", "Account", "Date", "CurrencyCode", "CurrencyRate", "Order", "CreditNote"})
    schema = PaymentSchema()
    longest = LONGEST_MARKER
    appends = True
    written_once = True

    def prepare(self, wanted: Wanted, context: Context) -> Prepared:
        """Return the payment. Raise ParkedError with the sums when it is more than is owed."""
        if (booked := get_booked(wanted)) is not None:
            return self._prepare_booked(wanted, booked, context)
        paid = _read_amount(wanted.fields)
        # Xero takes no change to a payment but its deletion.
        if wanted.xero_id:
            return _keep(wanted, paid)
        name, document = _find_document(wanted)
        if name == "Invoice":
            _check_sum(paid, document, context)
            check_currency(wanted.fields, document, context, "payment")
        elif paid > read_total(document):
            raise ParkedError(f"{paid} is paid back, and the credit note is {read_total(document)}")
        payload: dict[str, Any] = {
            name: {f"{name}ID": document.xero_id},
            "Date": self.find_day(wanted, context).booked.isoformat(),
            "Account": _find_account(wanted.fields.get("Account"), context),
            "Amount": paid,
            "Reference": fit_key(wanted.key, LONGEST_MARKER),
        }
        if wanted.fields.get("CurrencyRate") not in (None, ""):
            payload["CurrencyRate"] = wanted.fields["CurrencyRate"]
        return Prepared(payload=check_payload(self.schema, payload, "payment"))

    def _prepare_booked(self, wanted: Wanted, booked: Mapping[str, Any], context: Context) -> Prepared:
        """Return the next step of a payment that its order computed: delete it, make it, or nothing."""
        if must_go(wanted):
            return Prepared(payload={"Status": "DELETED"}, unfinished=not is_gone(booked), makes=forget())
        if is_gone(booked) or is_in_xero(wanted):
            return Prepared(payload={}, needless=True)
        name, document = get_document(wanted)
        own = read_day(booked["Date"], "Date", context.zone)
        extra = {field: booked[field] for field in ("CurrencyRate", "BankAmount") if booked.get(field)}
        payload: dict[str, Any] = {
            name: {f"{name}ID": document.xero_id},
            "Date": Day.of(own, wanted, context).booked.isoformat(),
            "Account": _find_account(booked["Account"], context),
            "Amount": cents(Decimal(str(booked["Amount"]))),
            "Reference": fit_key(wanted.key, LONGEST_MARKER),
            **extra,
        }
        return Prepared(payload=check_payload(self.schema, payload, "payment"), makes=keep(booked))

    def together(self, wanted: Wanted) -> str:
        """Payments are made in a common call; each is deleted, and its document read, in a call of its own."""
        if by_hand.must_read(wanted):
            return get_document(wanted)[1].xero_id
        return wanted.xero_id if must_go(wanted) else ""

    def find_doubt(self, wanted: Wanted, kinds: frozenset[str]) -> Mapping[str, str]:
        """Money that its document does not take may have been entered by a person, who may have voided it (L15)."""
        return by_hand.find_doubt(wanted, kinds)

    def must_look(self, wanted: Wanted) -> bool:
        """Read the document whose payment Xero has refused."""
        return by_hand.must_read(wanted)

    def refuse(self, answer: Mapping[str, Any], wanted: Wanted) -> str:
        """Return the question to a person where the document, read because of a refusal, takes no such payment."""
        return by_hand.ask(answer, wanted) if by_hand.must_read(wanted) else ""

    def write(self, batch: Batch) -> Request:
        """Enter the payments, or delete one."""
        first = batch[0][0]
        if must_go(first):
            body = {"Payments": [{"Status": "DELETED"}]}
            return Request(method="POST", path=f"/Payments/{first.xero_id}", body=body)
        payments = [payload for _, payload in batch]
        return Request(method="PUT", path="/Payments", params={"summarizeErrors": "false"}, body={"Payments": payments})

    def lookup(self, batch: Sequence[Wanted], context: Context) -> Request:
        """Find payments by their markers, or on their document."""
        if by_hand.must_read(batch[0]):
            name, document = get_document(batch[0])
            return Request(method="GET", path=f"/{name}s/{document.xero_id}")
        where = " OR ".join(f"Reference=={quote(fit_key(wanted.key, LONGEST_MARKER))}" for wanted in batch)
        return Request(method="GET", path="/Payments", params={"where": where, "page": "1", "pageSize": "100"})

    def elements(self, answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
        """Return the payments without the deleted ones; to delete one, the payment itself once it is gone."""
        if by_hand.must_read(wanted):
            return by_hand.list_payments(answer)
        found = [_add_sums(payment) for payment in answer.get("Payments", []) if payment.get("Status") != "DELETED"]
        if not must_go(wanted):
            return found
        refused = [payment for payment in found if payment.get("ValidationErrors")]
        is_there = any(_get_id(payment) == wanted.xero_id.lower() for payment in found)
        return refused or ([] if is_there else [{"PaymentID": wanted.xero_id}])

    def is_same(self, element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
        """Compare the markers; a payment by a person is the same when its amount and its day are (L15)."""
        if must_go(wanted):
            return _get_id(element) == wanted.xero_id.lower()
        if by_hand.must_read(wanted):
            return by_hand.is_same_payment(element, wanted, context.zone)
        return element.get("Reference") == fit_key(wanted.key, LONGEST_MARKER)

    def identify(self, element: Mapping[str, Any], wanted: Wanted) -> str:
        """Return the payment's id; a deleted payment is nowhere."""
        return NOWHERE if must_go(wanted) else super().identify(element, wanted)

    def freeze(self, wanted: Wanted, policy: str) -> Mapping[str, str] | None:
        """A payment that Xero does not delete (reconciled, in a batch, locked) stays (L5)."""
        return {FROZEN: policy or "refused"} if must_go(wanted) else None

    def takes_two(self, context: Context) -> bool:
        """Xero takes two payments with the same marker."""
        return True

    def remembers(self, element: Mapping[str, Any], wanted: Wanted) -> dict[str, str]:
        """Keep the amount: a change of it cannot be written."""
        return {AMOUNT: str(cents(Decimal(str(element["Amount"]))))} if element.get("Amount") is not None else {}

    def implied(self, key: str, fields: Mapping[str, Any]) -> Implied | None:
        """Return the invoice, which keeps the amounts of its payments, so each payment knows the others."""
        part = {"Payment": refunds.name_slot(key), "Amount": fields.get("Amount")}
        return imply_invoice(fields, "Payments", part)


def get_document(wanted: Wanted) -> tuple[str, Linked]:
    """Return the document of a payment that an order computed, with its object."""
    return next((name, wanted.references[name][0]) for name in DOCUMENTS if wanted.references.get(name))


def _get_id(payment: Mapping[str, Any]) -> str:
    return str(payment.get("PaymentID") or "").lower()


def _read_amount(fields: Mapping[str, Any]) -> Decimal:
    stated = amount(fields.get("Amount"), "Amount")
    if stated is None or cents(stated) <= ZERO:
        raise ParkedError("the payment states no amount above 0.00; correct the event and send it again")
    return cents(stated)


def _keep(wanted: Wanted, paid: Decimal) -> Prepared:
    """Leave a payment in Xero as it is. Raise PermanentError when the event now states another amount."""
    held = wanted.remembered.get("amount", str(paid))
    if Decimal(held) != paid:
        raise PermanentError(
            f"the payment is in Xero with {held}, and the event says {paid} now; Xero cannot change a payment:"
            " delete it there and enter the right one, then discard this letter"
        )
    return Prepared(payload={}, needless=True)


def _find_document(wanted: Wanted) -> tuple[str, Linked]:
    """Return the credit note, else the invoice."""
    if wanted.references.get("CreditNote"):
        return "CreditNote", wanted.references["CreditNote"][0]
    return "Invoice", find_invoice(wanted.references)


def _check_sum(paid: Decimal, invoice: Linked, context: Context) -> None:
    """Raise ParkedError when the invoice takes no payment, or its payments come to more than its total."""
    status = invoice.fields.get("Status") or APPROVED
    if status != APPROVED:
        raise ParkedError(f"the invoice is made as {status}; approve it in Xero and enter the payment of {paid} there")
    total = make_taxed_lines(invoice.fields, context, invoice.key).total
    stated = [amount(part.get("Amount"), "Amount") for part in invoice.fields.get("Payments", [])]
    parts = [cents(value) for value in stated if value]
    if sum(parts) > total:
        raise ParkedError(f"the payments of the order come to {refunds.spell_sum(parts)}, and its invoice is {total}")


def _find_account(value: Any, context: Context) -> dict[str, str]:
    """Return the account by its code, or by its id: bank accounts may have no code."""
    named = lines.find_account(value, context.tables)
    try:
        return {"AccountID": str(uuid.UUID(named))}
    except ValueError:
        return {"Code": named}


def _add_sums(payment: Mapping[str, Any]) -> Mapping[str, Any]:
    """Add the due amount to the sentences of a refused payment: Xero's own leave it out."""
    sentences, due = payment.get("ValidationErrors"), (payment.get("Invoice") or {}).get("AmountDue")
    paid = payment.get("Amount")
    if not sentences or due is None or paid is None or Decimal(str(paid)) <= Decimal(str(due)):
        return payment
    return {**payment, "ValidationErrors": [*sentences, {"Message": f"{due} is due and {paid} was paid"}]}
