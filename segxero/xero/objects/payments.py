"""Payments: money that came in for an invoice, or went back for a credit note.

Xero creates and deletes payments and changes none. They have no number: ours carry a marker in their Reference, by
which they are found when an answer is lost.
"""

import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from segxero.errors import ParkedError, PermanentError
from segxero.mapping.values.plain_text import plain_text
from segxero.xero.money import lines, refunds
from segxero.xero.money.amounts import ZERO, amount, cents
from segxero.xero.objects import invoices
from segxero.xero.objects.credit_notes import currency_of, invoice_of, total_of
from segxero.xero.objects.open_days import Day
from segxero.xero.objects.row import (
    Batch,
    Context,
    Implied,
    Linked,
    ObjectRow,
    Prepared,
    Request,
    Wanted,
    identity,
    quoted,
)
from segxero.xero.objects.schemas import PaymentSchema, checked

LONGEST_MARKER = 100  # Xero's pages name no maximum of Reference
MAPPED = frozenset({"Amount", "Account", "Date", "CurrencyCode", "CurrencyRate", "Order", "CreditNote"})


def prepare(wanted: Wanted, context: Context) -> Prepared:
    """Return the payment as Xero takes it. Raise ParkedError with the sums when it is more than what is owed."""
    paid = _amount(wanted.fields)
    if wanted.xero_id:
        return _kept(wanted, paid)
    name, document = _document(wanted)
    if name == "Invoice":
        _check_sum(paid, document, context)
        currency_of(wanted.fields, document, context, "payment")
    elif paid > total_of(document):
        raise ParkedError(f"{paid} is paid back, and the credit note is {total_of(document)}")
    own = invoices.day(wanted.fields.get("Date"), "Date", ZoneInfo(context.time_zone))
    payload: dict[str, Any] = {
        name: {f"{name}ID": document.xero_id},
        "Account": _account(wanted.fields.get("Account"), context),
        "Date": Day.of(own, wanted, context).booked.isoformat(),
        "Amount": paid,
        "Reference": identity(wanted.key, LONGEST_MARKER),
    }
    if wanted.fields.get("CurrencyRate") not in (None, ""):
        payload["CurrencyRate"] = wanted.fields["CurrencyRate"]
    return Prepared(payload=checked(PaymentSchema(), payload, "payment"))


def _amount(fields: Mapping[str, Any]) -> Decimal:
    stated = amount(fields.get("Amount"), "Amount")
    if stated is None or cents(stated) <= ZERO:
        raise ParkedError("the payment states no amount above 0.00; correct the event and send it again")
    return cents(stated)


def _kept(wanted: Wanted, paid: Decimal) -> Prepared:
    """Xero has the payment. Raise PermanentError when the event now says another amount."""
    held = wanted.remembered.get("amount", str(paid))
    if Decimal(held) != paid:
        raise PermanentError(
            f"the payment is in Xero with {held}, and the event says {paid} now; Xero cannot change a payment:"
            " delete it there and enter the right one, then discard this letter"
        )
    return Prepared(payload={}, needless=True)


def _document(wanted: Wanted) -> tuple[str, Linked]:
    if wanted.references.get("CreditNote"):
        return "CreditNote", wanted.references["CreditNote"][0]
    return "Invoice", invoice_of(wanted.references)


def _check_sum(paid: Decimal, invoice: Linked, context: Context) -> None:
    status = invoice.fields.get("Status") or "AUTHORISED"
    if status != "AUTHORISED":
        raise ParkedError(f"the invoice is made as {status}; approve it in Xero and enter the payment of {paid} there")
    total = lines.of_order(invoice.fields, context.tables).total
    parts = [
        cents(value) for one in invoice.fields.get("Payments", []) if (value := amount(one.get("Amount"), "Amount"))
    ]
    if sum(parts) > total:
        raise ParkedError(f"the payments of the order come to {refunds.spelled(parts)}, and its invoice is {total}")


def _account(value: Any, context: Context) -> dict[str, str]:
    """Return the account by its code, or by its id: bank accounts may have no code."""
    named = lines.account(value, context.tables)
    try:
        return {"AccountID": str(uuid.UUID(named))}
    except ValueError:
        return {"Code": named}


def write(batch: Batch) -> Request:
    """Make the call that enters the payments of *batch*."""
    payments = [payload for _, payload in batch]
    return Request(method="PUT", path="/Payments", params={"summarizeErrors": "false"}, body={"Payments": payments})


def lookup(batch: Sequence[Wanted], context: Context) -> Request:
    """Make the call that finds the *batch* in Xero by its markers."""
    where = " OR ".join(f"Reference=={quoted(identity(wanted.key, LONGEST_MARKER))}" for wanted in batch)
    return Request(method="GET", path="/Payments", params={"where": where, "page": "1", "pageSize": "100"})


def elements(answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
    """Return the payments in *answer* that nobody has deleted."""
    return [_with_sums(payment) for payment in answer.get("Payments", []) if payment.get("Status") != "DELETED"]


def _with_sums(payment: Mapping[str, Any]) -> Mapping[str, Any]:
    """Add what is due to the sentences of a refused payment: Xero's own leave it out."""
    said, due = payment.get("ValidationErrors"), (payment.get("Invoice") or {}).get("AmountDue")
    paid = payment.get("Amount")
    if not said or due is None or paid is None or Decimal(str(paid)) <= Decimal(str(due)):
        return payment
    return {**payment, "ValidationErrors": [*said, {"Message": f"{due} is due and {paid} was paid"}]}


def is_same(element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
    """Tell whether *element* of an answer is this payment."""
    return element.get("Reference") == identity(wanted.key, LONGEST_MARKER)


def is_written(element: Mapping[str, Any], prepared: Prepared) -> bool:
    """A payment that is there needs no further call."""
    return True


def remembers(element: Mapping[str, Any], wanted: Wanted) -> dict[str, str]:
    """Return the amount: what changes later cannot be written."""
    return {"amount": str(cents(Decimal(str(element["Amount"]))))} if element.get("Amount") is not None else {}


def implied(key: str, fields: Mapping[str, Any]) -> Implied | None:
    """Return the invoice that a payment needs, which keeps what its payments state, so that each knows the others."""
    order = plain_text(fields.get("Order")).strip()
    fact = {"Payment": refunds.slot(key), "Amount": fields.get("Amount")}
    return ("Invoice", "Invoice", order, {"Payments": [fact]}) if order else None


ROW = ObjectRow(
    name="Payment",
    queue="payments",
    scope="accounting.payments",
    id_field="PaymentID",
    fields=MAPPED,
    schema=PaymentSchema(),
    longest=LONGEST_MARKER,
    appends=True,
    takes_two=lambda _context: True,
    prepare=prepare,
    write=write,
    lookup=lookup,
    elements=elements,
    is_same=is_same,
    is_written=is_written,
    remembers=remembers,
    implied=implied,
)
