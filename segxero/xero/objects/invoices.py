"""Invoices: sales invoices (ACCREC), created by PUT so that none is ever overwritten, updated by POST with their id."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from dateutil import parser

from segxero import jsontext
from segxero.errors import ParkedError, PermanentError
from segxero.xero.money import lines
from segxero.xero.money.amounts import UNIT, cents
from segxero.xero.objects import items
from segxero.xero.objects.open_days import Day
from segxero.xero.objects.row import Batch, Context, ObjectRow, Prepared, Request, Wanted, documents, numbered, quoted
from segxero.xero.objects.schemas import InvoiceSchema, checked

LONGEST_NUMBER = 255
CLOSED = ("VOIDED", "DELETED")
PAID = "paid"  # remembered: Xero has refused a change, because money is on the invoice
CHANGEABLE = ("Reference", "DueDate", "Url", "BrandingThemeID")
PLAIN = ("Type", "Status", "Reference", "Url", "BrandingThemeID", "CurrencyRate", "SentToContact")
ORDER = ("Shipping", "Discount", "Tax", "Total", "Subtotal")
MAPPED = frozenset(
    [*PLAIN, *ORDER, "Date", "DueDate", "CurrencyCode", "LineItems", "Contact", "Tracking", "ItemCodes", "Items"]
)
SLOTS = {"Refunds": "Refund", "Payments": "Payment"}  # what of the order has come in events of its own


def prepare(wanted: Wanted, context: Context) -> Prepared:
    """Return the invoice as Xero takes it, checked to the cent.

    Raise ParkedError when something is missing that a person or another record will bring, PermanentError when
    the order itself is wrong.
    """
    fields = {**wanted.fields, "LineItems": items.with_codes(wanted)}
    if wanted.fields.keys() <= SLOTS.keys():
        raise ParkedError(
            "only refunds or payments of this order have come; it waits for the order itself", stuck=False
        )
    made = lines.of_order(fields, context.tables)
    tracking = [
        {"Name": option.remembered["category"], "Option": option.remembered["name"]}
        for option in wanted.references.get("Tracking", ())
    ]
    zone = ZoneInfo(context.time_zone)
    issued = Day.of(day(fields.get("Date"), "Date", zone), wanted, context)
    said = issued.said(made.items, "ordered")
    payload: dict[str, Any] = {
        "Type": "ACCREC",
        "Status": "AUTHORISED",
        **{name: fields[name] for name in PLAIN if fields.get(name) not in (None, "")},
        "Contact": {"ContactID": _contact(wanted)},
        "Date": issued.booked.isoformat(),
        "DueDate": _due(fields, issued, context, zone).isoformat(),
        "LineAmountTypes": made.amount_types,
        "LineItems": [{**item, "Tracking": tracking} if tracking else item for item in said],
    }
    payload[context.order_id_in] = numbered(wanted, LONGEST_NUMBER)
    currency = str(fields.get("CurrencyCode") or context.currency).strip().upper()
    if currency:
        payload["CurrencyCode"] = currency
    return Prepared(payload=checked(InvoiceSchema(), payload, "invoice"), total=made.total, keeps=issued.keeps)


def _contact(wanted: Wanted) -> str:
    contacts = wanted.references.get("Contact", ())
    if not contacts:
        raise ParkedError("the order names no customer; give it a userId, or a key in the mapping's depends_on")
    return contacts[0].xero_id


def _due(fields: Mapping[str, Any], issued: Day, context: Context, zone: ZoneInfo) -> date:
    """Return when the invoice is due: not before the day to which it was moved."""
    due = issued.own + timedelta(days=context.due_days)
    if fields.get("DueDate"):
        due = day(fields["DueDate"], "DueDate", zone)
    return max(due, issued.booked) if issued.moved else due


def day(value: Any, name: str, zone: ZoneInfo) -> date:
    """Read an ISO 8601 date; a moment has the date that it has in the organisation's time zone."""
    try:
        moment = parser.isoparse(str(value))
    except (ValueError, OverflowError):
        raise PermanentError(f"{name} should be an ISO 8601 date, not {str(value)[:40]!r}") from None
    if moment.tzinfo:
        moment = moment.astimezone(zone)
    return moment.date()


def write(batch: Batch) -> Request:
    """Make the call for *batch*, whose records are all new or all known to Xero."""
    return documents("Invoices", batch, _update)


