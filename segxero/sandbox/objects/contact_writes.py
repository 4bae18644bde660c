"""Writes of contacts: the match with a stored contact, and the properties that a write changes."""

from collections.abc import Mapping
from typing import Any

from segxero.sandbox.objects.batch import ZERO_ID, Batch, ElementRefusedError, Written
from segxero.sandbox.objects.contact_fields import ADDRESS_SLOTS, PHONE_SLOTS, check_contact, show
from segxero.sandbox.objects.contact_tracking import check_default_tracking
from segxero.sandbox.state.book import Book
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.table import Record

Element = Mapping[str, Any]
ARCHIVED = (
    "The specified contact details matched an archived contact. "
    "Archived contacts cannot currently be edited via the API."
)
NO_IDENTITY = (
    "The Contact must contain at least 1 of the following elements to identify the contact: "
    "Name, ContactID, ContactNumber"
)
UNKNOWN_CONTACT = "The Contact with the specified ContactID could not be found."
ACCOUNT_TAKEN = "The Account Number already exists. Please enter a different Account Number."


def write_name_taken(name: str) -> str:
    return (
        f"The contact name {name} is already assigned to another contact. "
        "The contact name must be unique across all active contacts."
    )


def create(request: Request, element: Element) -> Written:
    """Answer an element of PUT: a name or number in use is refused. A ContactID has no meaning here."""
    held = request.book.contacts.find("number", element.get("ContactNumber", ""))
    if held:
        raise ElementRefusedError(f"The Contact Number {element['ContactNumber']} is already assigned to a contact.")
    return _written(request, None, element)


def upsert(request: Request, element: Element) -> Written:
    """Answer an element of POST: update the matching contact, else create it."""
    return _written(request, match(request, element), element)


def match(request: Request, element: Element) -> Record | None:
    """Return the contact of *element*: by ContactID, else ContactNumber, else Name."""
    contacts = request.book.contacts
    if "ContactID" in element:
        return contacts.get(element["ContactID"])
    number, name = element.get("ContactNumber", ""), element.get("Name", "")
    # Without a key Xero cannot tell an update from a new contact.
    if not number and not name:
        raise ElementRefusedError(NO_IDENTITY)
    found = contacts.find("number", number) if number else None
    if found is None and name:
        found = contacts.find("name", name)
        if found and number and found.get("ContactNumber") and request.world.name_match == "refuse":
            raise ElementRefusedError(write_name_taken(name))
    return found


def save(request: Request, old: Record | None, element: Element) -> tuple[Record, list[str]]:
    """Store *element* over *old* (None = as a new contact). Raise ElementRefusedError.

    Return the contact and the warnings about it.
    """
    # Recorded: no write reaches an archived contact, not even its restoration.
    if old and old["ContactStatus"] == "ARCHIVED":
        raise ElementRefusedError(ARCHIVED)
    tracking = check_default_tracking(request, element)
    new = {**(old or make_contact(request.book)), **_kept(element), **tracking.lists}
    if not new.get("Name"):
        raise ElementRefusedError(NO_IDENTITY)
    faults = check_contact(element) + tracking.faults + _taken(request, new)
    if faults:
        raise ElementRefusedError(*faults)
    new["Phones"] = _merged(new["Phones"], element.get("Phones", ()), "PhoneType")
    new["Addresses"] = _merged(new["Addresses"], element.get("Addresses", ()), "AddressType")
    new["UpdatedDateUTC"] = request.now
    request.book.contacts.put(new["ContactID"], new)
    return new, tracking.warnings


def echo(request: Request, element: Element) -> dict[str, Any]:
    """Show a refused element: the input, with the id of its contact or the all-zero id."""
    try:
        found = match(request, element) if request.method == "POST" else None
    except ElementRefusedError:
        found = None
    lists: dict[str, list[Any]] = {"Addresses": [], "Phones": [], "ContactGroups": [], "ContactPersons": []}
    phones = [{**phone, "ValidationErrors": []} for phone in element.get("Phones", ())]
    return {**lists, **element, "Phones": phones, "ContactID": found["ContactID"] if found else ZERO_ID}


CREATE = Batch(collection="Contacts", flag="HasValidationErrors", write=create, echo=echo)
UPSERT = Batch(collection="Contacts", flag="HasValidationErrors", write=upsert, echo=echo)


def _written(request: Request, old: Record | None, element: Element) -> Written:
    contact, warnings = save(request, old, element)
    return Written(body=show(request.book, contact), warnings=warnings)


def make_contact(book: Book) -> Record:
    """Return a new contact with an id and nothing else."""
    return {
        "ContactID": book.new_id(),
        "ContactStatus": "ACTIVE",
        "Name": "",
        "BankAccountDetails": "",
        "Addresses": [_slot("AddressType", kind) for kind in ADDRESS_SLOTS],
        "Phones": [_slot("PhoneType", kind) for kind in PHONE_SLOTS],
        "ContactGroups": [],
        "IsSupplier": False,
        "IsCustomer": False,
        "SalesTrackingCategories": [],
        "PurchasesTrackingCategories": [],
        "ContactPersons": [],
        "HasAttachments": False,
    }


def _kept(element: Element) -> dict[str, Any]:
    """Return the properties to replace as a whole; the slots of phones and addresses are merged afterwards."""
    return {name: value for name, value in element.items() if name not in {"ContactID", "Phones", "Addresses"}}


def _taken(request: Request, new: Record) -> list[str]:
    """Return the sentences about keys of *new* in the hands of another contact."""
    contacts = request.book.contacts

    def held(key: str, value: str) -> bool:
        return any(other["ContactID"] != new["ContactID"] for other in contacts.all(key, value))

    found = []
    # The name of an archived contact is free again.
    if new["ContactStatus"] == "ACTIVE" and held("name", new["Name"]):
        found.append(write_name_taken(new["Name"]))
    if held("number", new.get("ContactNumber", "")):
        found.append(f"The Contact Number {new['ContactNumber']} is already assigned to another contact.")
    if held("account", new.get("AccountNumber", "")):
        found.append(ACCOUNT_TAKEN)
    return found


def _slot(name: str, kind: str) -> dict[str, str]:
    if name == "PhoneType":
        return {name: kind, "PhoneNumber": "", "PhoneAreaCode": "", "PhoneCountryCode": ""}
    return {name: kind, "City": "", "Region": "", "PostalCode": "", "Country": ""}


def _merged(slots: list[dict[str, str]], sent: Any, name: str) -> list[dict[str, str]]:
    """Return the fixed slots, replaced by the sent slots of their type; the default is the first slot."""
    default = "DEFAULT" if name == "PhoneType" else "POBOX"
    by_kind = {slot.get(name, default): slot for slot in sent}
    return [{**_slot(name, slot[name]), **by_kind[slot[name]]} if slot[name] in by_kind else slot for slot in slots]
