"""Invoices: lists, single records and writes."""

from collections.abc import Iterable

from segxero.sandbox.objects import contact_fields
from segxero.sandbox.objects.attachments import list_held
from segxero.sandbox.objects.invoice_fields import FIELDS, INVOICE, list_filters, show
from segxero.sandbox.objects.invoice_writes import CREATE, UPSERT
from segxero.sandbox.objects.route import Route, allow
from segxero.sandbox.query.listing import list_records
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.scopes import INVOICES
from segxero.sandbox.state.table import Record
from segxero.sandbox.wire.answers import Answer
from segxero.sandbox.wire.refusals import not_found


def list_invoices(request: Request) -> Answer:
    """Answer GET: lines only come with pages, which `Statuses` and `summaryOnly` bring along."""
    book = request.book
    statuses, contacts = request.read_words("statuses"), request.read_words("contactids")
    term = request.query.get("searchterm", "").casefold()

    def keep(invoice: Record) -> bool:
        if statuses and invoice["Status"] not in statuses:
            return False
        if contacts and invoice["ContactID"] not in contacts:
            return False
        return not term or any(term in invoice.get(name, "").casefold() for name in ("InvoiceNumber", "Reference"))

    summary = request.has_flag("summaryonly")
    page = list_records(
        request,
        book.invoices,
        list_filters(book),
        identity="InvoiceID",
        keep=keep,
        paged=bool(statuses) or summary,
        candidates=_named(request),
    )
    bodies = [
        show(
            invoice,
            contact_fields.show_brief(_contact(request, invoice)),
            places=request.unit_places,
            lines=page.pagination is not None,
            summary=summary,
        )
        for invoice in page.records
    ]
    return request.answer("Invoices", bodies, page.pagination)


def get_invoice(request: Request) -> Answer:
    invoice = _found(request)
    contact = contact_fields.show(request.book, _contact(request, invoice))
    body = show(invoice, contact, places=request.unit_places)
    return request.answer("Invoices", [body | {"Attachments": list_held(request, invoice["InvoiceID"])}])


def create_invoices(request: Request) -> Answer:
    return CREATE.run(request, request.read_elements("Invoices", "Invoice", FIELDS, INVOICE))


def upsert_invoices(request: Request) -> Answer:
    return UPSERT.run(request, request.read_elements("Invoices", "Invoice", FIELDS, INVOICE))


def update_invoice(request: Request) -> Answer:
    """Answer POST on an invoice, by its id or number; summarizeErrors does not exist here."""
    identity = _found(request)["InvoiceID"]
    elements = request.read_elements("Invoices", "Invoice", FIELDS, INVOICE)
    return UPSERT.run(request, [{**element, "InvoiceID": identity} for element in elements[:1]], can_ask_each=False)


def _named(request: Request) -> Iterable[Record] | None:
    """Return the invoices that IDs or InvoiceNumbers name, without a scan; None when neither is given."""
    invoices = request.book.invoices
    identities, numbers = request.read_words("ids"), request.read_words("invoicenumbers")
    if identities:
        found = [invoice for invoice in map(invoices.get, identities) if invoice]
        wanted = {number.casefold() for number in numbers}
        return [each for each in found if not wanted or each.get("InvoiceNumber", "").casefold() in wanted]
    if numbers:
        return [invoice for number in numbers for invoice in invoices.all("any_number", number)]
    return None


def _contact(request: Request, invoice: Record) -> Record:
    contact = request.book.contacts.get(invoice["ContactID"])
    if contact is None:
        raise not_found()
    return contact


def _found(request: Request) -> Record:
    return request.find("invoice", request.book.invoices, "any_number")


ROUTES = allow(
    INVOICES,
    Route("GET", "/Invoices", list_invoices),
    Route("PUT", "/Invoices", create_invoices),
    Route("POST", "/Invoices", upsert_invoices),
    Route("GET", "/Invoices/<invoice>", get_invoice),
    Route("POST", "/Invoices/<invoice>", update_invoice),
)