def _update(wanted: Wanted, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Name the invoice by its id only, and its lines by theirs: a line without an id would be a new one.

    Of one on which money is, what Xero lets change goes alone (its page on invoices).
    """
    if wanted.remembered.get(PAID):
        return {"InvoiceID": wanted.xero_id, **{name: payload[name] for name in CHANGEABLE if name in payload}}
    body = {name: value for name, value in payload.items() if name != "InvoiceNumber"}
    return {"InvoiceID": wanted.xero_id, **body, "LineItems": known_lines(wanted, payload)}


def known_lines(wanted: Wanted, payload: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the lines of *payload* with the ids that Xero gave them."""
    known = jsontext.loads(wanted.remembered.get("lines", "[]"))
    ids: list[str | None] = [*known, *[None] * len(payload["LineItems"])]
    return [
        {"LineItemID": line_id, **item} if line_id else item
        for item, line_id in zip(payload["LineItems"], ids, strict=False)
    ]


def lookup(batch: Sequence[Wanted], context: Context) -> Request:
    """Make the call that finds the *batch* in Xero by number, or by reference where the setting says so."""
    numbers = [numbered(wanted, LONGEST_NUMBER) for wanted in batch]
    if context.order_id_in == "InvoiceNumber" and not any("," in number for number in numbers):
        asked = {"InvoiceNumbers": ",".join(numbers)}
    else:
        asked = {"where": " OR ".join(f"{context.order_id_in}=={quoted(number)}" for number in numbers)}
    return Request(method="GET", path="/Invoices", params={**asked, "page": "1", "pageSize": "100", "unitdp": "4"})


def elements(answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
    """Return the invoices in *answer*."""
    return list(answer.get("Invoices", []))


def is_same(element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
    """Tell whether *element* of an answer is this invoice."""
    if wanted.xero_id:
        return str(element.get("InvoiceID", "")).lower() == wanted.xero_id.lower()
    number = numbered(wanted, LONGEST_NUMBER)
    return element.get("Type", "ACCREC") == "ACCREC" and element.get(context.order_id_in) == number


def is_ours(element: Mapping[str, Any], prepared: Prepared) -> bool:
    """Tell whether an invoice that has the order's number is the order's: it is when the contact is the same."""
    found = str(element.get("Contact", {}).get("ContactID", ""))
    return found.lower() == str(prepared.payload["Contact"]["ContactID"]).lower()


def is_written(element: Mapping[str, Any], prepared: Prepared) -> bool:
    """Tell whether the invoice that Xero has says what *prepared* says: contact, sum, currency and lines."""
    payload = prepared.payload
    found = element.get("Total")
    return (
        is_ours(element, prepared)
        and element.get("CurrencyCode", "") == payload.get("CurrencyCode", element.get("CurrencyCode", ""))
        and len(element.get("LineItems", [])) == len(payload["LineItems"])
        and found is not None
        and cents(Decimal(str(found))) == prepared.total
        and element.get("Status") not in CLOSED
    )


def is_held(seen: Mapping[str, Any], prepared: Prepared) -> bool:
    """Tell whether what a listing kept of the document says what is to be written, or takes nothing any more."""
    if seen.get("Status") in CLOSED:
        return True
    return prepared.payload.get("Status") not in CLOSED and is_written(seen, prepared)


def differs(element: Mapping[str, Any], prepared: Prepared) -> tuple[str, ...]:
    """Return what of a paid invoice stayed as it was, though the order says otherwise now."""
    payload = prepared.payload
    lines_differ = [_said(line) for line in element.get("LineItems") or []] != list(map(_said, payload["LineItems"]))
    found = cents(Decimal(str(element.get("Total") or 0)))
    if not lines_differ and found == prepared.total:
        return ()
    has = f"so its lines stay as they were, with {found}"
    return (f"it is paid or credited, {has}; the order has changed and comes to {prepared.total}",)


def _said(line: Mapping[str, Any]) -> tuple[str, Decimal, Decimal]:
    """Return what a line says, as far as Xero gives it back as it was sent."""
    numbers = (Decimal(str(line.get(name) or 0)).quantize(UNIT) for name in ("Quantity", "UnitAmount"))
    return str(line.get("Description") or ""), next(numbers), next(numbers)


def remembers(element: Mapping[str, Any], wanted: Wanted) -> dict[str, str]:
    """Return the ids of the lines, without which an update would replace the lines by new ones, and Xero's number.

    The contact and the labels are those that a credit note of the invoice gets as well.
    """
    written = element.get("LineItems") or []
    ids = [str(line["LineItemID"]) for line in written if line.get("LineItemID")]
    contact = str(element.get("Contact", {}).get("ContactID") or "")
    labels = [
        {"Name": one["Name"], "Option": one["Option"]} for line in written[:1] for one in line.get("Tracking") or []
    ]
    number = element.get("InvoiceNumber")
    return {
        **({"lines": jsontext.dumps(ids)} if ids else {}),
        **({"contact": contact} if contact else {}),
        **({"labels": jsontext.dumps(labels)} if written else {}),
        **({"number": str(number)} if number not in (None, "", wanted.key) else {}),
    }


ROW = ObjectRow(
    name="Invoice",
    queue="invoices",
    scope="accounting.invoices",
    id_field="InvoiceID",
    fields=MAPPED,
    schema=InvoiceSchema(),
    slots=SLOTS,
    longest=LONGEST_NUMBER,
    prepare=prepare,
    write=write,
    lookup=lookup,
    elements=elements,
    is_same=is_same,
    is_ours=is_ours,
    is_written=is_written,
    is_held=is_held,
    takes_two=lambda context: context.order_id_in != "InvoiceNumber",
    differs=differs,
    remembers=remembers,
)
