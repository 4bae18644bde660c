"""Invoices as Xero lists them: those of our contacts, by the number or reference with the order's id."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from segxero.xero.listings.listing import (
    Element,
    Found,
    Known,
    Listing,
    find_contact,
    make_ids,
    make_pages,
    read_change,
    read_day,
)
from segxero.xero.objects.context import Context
from segxero.xero.objects.table import OBJECTS
from segxero.xero.objects.wanted import Wanted

PAGE = 500  # with their lines, a page stays well below the time-out of 18 s
LINE = ("Description", "Quantity", "UnitAmount", "AccountCode", "ItemCode", *("DiscountRate", "DiscountAmount"))
UNAPPROVED = ("DRAFT", "SUBMITTED")
EXTRA = {"Shipping": 1, "Discount": -1}  # the lines that are no products (see money/lines.py), and their signs


def read(element: Element, known: Known, context: Context) -> Iterator[Found]:
    """Yield the invoice of an order, with the order as far as its lines show it."""
    key, contact = str(element.get(context.order_id_in) or ""), find_contact(element, known)
    if not key or not contact:
        return
    yield Found(
        object="Invoice",
        key=key,
        xero_id=str(element["InvoiceID"]),
        remembered=OBJECTS["Invoice"].remembers(element, Wanted(key=key, fields={})),
        fields=order(element, context),
        references={"Contact": [("Contact", contact)], **tracking(element)},
        seen=seen(element),
        telling=frozenset({"Total", "CurrencyCode"}),
        changed_at=read_change(element),
    )


def order(element: Element, context: Context) -> dict[str, Any]:
    """Return an order that would make this invoice again, for the check of its refunds."""
    products, extras = [], dict.fromkeys(EXTRA, Decimal(0))
    for line in element.get("LineItems") or []:
        kind, amount = str(line.get("Description") or ""), line.get("UnitAmount")
        # A product may be called Discount as well: only the first line with the right sign is the order's.
        if kind in EXTRA and not extras[kind] and Decimal(amount or 0) * EXTRA[kind] > 0:
            extras[kind] = abs(Decimal(amount))
        else:
            products.append({name: line[name] for name in LINE if line.get(name) not in (None, "")})
    texts = {"Reference": "" if context.order_id_in == "Reference" else element.get("Reference")}
    texts |= {name: element.get(name) for name in ("CurrencyCode", "Url")}
    texts |= {"Status": element.get("Status") if element.get("Status") in UNAPPROVED else ""}
    texts |= {"Date": read_day(element, "Date")}
    sums = {"Tax": element.get("TotalTax", 0), "Total": element.get("Total")}
    return {"LineItems": products, **extras, **sums, **{name: text for name, text in texts.items() if text}}


def tracking(element: Element) -> dict[str, list[tuple[str, str]]]:
    """Return the tracking options on the invoice's lines, by their keys in the listing of tracking."""
    first = (element.get("LineItems") or [{}])[0].get("Tracking") or []
    labels = [("TrackingOption", f"{one['Name']}: {one['Option']}") for one in first]
    return {"Tracking": labels} if labels else {}


def seen(element: Element) -> dict[str, Any]:
    """Return the fields compared by `is_written`, and an empty object for each line."""
    return {
        "Contact": {"ContactID": (element.get("Contact") or {}).get("ContactID", "")},
        "LineItems": [{} for _ in element.get("LineItems") or []],
        **{name: element[name] for name in ("CurrencyCode", "Total", "Status") if name in element},
    }


LISTING = Listing(
    objects=("Invoice",),
    collection="Invoices",
    size=PAGE,
    page=make_pages("/Invoices", PAGE, where='Type=="ACCREC"', unitdp="4"),
    read=read,
    ids=make_ids("Invoice", "InvoiceID"),
)
