"""Creating and updating invoices: number, contact, lines, sums and status together, or nothing of it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from segxero.sandbox.objects import contact_fields, contact_writes
from segxero.sandbox.objects.batch import ZERO_ID, Batch, ElementRefusedError, Written
from segxero.sandbox.objects.invoice_fields import show, show_line, write_dates
from segxero.sandbox.objects.invoice_rules import (
    COMPLETE,
    CREATABLE,
    NOT_CREATABLE,
    NOT_MODIFIABLE,
    NOT_SENT,
    NOT_UNIQUE,
    PLAN_LIMIT,
    SETTLED,
    WRONG_TYPE,
    check_change,
    check_header,
    check_locks,
    is_approval,
    is_silent_change,
)
from segxero.sandbox.objects.lines import LineWork, add_up
from segxero.sandbox.state.demo_company import find_rate
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.table import Record

Element = Mapping[str, Any]
NO_CONTACT = "A Contact must be specified for this type of transaction"
UNKNOWN_INVOICE = "An existing Invoice with the specified InvoiceID could not be found"
_NOT_KEPT = frozenset({"Contact", "LineItems", "InvoiceID"})


def create(request: Request, element: Element) -> Written:
    """Answer an element of PUT: always a new invoice. An InvoiceID has no meaning here."""
    if element.get("Type") not in {"ACCREC", "ACCPAY"}:
        raise ElementRefusedError(WRONG_TYPE)
    if element.get("Status", "DRAFT") not in CREATABLE:
        raise ElementRefusedError(NOT_CREATABLE)
    number = element.get("InvoiceNumber", "")
    # Bills may share a number: it is their supplier's.
    if element["Type"] == "ACCREC" and request.book.invoices.find("number", number):
        raise ElementRefusedError(NOT_UNIQUE)
    return _store(request, _blank(request, element), element, fresh=True)


def upsert(request: Request, element: Element) -> Written:
    """Answer an element of POST: edit the invoice with this id, else this sales number, else create it."""
    old = match(request, element)
    if old is None:
        return create(request, element)
    return _update(request, old, element)


def match(request: Request, element: Element) -> Record | None:
    """Return the invoice of *element*. Raise ElementRefusedError for an unknown id."""
    invoices = request.book.invoices
    if "InvoiceID" in element:
        found = invoices.get(element["InvoiceID"])
        if found is None:
            raise ElementRefusedError(UNKNOWN_INVOICE)
        return found
    if element.get("Type", "ACCREC") == "ACCREC" and element.get("InvoiceNumber"):
        return invoices.find("number", element["InvoiceNumber"])
    return None


def echo(request: Request, element: Element) -> dict[str, Any]:
    """Show a refused element: the input over the server's view of the invoice, or with the all-zero id."""
    try:
        old = match(request, element) if request.method == "POST" else None
    except ElementRefusedError:
        old = None
    lists: dict[str, Any] = {name: [] for name in ("Payments", "CreditNotes", "Prepayments", "Overpayments")}
    server = {name: value for name, value in (old or {}).items() if name not in {"ContactID", "UpdatedDateUTC"}}
    view = {**lists, **server, **element, "InvoiceID": old["InvoiceID"] if old else ZERO_ID}
    contact = element.get("Contact", {"ContactID": old["ContactID"]} if old else {})
    view["Contact"] = {"Addresses": [], "Phones": [], "ContactPersons": [], **contact, "HasValidationErrors": False}
    if old and "LineItems" not in element:
        view["LineItems"] = [show_line(line, request.unit_places) for line in old["LineItems"]]
    return write_dates(view)


CREATE = Batch(collection="Invoices", flag="HasErrors", write=create, echo=echo)
UPSERT = Batch(collection="Invoices", flag="HasErrors", write=upsert, echo=echo)


def _blank(request: Request, element: Element) -> Record:
    book = request.book
    base = {"Type": element["Type"], "InvoiceID": book.new_id(), "Date": book.today(request.now)}
    code = element.get("CurrencyCode", book.base_currency)
    return base | {
        "LineAmountTypes": "Exclusive",
        "Status": "DRAFT",
        "CurrencyCode": code,
        "CurrencyRate": find_rate(code, book.base_currency),
        "SentToContact": False,
        "HasAttachments": False,
        "AmountPaid": Decimal("0.00"),
        "AmountCredited": Decimal("0.00"),
        "LineItems": [],
    }


