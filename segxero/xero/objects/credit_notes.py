"""Credit notes: what an order's refunds take back of its invoice (ACCRECCREDIT), created by PUT under their number.

A credit note and its allocation to the invoice are two records and two calls: Xero has no call for both. An allocation
has no number, so Xero is asked what is allocated before each one is sent.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from segxero import jsontext
from segxero.errors import ParkedError
from segxero.mapping.values.plain_text import plain_text
from segxero.xero.money import refunds
from segxero.xero.money.amounts import cents
from segxero.xero.objects import invoices
from segxero.xero.objects.open_days import Day
from segxero.xero.objects.row import (
    Batch,
    Brought,
    Context,
    Implied,
    Linked,
    ObjectRow,
    Prepared,
    Request,
    Wanted,
    documents,
    numbered,
    quoted,
)
from segxero.xero.objects.schemas import CreditNoteSchema, checked

LONGEST_NUMBER = 255
PLAIN = ("Status", "Reference", "BrandingThemeID", "CurrencyRate")
MAPPED = frozenset([*PLAIN, *refunds.FACTS, "Date", "CurrencyCode", "Order", "Allocate"])


def prepare(wanted: Wanted, context: Context) -> Prepared:
    """Return the credit note as Xero takes it, checked to the cent against its invoice and its other refunds.

    Raise ParkedError with the sums when they disagree.
    """
    invoice = invoice_of(wanted.references)
    order = refunds.SoldOrder.of(invoice.fields, context.tables)
    made = refunds.of_refund(wanted.fields, order)
    if not wanted.xero_id:
        _check_sum(invoice, order)
    labels = jsontext.loads(invoice.remembered.get("labels") or "[]")
    own = invoices.day(wanted.fields.get("Date"), "Date", ZoneInfo(context.time_zone))
    issued = Day.of(own, wanted, context)
    payload: dict[str, Any] = {
        "Type": "ACCRECCREDIT",
        "Status": "AUTHORISED",
        **{name: wanted.fields[name] for name in PLAIN if wanted.fields.get(name) not in (None, "")},
        "CreditNoteNumber": numbered(wanted, LONGEST_NUMBER),
        "Contact": {"ContactID": invoice.remembered.get("contact", "")},
        "Date": issued.booked.isoformat(),
        "LineAmountTypes": made.amount_types,
        "LineItems": [{**item, "Tracking": labels} if labels else item for item in issued.said(made.items, "refunded")],
    }
    currency = currency_of(wanted.fields, invoice, context, "refund")
    if currency:
        payload["CurrencyCode"] = currency
    return Prepared(payload=checked(CreditNoteSchema(), payload, "credit note"), total=made.total, keeps=issued.keeps)


def invoice_of(references: Mapping[str, tuple[Linked, ...]]) -> Linked:
    """Return the invoice of a refund or payment. Raise ParkedError when no order is named, or it has not come."""
    if not references.get("Invoice"):
        raise ParkedError("it names no order; set Order in the mapping to the key of its invoice")
    (invoice,) = references["Invoice"]
    if invoice.fields.keys() <= invoices.SLOTS.keys():
        raise ParkedError(f"waits for Invoice {invoice.key}", stuck=False)
    return invoice


def _check_sum(invoice: Linked, order: refunds.SoldOrder) -> None:
    credited = list(refunds.credited(invoice.fields.get("Refunds", []), order))
    if sum(credited) > order.lines.total:
        raise ParkedError(
            f"the refunds of the order come to {refunds.spelled(credited)}, and its invoice is {order.lines.total};"
            " correct the one that is wrong, or credit it in Xero"
        )


def total_of(note: Linked) -> Decimal:
    """Return what Xero says that the credit note comes to. Raise ParkedError before it is there."""
    if "total" not in note.remembered:
        raise ParkedError(f"waits for CreditNote {note.key}", stuck=False)
    return Decimal(note.remembered["total"])


def currency_of(fields: Mapping[str, Any], invoice: Linked, context: Context, what: str) -> str:
    """Return the order's currency. Raise ParkedError when the refund or payment states another."""
    ordered = str(invoice.fields.get("CurrencyCode") or context.currency).strip().upper()
    stated = str(fields.get("CurrencyCode") or ordered).strip().upper()
    if ordered and stated != ordered:
        raise ParkedError(f"the {what} is in {stated} and its order in {ordered}; correct the event and send it again")
    return stated


def write(batch: Batch) -> Request:
    """Make the call for *batch*, whose records are all new or all known to Xero."""
    return documents("CreditNotes", batch, _update)


def _update(wanted: Wanted, payload: Mapping[str, Any]) -> dict[str, Any]:
    body = {name: value for name, value in payload.items() if name != "CreditNoteNumber"}
    return {"CreditNoteID": wanted.xero_id, **body, "LineItems": invoices.known_lines(wanted, payload)}


def lookup(batch: Sequence[Wanted], context: Context) -> Request:
    """Make the call that finds the *batch* in Xero by number."""
    numbers = [numbered(wanted, LONGEST_NUMBER) for wanted in batch]
    where = " OR ".join(f"CreditNoteNumber=={quoted(number)}" for number in numbers)
    params = {"where": where, "page": "1", "pageSize": "100", "unitdp": "4"}
    return Request(method="GET", path="/CreditNotes", params=params)


def elements(answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
    """Return the credit notes in *answer*."""
    return list(answer.get("CreditNotes", []))


def is_same(element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
    """Tell whether *element* of an answer is this credit note."""
    if wanted.xero_id:
        return str(element.get("CreditNoteID", "")).lower() == wanted.xero_id.lower()
    is_sales = element.get("Type", "ACCRECCREDIT") == "ACCRECCREDIT"
    return is_sales and element.get("CreditNoteNumber") == numbered(wanted, LONGEST_NUMBER)


def remembers(element: Mapping[str, Any], wanted: Wanted) -> dict[str, str]:
    """Return the ids of the lines, and the sum that is to be allocated."""
    ids = [str(line["LineItemID"]) for line in element.get("LineItems") or [] if line.get("LineItemID")]
    total = element.get("Total")
    return {
        **({"lines": jsontext.dumps(ids)} if ids else {}),
        **({} if total is None else {"total": str(cents(Decimal(str(total))))}),
    }


def implied(key: str, fields: Mapping[str, Any]) -> Implied | None:
    """Return the invoice that a refund needs, which keeps what its refunds state, so that each knows the others."""
    order = plain_text(fields.get("Order")).strip()
    facts = {name: fields[name] for name in refunds.FACTS if name in fields}
    return (
        ("Invoice", "Invoice", order, {"Refunds": [{"Refund": refunds.slot(key), "Key": key, **facts}]})
        if order
        else None
    )


def brings(key: str, fields: Mapping[str, Any]) -> Brought | None:
    """Return the allocation to the invoice, unless the mapping leaves the credit open."""
    order = plain_text(fields.get("Order")).strip()
    if not order or fields.get("Allocate") is not True:
        return None
    return "Allocation", key, {"CreditNote": ("CreditNote", key), "Invoice": ("Invoice", order)}


ROW = ObjectRow(
    name="CreditNote",
    queue="credit_notes",
    scope="accounting.invoices",
    id_field="CreditNoteID",
    fields=MAPPED,
    schema=CreditNoteSchema(),
    longest=LONGEST_NUMBER,
    prepare=prepare,
    write=write,
    lookup=lookup,
    elements=elements,
    is_same=is_same,
    is_ours=invoices.is_ours,
    is_written=invoices.is_written,
    is_held=invoices.is_held,
    remembers=remembers,
    implied=implied,
    brings=brings,
)
