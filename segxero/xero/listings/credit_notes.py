"""Credit notes as Xero lists them: those of our contacts, with their allocations to our invoices."""

from collections.abc import Iterator

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
            yield Found(object="Allocation", key=key, xero_id=named, has_other_names=True)
            # The invoice checks the sum of its refunds, and a line of a refund needs an account.
            account = (element.get("LineItems") or [{}])[0].get("AccountCode")
            facts = {"Key": key, "Total": element.get("Total"), "AccountCode": account}
            refund = {"Refund": refunds.name_slot(key), **facts}
            yield Found(object="Invoice", key=order, fields={"Refunds": [refund]})


LISTING = Listing(
    objects=("CreditNote",),
    collection="CreditNotes",
    size=invoices.PAGE,
    page=make_pages("/CreditNotes", invoices.PAGE, where='Type=="ACCRECCREDIT"', unitdp="4"),
    read=read,
    ids=make_ids("CreditNote", "CreditNoteID"),
)
