"""The invoice and the credit note behind refunds, allocations and payments.

Xero keeps each in a record of its own, so their sums and currencies are compared here before anything is sent.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from segxero.errors import ParkedError
from segxero.mapping.values.plain_text import plain_text
from segxero.xero.objects.companions import Implied
from segxero.xero.objects.context import Context
from segxero.xero.objects.invoices import Invoices
from segxero.xero.objects.wanted import Linked

INVOICES = Invoices()


def read_order(fields: Mapping[str, Any]) -> str:
    """Return the order's key in a refund or payment."""
    return plain_text(fields.get("Order")).strip()


def imply_invoice(fields: Mapping[str, Any], slot: str, part: Mapping[str, Any]) -> Implied | None:
    """Return the invoice of a refund or payment, with *part* put into its list *slot*; None when no order is named."""
    order = read_order(fields)
    return Implied(field="Invoice", object="Invoice", key=order, fields={slot: [dict(part)]}) if order else None


def find_invoice(references: Mapping[str, tuple[Linked, ...]]) -> Linked:
    """Return the invoice of a refund or payment. Raise ParkedError when no order is named, or it has not come."""
    if not references.get("Invoice"):
        raise ParkedError("it names no order; set Order in the mapping to the key of its invoice")
    (invoice,) = references["Invoice"]
    if not INVOICES.has_order(invoice.fields):
        raise ParkedError(f"waits for Invoice {invoice.key}", stuck=False)
    return invoice


def read_total(note: Linked) -> Decimal:
    """Return the total of a credit note in Xero. Raise ParkedError before it is there."""
    if "total" not in note.remembered:
        raise ParkedError(f"waits for CreditNote {note.key}", stuck=False)
    return Decimal(note.remembered["total"])


def check_currency(fields: Mapping[str, Any], invoice: Linked, context: Context, noun: str) -> str:
    """Return the order's currency. Raise ParkedError when the refund or payment states another."""
    ordered = str(invoice.fields.get("CurrencyCode") or context.currency).strip().upper()
    stated = str(fields.get("CurrencyCode") or ordered).strip().upper()
    if ordered and stated != ordered:
        raise ParkedError(f"the {noun} is in {stated} and its order in {ordered}; correct the event and send it again")
    return stated
