"""Credit notes: lists, single records and writes. A sentence without a source in Xero is a stand-in."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from segxero.sandbox.objects import contact_fields
from segxero.sandbox.objects.batch import ZERO_ID, Batch, ElementRefusedError, Written
from segxero.sandbox.objects.credit_note_fields import CREDIT_NOTE, FIELDS, FILTERS, show
from segxero.sandbox.objects.invoice_fields import write_dates
from segxero.sandbox.objects.invoice_rules import COMPLETE, CREATABLE, MOVES, SETTLED, check_document, check_locks
from segxero.sandbox.objects.invoice_writes import is_other_contact, take_contact, take_lines
from segxero.sandbox.objects.lines import LineWork, add_up
from segxero.sandbox.objects.route import Route, allow
from segxero.sandbox.query.listing import list_records
from segxero.sandbox.state.demo_company import find_rate
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.scopes import INVOICES
from segxero.sandbox.state.table import Record
from segxero.sandbox.wire.answers import Answer
from segxero.sandbox.wire.refusals import not_found

Element = Mapping[str, Any]
UNKNOWN_NOTE = "An existing Credit Note with the specified CreditNoteID could not be found"
NOT_UNIQUE = "Credit Note # must be unique."
WRONG_TYPE = "Credit Note not of valid type for creation"
NOT_CREATABLE = "Credit Note not of valid status for creation"
NOT_MODIFIABLE = "Credit Note not of valid status for modification"
_NOT_KEPT = frozenset({"Contact", "LineItems", "CreditNoteID"})
_MONEY = ("Date", "CurrencyCode", "LineAmountTypes", "Total", "LineItems")


def list_notes(request: Request) -> Answer:
    """Answer GET: lines only come with pages."""
    page = list_records(request, request.book.credit_notes, FILTERS, identity="CreditNoteID")
    bodies = [
        show(
            note,
            contact_fields.show_brief(request.book.contacts.get(note["ContactID"]) or {}),
            places=request.unit_places,
            lines=page.pagination is not None,
        )
        for note in page.records
    ]
    return request.answer("CreditNotes", bodies, page.pagination)


def get_note(request: Request) -> Answer:
    return request.answer("CreditNotes", [_shown(request, _found(request))])


def create_notes(request: Request) -> Answer:
    return CREATE.run(request, request.read_elements("CreditNotes", "CreditNote", FIELDS, CREDIT_NOTE))


def upsert_notes(request: Request) -> Answer:
    return UPSERT.run(request, request.read_elements("CreditNotes", "CreditNote", FIELDS, CREDIT_NOTE))


def update_note(request: Request) -> Answer:
    """Answer POST on a credit note; summarizeErrors does not exist here."""
    identity = _found(request)["CreditNoteID"]
    elements = request.read_elements("CreditNotes", "CreditNote", FIELDS, CREDIT_NOTE)
    return UPSERT.run(request, [{**element, "CreditNoteID": identity} for element in elements[:1]], can_ask_each=False)


def _create(request: Request, element: Element) -> Written:
    if "Type" not in element:
        raise ElementRefusedError(WRONG_TYPE)
    if element.get("Status", "DRAFT") not in CREATABLE:
        raise ElementRefusedError(NOT_CREATABLE)
    is_sales, number = element["Type"] == "ACCRECCREDIT", element.get("CreditNoteNumber", "")
    # Credit notes of purchases may share a number, as bills do.
    if is_sales and request.book.credit_notes.find("number", number):
        raise ElementRefusedError(NOT_UNIQUE)
    return _store(request, _blank(request, element), element)


def _blank(request: Request, element: Element) -> Record:
    book = request.book
    code = element.get("CurrencyCode", book.base_currency)
    return {
        "Type": element["Type"],
        "CreditNoteID": book.new_id(),
        "Date": book.today(request.now),
        "LineAmountTypes": "Exclusive",
        "Status": "DRAFT",
        "CurrencyCode": code,
        "CurrencyRate": find_rate(code, book.base_currency),
        "HasAttachments": False,
        "LineItems": [],
        "Allocations": [],
    }


def _upsert(request: Request, element: Element) -> Written:
    """Edit the credit note with this id, else this sales number, else create it."""
    old = _match(request, element)
    if old is None:
        return _create(request, element)
    status = element.get("Status", old["Status"])
    locked = check_locks(request.book, old["Date"])
    if locked:
        raise ElementRefusedError(*locked)
    if status not in MOVES[old["Status"]]:
        raise ElementRefusedError(NOT_MODIFIABLE)
    return _store(request, old, {**element, "Type": old["Type"], "Status": status})


def _match(request: Request, element: Element) -> Record | None:
    notes = request.book.credit_notes
    if "CreditNoteID" in element:
        found = notes.get(element["CreditNoteID"])
        if found is None:
            raise ElementRefusedError(UNKNOWN_NOTE)
        return found
    number = element.get("CreditNoteNumber", "")
    return notes.find("number", number) if element.get("Type", "ACCRECCREDIT") == "ACCRECCREDIT" else None


def _store(request: Request, old: Record, element: Element) -> Written:
    """Check the credit note as a whole, then save its contact and itself."""
    new = {**old, **{name: value for name, value in element.items() if name not in _NOT_KEPT}}
    work = LineWork(request=request, kind=new["Type"], types=new["LineAmountTypes"], complete=new["Status"] in COMPLETE)
    new["LineItems"] = take_lines(work, old, element)
    new |= add_up(new["LineItems"], new["LineAmountTypes"])
    # Payments and allocations both use up credit, so their sum is known without looking at them.
    used = old["Total"] - old["RemainingCredit"] if "Total" in old else Decimal(0)
    faults = work.faults + check_document(request, new, "CreditNoteNumber")
    # A credit note in use shares contact and money with its invoices and payments, so both are fixed.
    changes_money = any(old.get(name) != new.get(name) for name in (*_MONEY, "Status"))
    if used and (changes_money or is_other_contact(request, old, element)):
        faults = [SETTLED]
    if faults:
        raise ElementRefusedError(*faults)
    contact = take_contact(work, old, element)
    if new["Type"] == "ACCRECCREDIT" and not new.get("CreditNoteNumber"):
        new["CreditNoteNumber"] = request.book.next_number("CN", request.book.credit_notes)
    new |= {"ContactID": contact["ContactID"], "RemainingCredit": new["Total"] - used, "UpdatedDateUTC": request.now}
    request.book.credit_notes.put(new["CreditNoteID"], new)
    return Written(body=_shown(request, new), warnings=work.warnings)


def _shown(request: Request, note: Record) -> dict[str, Any]:
    contact = request.book.contacts.get(note["ContactID"])
    if contact is None:
        raise not_found()
    return show(note, contact_fields.show(request.book, contact), places=request.unit_places)


def _echo(request: Request, element: Element) -> dict[str, Any]:
    """Show a refused element: the input, with the all-zero id when it was to be created."""
    identity = element.get("CreditNoteID", ZERO_ID)
    return write_dates({"Allocations": [], "Payments": [], **element, "CreditNoteID": identity, "ID": identity})


def _found(request: Request) -> Record:
    return request.find("note", request.book.credit_notes, "any_number")


CREATE = Batch(collection="CreditNotes", flag="HasErrors", write=_create, echo=_echo)
UPSERT = Batch(collection="CreditNotes", flag="HasErrors", write=_upsert, echo=_echo)
ROUTES = allow(
    INVOICES,
    Route("GET", "/CreditNotes", list_notes),
    Route("PUT", "/CreditNotes", create_notes),
    Route("POST", "/CreditNotes", upsert_notes),
    Route("GET", "/CreditNotes/<note>", get_note),
    Route("POST", "/CreditNotes/<note>", update_note),
)
