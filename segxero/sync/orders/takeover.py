"""Takes over orders booked before orders had facts: their earlier records become facts. Pure.

Such an invoice holds the fields of its events itself, with the refunds and payments of the order in two lists. The turn
of the queue `orders` calls it once a new event of the order arrives.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from segxero import jsontext
from segxero.orders.books import CREDIT_NOTE
from segxero.sync.orders.laying import Laid
from segxero.sync.orders.reading import BY_HAND, REFUND, VERSION
from segxero.sync.records.record import Record
from segxero.xero.objects.booked import BOOKED, MADE
from segxero.xero.objects.companions import Target
from segxero.xero.objects.invoices import Invoices
from segxero.xero.objects.orders import FACTS

EARLIER = "earlier"


def is_earlier(invoice: Record) -> bool:
    """Tell whether *invoice* holds the order itself, as events wrote it before."""
    return not invoice.fields.keys() <= {BOOKED, *Invoices.slots, "Reference", "DueDate", "Url", "BrandingThemeID"}


def list_notes(invoice: Record) -> list[Target]:
    """Return the credit notes of the refunds in *invoice*."""
    return [Target("CreditNote", str(each["Key"])) for each in invoice.fields.get("Refunds") or [] if each.get("Key")]


def add_earlier(fields: Mapping[str, Any], invoice: Record, notes: Mapping[Target, Record]) -> dict[str, Any]:
    """Return the *fields* of an order with the facts from its earlier *invoice* and credit *notes*."""
    facts = read_earlier(invoice, notes)
    # The same refund may be told again by Segment: its message is part of the number of its credit note.
    known = {str(each.get("RefundId")) for each in facts if each["Kind"] == REFUND}
    told = [
        each
        for each in fields.get(FACTS) or []
        if each.get("Kind") != REFUND or each.get("RefundId") or each.get("MessageId") not in known
    ]
    return {**fields, FACTS: [*facts, *told]}


def read_earlier(invoice: Record, notes: Mapping[Target, Record]) -> list[dict[str, Any]]:
    """Return the facts of an earlier *invoice* and its credit *notes*."""
    at = str(invoice.fields.get("Date") or invoice.oldest)
    plain = {name: value for name, value in invoice.fields.items() if name not in (BOOKED, *Invoices.slots)}
    facts = [{**plain, "Kind": VERSION, "At": at, "MessageId": EARLIER}]
    for part in invoice.fields.get("Refunds") or []:
        key = str(part.get("Key") or "")
        note = notes.get(Target("CreditNote", key))
        day = str((note.fields.get("Date") if note else None) or at)
        name = key.removeprefix(invoice.key).removeprefix("-R").removeprefix("-") or "all"
        facts.append({**part, "Kind": REFUND, "At": day, "MessageId": key, "RefundId": name, "Number": key})
    for part in invoice.fields.get("Payments") or []:
        entered = f"{EARLIER} {part.get('Payment')}"
        facts.append(
            {
                "Kind": BY_HAND,
                "At": at,
                "MessageId": entered,
                "Act": "paid",
                "Amount": part["Amount"],
                "XeroId": entered,
            }
        )
    return facts


def prefer_told(earlier: Sequence[Laid], told: Iterable[Laid]) -> list[Laid]:
    """Return *earlier* with each credit note as its refund was *told* again, if the totals agree.

    The earlier invoice keeps only the sum of a refund, and Xero has the lines that the event named.
    """
    again = {each.target: each for each in told if each.object == CREDIT_NOTE}
    return [
        other if (other := again.get(each.target)) and other.booked.get("Total") == each.booked.get("Total") else each
        for each in earlier
    ]


def find_made(laid: Iterable[Laid], there: Mapping[Target, Record]) -> Sequence[tuple[Record, str]]:
    """Return the records already in Xero as *laid*, with the content to remember for each."""
    made = []
    for each in laid:
        record = there.get(each.target)
        if record and record.xero_id and BOOKED not in record.fields and MADE not in record.remembered:
            made.append((record, jsontext.canonical(dict(each.booked))))
    return made