def _update(request: Request, old: Record, element: Element) -> Written:
    status = element.get("Status", old["Status"])
    if old["Status"] in {"VOIDED", "DELETED"}:
        raise ElementRefusedError(NOT_MODIFIABLE)
    # The old date counts as well: nothing can be moved out of a locked period.
    locked = check_locks(request.book, old["Date"])
    if locked:
        raise ElementRefusedError(*locked)
    number = element.get("InvoiceNumber", "")
    holder = request.book.invoices.find("number", number) if old["Type"] == "ACCREC" else None
    if holder and holder["InvoiceID"] != old["InvoiceID"]:
        raise ElementRefusedError(NOT_UNIQUE)
    return _store(request, old, {**element, "Type": old["Type"], "Status": status}, fresh=False)


def _store(request: Request, old: Record, element: Element, *, fresh: bool) -> Written:
    """Check the invoice as a whole, then save its contact and itself."""
    new = {**old, **{name: value for name, value in element.items() if name not in _NOT_KEPT}}
    work = LineWork(request=request, kind=new["Type"], types=new["LineAmountTypes"], complete=new["Status"] in COMPLETE)
    new["LineItems"] = take_lines(work, old, element)
    new |= add_up(new["LineItems"], new["LineAmountTypes"])
    if element.get("SentToContact") and new["Status"] != "AUTHORISED":
        new["SentToContact"] = False
        work.warnings.append(NOT_SENT)
    faults = work.faults + check_header(request, new)
    if not fresh:
        faults = check_change(old, new) or faults
        # Xero keeps the contact of an invoice that a credit note has paid: both must have the same.
        if old["AmountCredited"] and is_other_contact(request, old, element):
            faults = [SETTLED]
    counts = is_approval(old, new)
    # Starter plans take a number of approved sales invoices each month; drafts are free.
    if counts and not request.book.can_approve:
        faults.append(PLAN_LIMIT)
    if faults:
        raise ElementRefusedError(*faults)
    contact = take_contact(work, old, element)
    if new["Type"] == "ACCREC" and not new.get("InvoiceNumber"):
        new["InvoiceNumber"] = request.book.next_number("INV", request.book.invoices)
    contact["IsCustomer" if new["Type"] == "ACCREC" else "IsSupplier"] = True
    new["ContactID"] = contact["ContactID"]
    new["UpdatedDateUTC"] = old["UpdatedDateUTC"] if not fresh and is_silent_change(old, new) else request.now
    request.book.invoices.put(new["InvoiceID"], new)
    if counts:
        request.book.count_approval()
    body = show(new, contact_fields.show(request.book, contact), places=request.unit_places)
    return Written(body=body, warnings=work.warnings)


def take_lines(work: LineWork, old: Record, element: Element) -> list[Record]:
    """Return the lines after the write: left out they stay, unless another kind of amounts makes them new."""
    if "LineItems" in element:
        return work.replace_lines(old["LineItems"], element["LineItems"])
    # Another kind of amounts makes the old tax wrong, so it is worked out anew.
    if element.get("LineAmountTypes", old["LineAmountTypes"]) != old["LineAmountTypes"]:
        bare = [{name: value for name, value in line.items() if name != "TaxAmount"} for line in old["LineItems"]]
        return [work.complete_line(line) for line in bare]
    return list(old["LineItems"])


def is_other_contact(request: Request, old: Record, element: Element) -> bool:
    """Say whether *element* moves the document *old* to another contact."""
    if not element.get("Contact"):
        return False
    found = contact_writes.match(request, element["Contact"])
    return found is None or found["ContactID"] != old["ContactID"]


def take_contact(work: LineWork, old: Record, element: Element) -> Record:
    """Return the document's contact, created or changed on the way when more than its identity was sent."""
    sent, request = element.get("Contact"), work.request
    contacts = request.book.contacts
    if not sent:
        known = contacts.get(old.get("ContactID", ""))
        if known is None:
            raise ElementRefusedError(NO_CONTACT)
        return known
    found = contact_writes.match(request, sent)
    if found is None and "ContactID" in sent:
        raise ElementRefusedError(contact_writes.UNKNOWN_CONTACT)
    if found and found["ContactStatus"] == "ARCHIVED":
        raise ElementRefusedError(contact_writes.ARCHIVED)
    # The id alone names the contact and changes nothing on it.
    if found and len(sent) == 1:
        return found
    # Any field beside the id makes this a write to the contact, and a write without persons deletes them.
    contact, warnings = contact_writes.save(request, found, {"ContactPersons": [], **sent})
    work.warnings += warnings
    return contact
