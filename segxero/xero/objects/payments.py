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
from segxero.xero.objects.companions import Implied
from segxero.xero.objects.context import Context
from segxero.xero.objects.credit_notes import CreditNoteReferenceSchema
from segxero.xero.objects.document import APPROVED
from segxero.xero.objects.invoices import InvoiceReferenceSchema
from segxero.xero.objects.numbering import fit_key, quote
from segxero.xero.objects.open_days import DatedObject
from segxero.xero.objects.references import check_currency, find_invoice, imply_invoice, read_total
from segxero.xero.objects.schemas import Text, check_payload, text
from segxero.xero.objects.wanted import Batch, Linked, Prepared, Wanted

LONGEST_MARKER = 100  # Xero's pages name no maximum of Reference


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
        paid = _read_amount(wanted.fields)
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

    def write(self, batch: Batch) -> Request:
        """Enter the payments."""
        payments = [payload for _, payload in batch]
        return Request(method="PUT", path="/Payments", params={"summarizeErrors": "false"}, body={"Payments": payments})

    def lookup(self, batch: Sequence[Wanted], context: Context) -> Request:
        """Find payments by their markers."""
        where = " OR ".join(f"Reference=={quote(fit_key(wanted.key, LONGEST_MARKER))}" for wanted in batch)
        return Request(method="GET", path="/Payments", params={"where": where, "page": "1", "pageSize": "100"})

    def elements(self, answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
        """Return the payments without the deleted ones."""
        return [_add_sums(payment) for payment in answer.get("Payments", []) if payment.get("Status") != "DELETED"]

    def is_same(self, element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
        """Compare the markers."""
        return element.get("Reference") == fit_key(wanted.key, LONGEST_MARKER)

    def takes_two(self, context: Context) -> bool:
        """Xero takes two payments with the same marker."""
        return True

    def remembers(self, element: Mapping[str, Any], wanted: Wanted) -> dict[str, str]:
        """Keep the amount: a change of it cannot be written."""
        return {"amount": str(cents(Decimal(str(element["Amount"]))))} if element.get("Amount") is not None else {}

    def implied(self, key: str, fields: Mapping[str, Any]) -> Implied | None:
        """Return the invoice, which keeps the amounts of its payments, so each payment knows the others."""
        part = {"Payment": refunds.name_slot(key), "Amount": fields.get("Amount")}
        return imply_invoice(fields, "Payments", part)


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
    total = lines.make_lines(invoice.fields, context.tables).total
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
