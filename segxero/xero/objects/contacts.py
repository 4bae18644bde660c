"""Contacts: people and companies, created and updated by POST, found again by ContactNumber.

Names are unique among Xero's active contacts; `contact_names` says which may be shown. A contact whose keys turned out
to name the same person as another's is given up: it is archived.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from segxero.errors import ParkedError
from segxero.xero.api.request import Request
from segxero.xero.objects.contact_addresses import complete_addresses, drop_empty_parts
from segxero.xero.objects.contact_names import (
    LONGEST_BEHIND,
    LONGEST_NAME,
    NAME_FIELDS,
    choose_name,
    put_behind,
    sort_names,
    tidy,
)
from segxero.xero.objects.contact_options import find_refused, leave_out
from segxero.xero.objects.contact_persons import list_persons
from segxero.xero.objects.contact_schema import ContactSchema
from segxero.xero.objects.context import Context
from segxero.xero.objects.numbering import LONGEST_KEY, fit_key, make_number, quote
from segxero.xero.objects.schemas import blank, check_payload
from segxero.xero.objects.wanted import Batch, Prepared, Wanted
from segxero.xero.objects.xero_object import XeroObject

PRIMARY = ("FirstName", "LastName", "EmailAddress", "AccountNumber", "CompanyNumber", "TaxNumber")
OTHER = ("Phones", "Addresses", "ContactPersons", "DefaultCurrency", "BankAccountDetails", "PaymentTerms")
CLOSED = ("ARCHIVED", "GDPRREQUEST")
ADOPTED = "adopted"  # remembered: the contact was in Xero before us
MOVED = "moved"  # remembered: the id of the contact when it was archived or merged
RENUMBERED = "renumbered"  # remembered: it had another ContactNumber before
GUESTS, GUESTS_NAME = "web-shop-guests", "Web shop guests"  # the contact of all guests without e-mail and name
GIVEN_UP = {"ContactStatus": "ARCHIVED"}
DEFAULTS = ("AccountsReceivableTaxType", "SalesDefaultAccountCode")
MAPPED = frozenset(["Name", *PRIMARY, *OTHER, *DEFAULTS])
NAMELESS = ContactSchema(partial=("Name",))  # for a contact that keeps the name that it has in Xero


class Contacts(XeroObject):
    """A person or a company."""

    name = "Contact"
    queue = "contacts"
    noun = "contact"
    is_debtor = True
    scope = "accounting.contacts"
    id_field = "ContactID"
    collection = "Contacts"
    fields = MAPPED | {"SalesTracking", "ShortName", "IsCompany", "Buyers"}
    schema = ContactSchema()
    slots: ClassVar[Mapping[str, str]] = {"Phones": "PhoneType", "Addresses": "AddressType", "Buyers": "Buyer"}
    longest = LONGEST_KEY
    has_unique_names = True
    joins_people = True
    adopted_as = ADOPTED
    archived_as = MOVED
    is_told_to_segment = True
    page = "https://go.xero.com/Contacts/View/{}"

    def sort_fields(
        self, fields: Mapping[str, Any], fallbacks: Mapping[str, Any], keys: frozenset[str]
    ) -> dict[str, dict[str, Any]]:
        """Drop names that are ids, keep a single word apart from full names, and an address whole."""
        is_company = bool(fields.get("IsCompany"))
        return {
            "fields": sort_names(complete_addresses(fields), keys=keys, is_company=is_company),
            "fallbacks": sort_names(complete_addresses(fallbacks), keys=keys, is_company=is_company),
        }

    def prepare(self, wanted: Wanted, context: Context) -> Prepared:
        """Return the contact. Raise PermanentError when Xero cannot take it."""
        if wanted.joined:
            return Prepared(payload=dict(GIVEN_UP))
        if wanted.fields and wanted.fields.keys() <= {"Buyers"}:
            raise ParkedError(f"waits for the group call of the company {wanted.key}", stuck=False)
        is_adopted = bool(wanted.remembered.get(ADOPTED))
        # Data entered in Xero before us is better than a suggestion.
        kept = wanted.suggested if is_adopted else frozenset()
        payload = {name: wanted.fields[name] for name in sorted(MAPPED - kept) if name in wanted.fields}
        given = {name for name in NAME_FIELDS if name in wanted.fields} - kept
        if "Name" not in kept and (given or not is_adopted):
            payload["Name"] = wanted.chosen_name or self.names(wanted)[0]
        if wanted.references.get("SalesTracking"):
            payload["SalesTrackingCategories"] = [
                {"TrackingCategoryName": option.remembered["category"], "TrackingOptionName": option.remembered["name"]}
                for option in wanted.references["SalesTracking"]
            ]
        if wanted.fields.get("Buyers") and "ContactPersons" not in payload:
            payload["ContactPersons"] = list_persons(wanted.fields["Buyers"])
        if "Addresses" in payload:
            payload["Addresses"] = drop_empty_parts(payload["Addresses"])
        if isinstance(payload.get("EmailAddress"), str):
            payload["EmailAddress"] = payload["EmailAddress"].strip()
        schema = NAMELESS if is_adopted else self.schema
        # Orders must not wait for somebody who mistyped an address.
        fit, left_out, keeps = leave_out(schema, blank(payload), wanted.remembered)
        return Prepared(payload=check_payload(schema, fit, "contact"), left_out=left_out, keeps=keeps)

    def write(self, batch: Batch) -> Request:
        """Create and update contacts."""
        elements = [{**_name_contact(wanted), **payload} for wanted, payload in batch]
        return Request(
            method="POST", path="/Contacts", params={"summarizeErrors": "false"}, body={"Contacts": elements}
        )

    def lookup(self, batch: Sequence[Wanted], context: Context) -> Request:
        """Find contacts by their numbers, or by the id of an archived contact."""
        where = " OR ".join(_state_condition(wanted) for wanted in batch)
        # Only lists in pages say who was merged into whom.
        params = {"where": where, "includeArchived": "true", "page": "1"}
        return Request(method="GET", path="/Contacts", params=params)

    def elements(self, answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
        """Return the active and the merged contacts."""
        return [found for found in answer.get("Contacts", []) if not _is_archived(found)]

    def is_same(self, element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
        """Compare ids once known, else numbers."""
        return _is_meant(element, wanted)

    def identify(self, element: Mapping[str, Any], wanted: Wanted) -> str:
        """Return the id of *element*; after a merge, the id of the remaining contact."""
        return str(element.get("MergedToContactID") or element.get("ContactID") or "")

    def refuse(self, answer: Mapping[str, Any], wanted: Wanted) -> str:
        """Return why a closed contact cannot be written."""
        return "the contact is closed in Xero; open it there again" if _find_closed(answer, wanted) else ""

    def find_refused(self, sentences: Sequence[str], payload: Mapping[str, Any]) -> dict[str, str]:
        """Return what to remember of refused optional fields."""
        return find_refused(sentences, payload)

    def policy_of(self, answer: Mapping[str, Any], wanted: Wanted) -> str:
        """Return the policy for archived contacts, but not for a person who is to be forgotten (GDPRREQUEST)."""
        is_archived = any(found.get("ContactStatus") == "ARCHIVED" for found in _find_closed(answer, wanted))
        return "archived_contact" if is_archived else ""

    def names(self, wanted: Wanted) -> tuple[str, ...]:
        """Return the plain name, and the name with the e-mail."""
        if wanted.joined:
            return ()
        plain = choose_name(wanted.fields)
        email = tidy(str(wanted.fields.get("EmailAddress") or ""))
        cut = plain[:LONGEST_NAME].rstrip()
        return (cut, put_behind(plain, _shorten(email))) if email else (cut,)


def is_closed(element: Mapping[str, Any]) -> bool:
    """Tell whether Xero takes no change of the contact. An unknown status counts as open."""
    return element.get("ContactStatus") in CLOSED


def _shorten(text: str) -> str:
    """Return *text* as part of a name; a text of brackets only, or too long, gets a digest."""
    short = tidy(text)
    # fit_key puts a digest behind a trailing space.
    return short if 0 < len(short) <= LONGEST_BEHIND else tidy(fit_key(f"{text} ", LONGEST_BEHIND))


def _name_contact(wanted: Wanted) -> dict[str, str]:
    """Return the contact's id or number; one that had another number gets ours."""
    number = {"ContactNumber": make_number(wanted)}
    if not wanted.xero_id:
        return number
    is_other = wanted.remembered.get(ADOPTED) or wanted.remembered.get(RENUMBERED)
    return {"ContactID": wanted.xero_id, **(number if is_other and not wanted.joined else {})}


def _state_condition(wanted: Wanted) -> str:
    moved = wanted.remembered.get(MOVED)
    return f'ContactID==guid("{moved}")' if moved else f"ContactNumber=={quote(make_number(wanted))}"


def _is_archived(element: Mapping[str, Any]) -> bool:
    # A contact with ValidationErrors is the answer to a write, whatever its status.
    return is_closed(element) and not (element.get("MergedToContactID") or element.get("ValidationErrors"))


def _find_closed(answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
    return [found for found in answer.get("Contacts", []) if _is_archived(found) and _is_meant(found, wanted)]


def _is_meant(element: Mapping[str, Any], wanted: Wanted) -> bool:
    known = wanted.xero_id or wanted.remembered.get(MOVED)
    if known:
        return str(element.get("ContactID", "")).lower() == known.lower()
    return element.get("ContactNumber") == make_number(wanted)
