"""Credit notes as Xero lists them: those of our contacts, with their allocations to our invoices."""

from collections.abc import Iterator
from decimal import Decimal

from segxero.xero.listings import invoices
from segxero.xero.listings.listing import (
    Element,
    Found,
    Known,
    Listing,
    find_contact,
    make_ids,
    make_pages,
    read_change,
)
from segxero.xero.money import refunds
from segxero.xero.money.amounts import cents
from segxero.xero.objects.booked import AMOUNT
from segxero.xero.objects.context import Context
from segxero.xero.objects.table import OBJECTS
from segxero.xero.objects.wanted import Wanted


def read(element: Element, known: Known, context: Context) -> Iterator[Found]:
    """Yield the credit note, its allocation, and the refund as its invoice keeps it."""
    key = str(element.get("CreditNoteNumber") or "")
    if not key or not find_contact(element, known):
        return
    yield Found(
        object="CreditNote",
        key=key,
        xero_id=str(element["CreditNoteID"]),
        remembered=OBJECTS["CreditNote"].remembers(element, Wanted(key=key, fields={})),
        seen=invoices.seen(element),
        changed_at=read_change(element),
    )
    for allocation in element.get("Allocations") or []:
        order = known.get(("Invoice", str((allocation.get("Invoice") or {}).get("InvoiceID", "")).lower()))
        if order and not allocation.get("IsDeleted"):
            named = str(allocation.get("AllocationID") or element["CreditNoteID"])
            amount = str(cents(Decimal(str(allocation.get("Amount") or 0))))
            yield Found(
                object="Allocation",
                key=_find_key(key, order),
                xero_id=named,
                remembered={AMOUNT: amount},
                references={"CreditNote": [("CreditNote", key)], "Invoice": [("Invoice", order)]},
                has_other_names=True,
            )
            # The invoice checks the sum of its refunds, and a line of a refund needs an account.
            account = (element.get("LineItems") or [{}])[0].get("AccountCode")
            facts = {"Key": key, "Total": element.get("Total"), "AccountCode": account}
            refund = {"Refund": refunds.name_slot(key), **facts}
            yield Found(object="Invoice", key=order, fields={"Refunds": [refund]})


def _find_key(note: str, invoice: str) -> str:
    """Return the key of a set-off: a further invoice (`1001/2`) of the order of the credit *note* is part of it."""
    order, _, number = invoice.rpartition("/")
    return f"{note} {invoice}" if number.isdigit() and order and note.startswith(f"{order}-") else note


LISTING = Listing(
    objects=("CreditNote",),
    collection="CreditNotes",
    size=invoices.PAGE,
    page=make_pages("/CreditNotes", invoices.PAGE, where='Type=="ACCRECCREDIT"', unitdp="4"),
    read=read,
    ids=make_ids("CreditNote", "CreditNoteID"),
)
