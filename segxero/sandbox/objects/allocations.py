"""Allocations: credit set off against invoices. Xero takes the same one twice as long as there is credit.

Which sentences Xero refuses them with is not known from a source, except for an unknown credit note.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from segxero.sandbox.objects.batch import Batch, ElementRefusedError, Written
from segxero.sandbox.objects.credit_note_fields import show_allocation
from segxero.sandbox.objects.credit_notes import UNKNOWN_NOTE
from segxero.sandbox.objects.invoice_fields import calculate_due, round_money
from segxero.sandbox.objects.invoice_writes import UNKNOWN_INVOICE
from segxero.sandbox.objects.route import Route
from segxero.sandbox.objects.settlement import settle_invoice, settle_note
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.table import Record
from segxero.sandbox.wire.answers import Answer
from segxero.sandbox.wire.dates import stamp_day
from segxero.sandbox.wire.model import Reader, day, identifier, ignore, number, shape, text
from segxero.sandbox.wire.refusals import not_found

Element = Mapping[str, Any]
NOTE_NOT_OPEN = "Credit Note not of valid status for allocation"
INVOICE_NOT_OPEN = "Allocations can only be made against Authorised documents"
TOO_MUCH = "Allocation amount exceeds the amount outstanding on this document"
OTHER_CONTACT = "The contact of the credit note and of the invoice must be the same."
OTHER_CURRENCY = "The currency of the credit note and of the invoice must be the same."
_DOCUMENT = shape({"InvoiceID": identifier, "InvoiceNumber": text})
_FIELDS: Mapping[str, Reader] = {
    "Amount": number,
    "Date": day,
    "Invoice": _DOCUMENT,
    **dict.fromkeys(("AllocationID", "CreditNote", "IsDeleted", "StatusAttributeString", "ValidationErrors"), ignore),
}
_ALLOCATION = shape(_FIELDS)


def allocate(request: Request) -> Answer:
    """Answer PUT: set credit off against the named invoices."""
    return ALLOCATE.run(request, request.read_elements("Allocations", "Allocation", _FIELDS, _ALLOCATION))


def take_back(request: Request) -> Answer:
    """Answer DELETE: the credit is free again, and the invoice due."""
    note = _note(request)
    found = [one for one in note["Allocations"] if one["AllocationID"] == request.params["allocation"].lower()]
    if not found:
        raise not_found()
    allocation = found[0]
    left = [one for one in note["Allocations"] if one is not allocation]
    settle_note(request, note, -allocation["Amount"], Allocations=left)
    invoice = request.book.invoices.get(allocation["InvoiceID"])
    if invoice is not None:
        shown = [one for one in invoice["CreditNotes"] if one["AllocationID"] != allocation["AllocationID"]]
        settle_invoice(request, invoice, "AmountCredited", -allocation["Amount"], shown)
    return Answer(data={**show_allocation(allocation), "IsDeleted": True})


def _allocate(request: Request, element: Element) -> Written:
    note = request.book.credit_notes.get(request.params["note"])
    if note is None:
        raise ElementRefusedError(UNKNOWN_NOTE)
    invoice = _invoice(request, element)
    amount = round_money(element["Amount"]) if "Amount" in element else note["RemainingCredit"]
    if faults := list(_faults(note, invoice, amount)):
        raise ElementRefusedError(*faults)
    allocation = {
        "AllocationID": request.book.new_id(),
        "InvoiceID": invoice["InvoiceID"],
        "InvoiceNumber": invoice.get("InvoiceNumber", ""),
        "Amount": amount,
        "Date": max(note["Date"], invoice["Date"]),
    }
    settle_note(request, note, amount, Allocations=[*note["Allocations"], allocation])
    applied = {
        "AllocationID": allocation["AllocationID"],
        "CreditNoteID": note["CreditNoteID"],
        "CreditNoteNumber": note.get("CreditNoteNumber", ""),
        "AppliedAmount": amount,
        "Date": stamp_day(allocation["Date"]),
        "Total": note["Total"],
    }
    settle_invoice(request, invoice, "AmountCredited", amount, [*invoice.get("CreditNotes", ()), applied])
    body: dict[str, Any] = {
        "Amount": amount,
        "Date": stamp_day(allocation["Date"]),
        "Invoice": {"InvoiceID": invoice["InvoiceID"], "LineItems": [], "HasErrors": False, "ValidationErrors": []},
        "CreditNote": {"CreditNoteID": note["CreditNoteID"], "ID": note["CreditNoteID"], "LineItems": []},
        "ValidationErrors": [],
    }
    return Written(body=body)


def _faults(note: Record, invoice: Record, amount: Decimal) -> Iterator[str]:
    if note["Status"] != "AUTHORISED":
        yield NOTE_NOT_OPEN
    elif invoice["Status"] != "AUTHORISED":
        yield INVOICE_NOT_OPEN
    elif amount <= 0 or amount > min(note["RemainingCredit"], calculate_due(invoice)):
        yield TOO_MUCH
    if note["ContactID"] != invoice["ContactID"]:
        yield OTHER_CONTACT
    if note["CurrencyCode"] != invoice["CurrencyCode"]:
        yield OTHER_CURRENCY


def _invoice(request: Request, element: Element) -> Record:
    sent, invoices = element.get("Invoice", {}), request.book.invoices
    found = invoices.get(sent.get("InvoiceID", "")) or invoices.find("number", sent.get("InvoiceNumber", ""))
    if found is None:
        raise ElementRefusedError(UNKNOWN_INVOICE)
    return found


def _note(request: Request) -> Record:
    note = request.book.credit_notes.get(request.params["note"])
    if note is None:
        raise not_found()
    return note


def _echo(request: Request, element: Element) -> dict[str, Any]:
    return {**element, **({"Date": stamp_day(element["Date"])} if "Date" in element else {})}


ALLOCATE = Batch(collection="Allocations", flag="HasErrors", write=_allocate, echo=_echo)
ROUTES = (
    Route("PUT", "/CreditNotes/<note>/Allocations", allocate),
    Route("DELETE", "/CreditNotes/<note>/Allocations/<allocation>", take_back),
)
