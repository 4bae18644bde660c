"""Allocations: credit notes and overpayments set off against invoices.

Xero takes the same allocation twice while there is credit.

The sentences about a paid invoice and too large an amount are from a caller's report (waynerobinson/xeroizer#320);
those about the status of a document, its contact and its currency are stand-ins.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from segxero.sandbox.objects.batch import Batch, ElementRefusedError, Written, write_messages
from segxero.sandbox.objects.credit_note_fields import show_allocation
from segxero.sandbox.objects.credit_notes import UNKNOWN_NOTE
from segxero.sandbox.objects.invoice_fields import calculate_due, round_money
from segxero.sandbox.objects.invoice_rules import check_locks
from segxero.sandbox.objects.invoice_writes import UNKNOWN_INVOICE
from segxero.sandbox.objects.route import Route, allow
from segxero.sandbox.objects.settlement import settle_credit, settle_invoice
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.scopes import BANK_TRANSACTIONS, INVOICES
from segxero.sandbox.state.table import Record
from segxero.sandbox.wire.answers import Answer
from segxero.sandbox.wire.dates import stamp_day
from segxero.sandbox.wire.model import Reader, day, identifier, ignore, number, shape, text
from segxero.sandbox.wire.refusals import not_found, validation

Element = Mapping[str, Any]
NOTE_NOT_OPEN = "Credits can only be allocated from Authorised credit notes"
INVOICE_NOT_OPEN = "Allocations can only be made against Authorised documents"
ALREADY_PAID = "The invoice you are trying to allocate to has already been paid off"
TOO_MUCH = "Credit Note cannot be allocated as amount is greater than amount outstanding"
OTHER_KIND = "A credit note can only be allocated to invoices of its own kind, sales or purchases."
OTHER_CONTACT = "The contact of the credit note and of the invoice must be the same."
OTHER_CURRENCY = "The currency of the credit note and of the invoice must be the same."
UNKNOWN_OVERPAYMENT = "An existing Overpayment with the specified OverpaymentID could not be found"
_OVERPAID = {"ACCREC": "RECEIVE-OVERPAYMENT"}
_DOCUMENT = shape({"InvoiceID": identifier, "InvoiceNumber": text})
_FIELDS: Mapping[str, Reader] = {
    "Amount": number,
    "Date": day,
    "Invoice": _DOCUMENT,
    **dict.fromkeys(
        ("AllocationID", "CreditNote", "Overpayment", "IsDeleted", "StatusAttributeString", "ValidationErrors"), ignore
    ),
}
_ALLOCATION = shape(_FIELDS)


def allocate(request: Request) -> Answer:
    """Answer PUT: set credit off against the named invoices."""
    return ALLOCATE.run(request, request.read_elements("Allocations", "Allocation", _FIELDS, _ALLOCATION))


def take_back(request: Request) -> Answer:
    """Answer DELETE: the credit is free again, and the invoice due. A locked period keeps its allocations."""
    kind, note = _find_credit(request)
    wanted = request.params["allocation"].lower()
    if note is None:
        raise not_found()
    allocation = next((entry for entry in note["Allocations"] if entry["AllocationID"] == wanted), None)
    if allocation is None:
        raise not_found()
    if faults := check_locks(request.book, allocation["Date"]):
        return validation([{**show_allocation(allocation), "ValidationErrors": write_messages(faults)}])
    left = [entry for entry in note["Allocations"] if entry is not allocation]
    settle_credit(request, note, -allocation["Amount"], Allocations=left)
    invoice = request.book.invoices.get(allocation["InvoiceID"])
    if invoice is not None:
        entries = [entry for entry in invoice[f"{kind}s"] if entry["AllocationID"] != wanted]
        settle_invoice(request, invoice, f"{kind}s", -allocation["Amount"], entries)
    return Answer(data={**show_allocation(allocation), "IsDeleted": True})


def _allocate(request: Request, element: Element) -> Written:
    kind, note = _find_credit(request)
    if note is None:
        raise ElementRefusedError(UNKNOWN_NOTE if kind == "CreditNote" else UNKNOWN_OVERPAYMENT)
    invoice = _invoice(request, element)
    amount = round_money(element["Amount"]) if "Amount" in element else note["RemainingCredit"]
    if faults := [*_faults(note, invoice, amount), *check_locks(request.book, max(note["Date"], invoice["Date"]))]:
        raise ElementRefusedError(*faults)
    allocation = {
        "AllocationID": request.book.new_id(),
        "InvoiceID": invoice["InvoiceID"],
        "InvoiceNumber": invoice.get("InvoiceNumber", ""),
        "Amount": amount,
        # Xero dates an allocation itself, by the later document.
        "Date": max(note["Date"], invoice["Date"]),
    }
    settle_credit(request, note, amount, Allocations=[*note["Allocations"], allocation])
    identity = note[f"{kind}ID"]
    applied = {
        "AllocationID": allocation["AllocationID"],
        f"{kind}ID": identity,
        **({"CreditNoteNumber": note.get("CreditNoteNumber", "")} if kind == "CreditNote" else {}),
        "AppliedAmount": amount,
        "Date": stamp_day(allocation["Date"]),
        "Total": note["Total"],
    }
    settle_invoice(request, invoice, f"{kind}s", amount, [*invoice.get(f"{kind}s", ()), applied])
    body: dict[str, Any] = {
        "Amount": amount,
        "Date": stamp_day(allocation["Date"]),
        "Invoice": {"InvoiceID": invoice["InvoiceID"], "LineItems": [], "HasErrors": False, "ValidationErrors": []},
        kind: {f"{kind}ID": identity, **({"ID": identity} if kind == "CreditNote" else {}), "LineItems": []},
        "ValidationErrors": [],
    }
    return Written(body=body)


def _faults(note: Record, invoice: Record, amount: Decimal) -> Iterator[str]:
    if note["Status"] != "AUTHORISED":
        yield NOTE_NOT_OPEN
    elif invoice["Status"] == "PAID":
        yield ALREADY_PAID
    elif invoice["Status"] != "AUTHORISED":
        yield INVOICE_NOT_OPEN
    elif amount <= 0 or amount > min(note["RemainingCredit"], calculate_due(invoice)):
        yield TOO_MUCH
    if note["Type"] not in {f"{invoice['Type']}CREDIT", _OVERPAID.get(invoice["Type"])}:
        yield OTHER_KIND
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


def _find_credit(request: Request) -> tuple[str, Record | None]:
    """Return the kind of credit in the path, CreditNote or Overpayment, and the document."""
    if "note" in request.params:
        return "CreditNote", request.book.credit_notes.get(request.params["note"])
    return "Overpayment", request.book.overpayments.get(request.params["overpayment"])


def _echo(request: Request, element: Element) -> dict[str, Any]:
    return {**element, **({"Date": stamp_day(element["Date"])} if "Date" in element else {})}


ALLOCATE = Batch(collection="Allocations", flag="HasErrors", write=_allocate, echo=_echo)
ROUTES = (
    *allow(
        INVOICES,
        Route("PUT", "/CreditNotes/<note>/Allocations", allocate),
        Route("DELETE", "/CreditNotes/<note>/Allocations/<allocation>", take_back),
    ),
    *allow(
        BANK_TRANSACTIONS,
        Route("PUT", "/Overpayments/<overpayment>/Allocations", allocate),
        Route("DELETE", "/Overpayments/<overpayment>/Allocations/<allocation>", take_back),
    ),
)
