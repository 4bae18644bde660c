"""Contacts: lists, single records and writes."""

from segxero.sandbox.objects.attachments import list_held
from segxero.sandbox.objects.contact_fields import CONTACT, FIELDS, FILTERS, SEARCHED, show
from segxero.sandbox.objects.contact_writes import CREATE, UPSERT
from segxero.sandbox.objects.route import Route, allow
from segxero.sandbox.query.listing import list_records
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.scopes import CONTACTS
from segxero.sandbox.state.table import Record
from segxero.sandbox.wire.answers import Answer
from segxero.sandbox.wire.refusals import not_found


def list_contacts(request: Request) -> Answer:
    """Answer GET: archived contacts only on demand; a list without pages lacks some properties."""
    contacts, archived = request.book.contacts, request.has_flag("includearchived")
    wanted, term = request.read_words("ids"), request.query.get("searchterm", "").casefold()

    def keep(contact: Record) -> bool:
        if contact["ContactStatus"] == "ARCHIVED" and not archived:
            return False
        return not term or any(term in contact.get(name, "").casefold() for name in SEARCHED)

    candidates = [found for found in map(contacts.get, wanted) if found] if wanted else None
    summary = request.has_flag("summaryonly")
    page = list_records(
        request, contacts, FILTERS, identity="ContactID", keep=keep, paged=summary, candidates=candidates
    )
    paged = page.pagination is not None
    bodies = [show(request.book, contact, paged=paged, summary=summary) for contact in page.records]
    return request.answer("Contacts", bodies, page.pagination)


def get_contact(request: Request) -> Answer:
    contact = _found(request)
    files = list_held(request, contact["ContactID"])
    return request.answer("Contacts", [show(request.book, contact) | {"Attachments": files}])


def create_contacts(request: Request) -> Answer:
    return CREATE.run(request, request.read_elements("Contacts", "Contact", FIELDS, CONTACT))


def upsert_contacts(request: Request) -> Answer:
    """Answer POST; a ContactID that does not exist is a 404 for the whole request."""
    elements = request.read_elements("Contacts", "Contact", FIELDS, CONTACT)
    # An unknown ContactID fails the whole request before any element is written (from recordings).
    for element in elements:
        if "ContactID" in element and request.book.contacts.get(element["ContactID"]) is None:
            raise not_found()
    return UPSERT.run(request, elements)


def update_contact(request: Request) -> Answer:
    """Answer POST on a contact, by its id or number; summarizeErrors does not exist here."""
    identity = _found(request)["ContactID"]
    elements = request.read_elements("Contacts", "Contact", FIELDS, CONTACT)
    return UPSERT.run(request, [{**element, "ContactID": identity} for element in elements[:1]], can_ask_each=False)


def _found(request: Request) -> Record:
    return request.find("contact", request.book.contacts, "number")


ROUTES = allow(
    CONTACTS,
    Route("GET", "/Contacts", list_contacts),
    Route("PUT", "/Contacts", create_contacts),
    Route("POST", "/Contacts", upsert_contacts),
    Route("GET", "/Contacts/<contact>", get_contact),
    Route("POST", "/Contacts/<contact>", update_contact),
)
