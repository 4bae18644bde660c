"""Buyers: which contact owes an order. Drafts name their contact by the id that the event states; the rules say more.

A guest's order belongs to the guest's e-mail address rather than to a browser, or to a contact that all guests share.
An order for a company belongs to the company (setting `debtor`), and the buyer becomes a contact person of it.
`make_operations` asks for each draft of an event.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from segxero.mapping.model import Draft, MappingSet, Reference
from segxero.mapping.values.plain_text import plain_text
from segxero.segment.people import Named, Strength, read_people
from segxero.xero.objects.contact_addresses import BILL_TO, read_bill_to
from segxero.xero.objects.contacts import GUESTS, GUESTS_NAME
from segxero.xero.objects.table import OBJECTS

PEOPLE = next(row.name for row in OBJECTS.values() if row.joins_people)
BUYER = "Buyer"  # the reference of a company's order to the person who placed it
METHODS = ("payment_method", "paymentMethod", "payment_type", "gateway")


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """The person behind an event: *given* is the id that drafts name, *key* that of the contact, *company* its account.

    *name* is that of a contact which guests share; *bill_to* is the billing address where invoices are to name it.
    """

    given: str = ""
    key: str = ""
    company: str = ""
    name: str = ""
    role: str = ""
    bill_to: Mapping[str, Any] = field(default_factory=dict)


def read_buyer(mappings: MappingSet, event: Mapping[str, Any]) -> Buyer:
    """Return who is behind *event*, as the settings of its organisation have it."""
    settings = mappings.organisations.get(mappings.organisation_of(event) or "")
    named = read_people(event)
    if settings is None or event.get("type") not in ("track", "identify") or not named.keys:
        return Buyer()
    company = _read_company(event) if settings.debtor == "company" and event["type"] == "track" else ""
    bill_to = read_bill_to(event) if settings.bill_to_line == "on" and event["type"] == "track" else {}
    given = plain_text(event.get("userId") or event.get("anonymousId")).strip()
    if event.get("userId") or event["type"] == "identify" or settings.guests == "one_each":
        return Buyer(given=given, key=_find_key(named, given), company=company, role=_read_role(event), bill_to=bill_to)
    method = _read_method(event) if settings.guests == "one_per_method" else ""
    return Buyer(
        given=given,
        key=f"{GUESTS} {method.lower()}".strip(),
        company=company,
        bill_to=bill_to,
        name=f"{GUESTS_NAME} ({method})" if method else GUESTS_NAME,
    )


def assign(draft: Draft, buyer: Buyer) -> Draft:
    """Return *draft* with the contacts that the rules name."""
    if draft.object == PEOPLE and buyer.given and draft.key == buyer.given:
        # Guests who share a contact put nothing of their own on it.
        if buyer.name:
            return replace(draft, key=buyer.key, fields={"Name": buyer.name}, fallbacks={}, references=())
        return draft if draft.key == buyer.key else replace(draft, key=buyer.key)
    references = tuple(found for reference in draft.references for found in _assign_reference(draft, reference, buyer))
    own = {BILL_TO: buyer.bill_to} if buyer.bill_to and OBJECTS[draft.object].has_debtor else {}
    return replace(draft, references=references, fields={**draft.fields, **own})


def find_person(draft: Draft, buyer: Buyer, company_of: str) -> dict[str, Any]:
    """Return the contact person that the draft of a buyer makes of a company; {} for other drafts."""
    if draft.object != PEOPLE or draft.key != buyer.key or not company_of or buyer.name:
        return {}
    said = {**draft.fallbacks, **draft.fields}
    person = {name: said[name] for name in ("FirstName", "LastName", "EmailAddress") if said.get(name)}
    if "FirstName" not in person and said.get("Name"):
        person["FirstName"], _, person["LastName"] = plain_text(said["Name"]).partition(" ")
    role = {"Role": buyer.role} if buyer.role else {}
    return {"Buyer": draft.key, **role, **person} if person else {}


def _assign_reference(draft: Draft, reference: Reference, buyer: Buyer) -> Iterator[Reference]:
    if reference.object != PEOPLE or not buyer.given or reference.key != buyer.given:
        yield reference
        return
    personal = replace(reference, key=buyer.key)
    if buyer.company and OBJECTS[draft.object].has_debtor:
        yield replace(reference, key=buyer.company)
        yield replace(personal, field=BUYER, optional=True)
    else:
        yield personal


def _find_key(named: Named, given: str) -> str:
    """Return the key of the contact: a guest is known by the e-mail address before the browser."""
    strongest, strength = named.keys[0]
    return strongest if strength >= Strength.EMAIL else given


def _read_company(event: Mapping[str, Any]) -> str:
    context, properties = event.get("context"), event.get("properties")
    found = context.get("groupId") if isinstance(context, Mapping) else None
    if not found and isinstance(properties, Mapping):
        found = properties.get("company_id")
    return plain_text(found).strip() if isinstance(found, str | int) else ""


def _read_role(event: Mapping[str, Any]) -> str:
    """Return the role of a buyer in the company, such as billing; '' where the event tells none."""
    context, properties = event.get("context"), event.get("properties")
    traits = context.get("traits") if isinstance(context, Mapping) else None
    customer = properties.get("customer") if isinstance(properties, Mapping) else None
    found = (part.get("role") for part in (traits, customer) if isinstance(part, Mapping))
    return next((plain_text(role).strip().lower() for role in found if role), "")


def _read_method(event: Mapping[str, Any]) -> str:
    properties = event.get("properties")
    found = properties if isinstance(properties, Mapping) else {}
    return next((plain_text(found[name]).strip() for name in METHODS if found.get(name)), "")
