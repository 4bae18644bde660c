"""Contact groups: at most 100; contacts join many at a time and leave singly or all together.

Xero's specification has no sentence for an unknown or an archived contact. The sentence about archived contacts is
from a caller's report (calcinai/xero-php#525); by the same report the other contacts of the call are added.
"""

from collections.abc import Mapping
from typing import Any

from segxero.sandbox.objects import contact_fields
from segxero.sandbox.objects.batch import ZERO_ID, Batch, ElementRefusedError, Written
from segxero.sandbox.objects.contact_writes import UNKNOWN_CONTACT
from segxero.sandbox.objects.memberships import show_group
from segxero.sandbox.objects.route import Route, allow
from segxero.sandbox.query.conditions import Field, read_property
from segxero.sandbox.query.listing import list_records
from segxero.sandbox.state.book import Book
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.scopes import CONTACTS
from segxero.sandbox.state.table import Record
from segxero.sandbox.wire.answers import Answer
from segxero.sandbox.wire.model import identifier, ignore, shape, text, word
from segxero.sandbox.wire.refusals import not_found

Element = Mapping[str, Any]
MAXIMUM_GROUPS = 100
LIMIT_REACHED = "You\u2019ve reached the limit of 100 contact groups."
NAME_TAKEN = "A Contact Group already exists with this name"  # calcinai/xero-php#16
ARCHIVED_CONTACT = "Unable to assign an Archived contact."
_FIELDS = {
    "ContactGroupID": identifier,
    "Name": text,
    "Status": word("ContactGroupStatus", "ACTIVE", "DELETED"),
    "Contacts": ignore,
    "HasValidationErrors": ignore,
}
_GROUP = shape(_FIELDS)
_FILTERS = {
    "contactgroupid": Field(kind="guid", get=lambda group: group["ContactGroupID"], index="id"),
    "name": Field(kind="text", get=lambda group: group["Name"], index="name"),
    "status": read_property("Status"),
}


def list_groups(request: Request) -> Answer:
    """Answer GET: the groups without their members."""
    page = list_records(request, request.book.contact_groups, _FILTERS, identity="ContactGroupID")
    return request.answer("ContactGroups", [show_group(group) for group in page.records])


def get_group(request: Request) -> Answer:
    return request.answer("ContactGroups", [show_with_members(request.book, _found(request))])


def create_groups(request: Request) -> Answer:
    elements = request.read_elements("ContactGroups", "ContactGroup", _FIELDS, _GROUP)
    return GROUPS.run(request, [{**element, "ContactGroupID": ""} for element in elements], can_ask_each=False)


def upsert_groups(request: Request) -> Answer:
    """Answer POST without an id in the path: the specification has PUT only, but callers create with it as well."""
    elements = request.read_elements("ContactGroups", "ContactGroup", _FIELDS, _GROUP)
    for element in elements:
        if "ContactGroupID" in element and request.book.contact_groups.get(element["ContactGroupID"]) is None:
            raise not_found()
    return GROUPS.run(request, elements, can_ask_each=False)


def update_group(request: Request) -> Answer:
    """Answer POST on a group: rename it, or delete it by its status."""
    identity = _found(request)["ContactGroupID"]
    element = request.read_elements("ContactGroups", "ContactGroup", _FIELDS, _GROUP)[0]
    return GROUPS.run(request, [{**element, "ContactGroupID": identity}], can_ask_each=False)


def add_members(request: Request) -> Answer:
    _found(request)
    elements = request.read_elements("Contacts", "Contact", contact_fields.FIELDS, contact_fields.CONTACT)
    return MEMBERS.run(request, elements, can_ask_each=False)


def remove_member(request: Request) -> Answer:
    members = _found(request)["Members"]
    identity = request.params["contact"].lower()
    if identity not in members:
        raise not_found()
    del members[identity]
    return Answer(status=204, content_type="")


def remove_members(request: Request) -> Answer:
    _found(request)["Members"].clear()
    return Answer(status=204, content_type="")


def _save(request: Request, element: Element) -> Written:
    """Store a group under its id; an empty id makes a new group. A deleted group goes, and its name is free."""
    groups = request.book.contact_groups
    old = groups.get(element.get("ContactGroupID", ""))
    name = element.get("Name", old["Name"] if old else "")
    holder = groups.find("name", name)
    if not name.strip():
        raise ElementRefusedError("Name must be specified.")
    if holder and holder is not old:
        raise ElementRefusedError(NAME_TAKEN)
    if old is None and len(groups) >= MAXIMUM_GROUPS:
        raise ElementRefusedError(LIMIT_REACHED)
    group = old or {"ContactGroupID": request.book.new_id(), "Status": "ACTIVE", "Members": {}}
    group = {**group, "Name": name, "UpdatedDateUTC": request.now}
    if old and element.get("Status") == "DELETED":
        groups.drop(old["ContactGroupID"])
        return Written(body=show_group({**group, "Status": "DELETED"}))
    groups.put(group["ContactGroupID"], group)
    return Written(body=show_group(group))


def _join(request: Request, element: Element) -> Written:
    """Put a contact into the group of the path; a member stays a member."""
    contact = request.book.contacts.get(element.get("ContactID", ""))
    if contact is None:
        raise ElementRefusedError(UNKNOWN_CONTACT)
    if contact["ContactStatus"] != "ACTIVE":
        raise ElementRefusedError(ARCHIVED_CONTACT)
    _found(request)["Members"][contact["ContactID"]] = None
    return Written(body=_bare(request, contact) | {"HasValidationErrors": False, "ValidationErrors": []})


def _bare(request: Request, element: Element) -> dict[str, Any]:
    """Return a contact as the answer to adding it shows it: its id and nothing more."""
    lists: dict[str, Any] = {name: [] for name in ("Addresses", "Phones", "ContactGroups", "ContactPersons")}
    return {"ContactID": element.get("ContactID", ZERO_ID), **lists}


def _echo(request: Request, element: Element) -> dict[str, Any]:
    return {"Contacts": [], **element, "ContactGroupID": element.get("ContactGroupID") or ZERO_ID}


GROUPS = Batch(collection="ContactGroups", flag="HasValidationErrors", write=_save, echo=_echo)
MEMBERS = Batch(collection="Contacts", flag="HasValidationErrors", write=_join, echo=_bare)


def show_with_members(book: Book, group: Record) -> dict[str, Any]:
    """Return a group as it goes over the wire, with the ids and names of its contacts."""
    contacts = [contact for contact in map(book.contacts.get, group["Members"]) if contact]
    return show_group(group, [contact_fields.show_brief(contact) for contact in contacts])


def _found(request: Request) -> Record:
    return request.find("group", request.book.contact_groups)


ROUTES = allow(
    CONTACTS,
    Route("GET", "/ContactGroups", list_groups),
    Route("PUT", "/ContactGroups", create_groups),
    Route("POST", "/ContactGroups", upsert_groups),
    Route("GET", "/ContactGroups/<group>", get_group),
    Route("POST", "/ContactGroups/<group>", update_group),
    Route("PUT", "/ContactGroups/<group>/Contacts", add_members),
    Route("DELETE", "/ContactGroups/<group>/Contacts", remove_members),
    Route("DELETE", "/ContactGroups/<group>/Contacts/<contact>", remove_member),
)
