"""Payments as Xero lists them: those of our documents whose Reference is a marker."""

from collections.abc import Iterator

from segxero.xero.listings.listing import Element, Found, Known, Listing, make_ids, make_pages, read_change
from segxero.xero.money import refunds
from segxero.xero.objects.context import Context
from segxero.xero.objects.table import OBJECTS
from segxero.xero.objects.wanted import Wanted

PAGE = 1000
DELETED = "DELETED"


def read(element: Element, known: Known, context: Context) -> Iterator[Found]:
    """Yield the payment, and its amount as the invoice keeps it."""
    key = str(element.get("Reference") or "")
    documents = {
        name: known.get((name, str((element.get(name) or {}).get(f"{name}ID", "")).lower()), "")
        for name in ("Invoice", "CreditNote")
    }
    # Bookkeepers type a Reference as well, so only payments of our own documents are ours.
    if not key or not any(documents.values()) or element.get("Status") == DELETED:
        return
    yield Found(
        object="Payment",
        key=key,
        xero_id=str(element["PaymentID"]),
        remembered=OBJECTS["Payment"].remembers(element, Wanted(key=key, fields={})),
        references={name: [(name, document)] for name, document in documents.items() if document},
        changed_at=read_change(element),
    )
    if documents["Invoice"]:
        part = {"Payment": refunds.name_slot(key), "Amount": element.get("Amount")}
        yield Found(object="Invoice", key=documents["Invoice"], fields={"Payments": [part]})


LISTING = Listing(
    objects=("Payment",),
    collection="Payments",
    size=PAGE,
    page=make_pages("/Payments", PAGE),
    read=read,
    ids=make_ids("Payment", "PaymentID"),
)
