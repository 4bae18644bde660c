"""Credit notes as Xero lists them: those of our contacts, with what is allocated of them to our invoices."""

from collections.abc import Iterator

from segxero.xero.listings import invoices
from segxero.xero.listings.listing import Element, Found, Known, Listing, changed_at, contact_of, paged, plain_ids
from segxero.xero.money import refunds
from segxero.xero.objects.context import Context
from segxero.xero.objects.table import OBJECTS
from segxero.xero.objects.wanted import Wanted


def read(element: Element, known: Known, context: Context) -> Iterator[Found]:
    """Yield the credit note, its allocation, and what the invoice must know of the refund."""
    key = str(element.get("CreditNoteNumber") or "")
    if not key or not contact_of(element, known):
        return
    yield Found(
        object="CreditNote",
        key=key,
        xero_id=str(element["CreditNoteID"]),
        remembered=OBJECTS["CreditNote"].remembers(element, Wanted(key=key, fields={})),
        seen=invoices.seen(element),
        changed_at=changed_at(element),
    )
    for allocation in element.get("Allocations") or []:
        order = known.get(("Invoice", str((allocation.get("Invoice") or {}).get("InvoiceID", "")).lower()))
        if order and not allocation.get("IsDeleted"):
            named = str(allocation.get("AllocationID") or element["CreditNoteID"])
            yield Found(object="Allocation", key=key, xero_id=named, has_other_names=True)
            account = (element.get("LineItems") or [{}])[0].get("AccountCode")
            facts = {"Key": key, "Total": element.get("Total"), "AccountCode": account}
            refund = {"Refund": refunds.name_slot(key), **facts}
            yield Found(object="Invoice", key=order, fields={"Refunds": [refund]})


LISTING = Listing(
    objects=("CreditNote",),
    collection="CreditNotes",
    size=invoices.PAGE,
    page=paged("/CreditNotes", invoices.PAGE, where='Type=="ACCRECCREDIT"', unitdp="4"),
    read=read,
    ids=plain_ids("CreditNote", "CreditNoteID"),
)
