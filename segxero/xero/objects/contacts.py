"""Contacts: people and companies, created and updated by POST, found again by ContactNumber.

Names are unique among Xero's active contacts. When two of ours share a name, each carries its e-mail behind it, and
where the e-mail is shared or missing, its id. The order of their arrival does not matter.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from segxero.xero.api.request import Request
from segxero.xero.objects.contact_schema import EMAIL, ContactSchema
from segxero.xero.objects.context import Context
from segxero.xero.objects.numbering import LONGEST_KEY, fit_key, make_number, quote
from segxero.xero.objects.schemas import check_payload
from segxero.xero.objects.wanted import Batch, Prepared, Wanted
from segxero.xero.objects.xero_object import XeroObject

LONGEST_NAME = 255
LONGEST_BEHIND = 100  # characters in brackets behind a name
PRIMARY = ("FirstName", "LastName", "EmailAddress", "AccountNumber", "CompanyNumber", "TaxNumber")
OTHER = ("Phones", "Addresses", "ContactPersons", "DefaultCurrency", "BankAccountDetails", "PaymentTerms")
CLOSED = ("ARCHIVED", "GDPRREQUEST")
ADOPTED = "adopted"  # remembered: the contact was in Xero before us
MOVED = "moved"  # remembered: the id of the contact when it was archived or merged
DEFAULTS = ("AccountsReceivableTaxType", "SalesDefaultAccountCode")
MAPPED = frozenset(["Name", *PRIMARY, *OTHER, *DEFAULTS])


class Contacts(XeroObject):
    """A person or a company."""

    name = "Contact"
    queue = "contacts"
    noun = "contact"
    is_debtor = True
    scope = "accounting.contacts"
    id_field = "ContactID"
    collection = "Contacts"
    fields = MAPPED | {"SalesTracking"}
    schema = ContactSchema()
    slots: ClassVar[Mapping[str, str]] = {"Phones": "PhoneType", "Addresses": "AddressType"}
    longest = LONGEST_KEY
    has_unique_names = True
    adopted_as = ADOPTED
    archived_as = MOVED
    is_told_to_segment = True
    page = "https://go.xero.com/Contacts/View/{}"

    def prepare(self, wanted: Wanted, context: Context) -> Prepared:
        """Return the contact. Raise PermanentError when Xero cannot take it."""
        is_adopted = bool(wanted.remembered.get(ADOPTED))
        # Data entered in Xero before us is better than a suggestion.
        kept = wanted.suggested if is_adopted else frozenset()
        payload = {name: wanted.fields[name] for name in sorted(MAPPED - kept) if name in wanted.fields}
        if "Name" not in kept and ("Name" in payload or not is_adopted):
            payload["Name"] = self.names(wanted)[wanted.name_level]
        if wanted.references.get("SalesTracking"):
            payload["SalesTrackingCategories"] = [
                {"TrackingCategoryName": option.remembered["category"], "TrackingOptionName": option.remembered["name"]}
                for option in wanted.references["SalesTracking"]
            ]
        email = str(payload.get("EmailAddress") or "").strip()
        left_out: tuple[str, ...] = ()
        if email and not EMAIL.match(email):
            # Orders must not wait for somebody who mistyped an address.
            del payload["EmailAddress"]
            left_out = ("its e-mail address is none, so it was left out",)
        schema = ContactSchema(partial=("Name",) if is_adopted else ())
        return Prepared(payload=check_payload(schema, payload, "contact"), left_out=left_out)

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

    def policy_of(self, answer: Mapping[str, Any], wanted: Wanted) -> str:
        """Return the policy for archived contacts, but not for a person who is to be forgotten (GDPRREQUEST)."""
        is_archived = any(found.get("ContactStatus") == "ARCHIVED" for found in _find_closed(answer, wanted))
        return "archived_contact" if is_archived else ""

    def names(self, wanted: Wanted) -> tuple[str, str, str]:
        """Return the plain name, the name with the e-mail, and the name with the id."""
        email = str(wanted.fields.get("EmailAddress") or "")
        plain = tidy(str(wanted.fields.get("Name") or email or wanted.key)) or _shorten(wanted.key)
        cut = plain[:LONGEST_NAME].rstrip()
        return cut, put_behind(plain, email or wanted.key), put_behind(plain, wanted.key)


def tidy(name: str) -> str:
    """Return *name* as Xero takes it: no angle brackets, no double, leading or trailing spaces."""
    return " ".join(name.replace("<", " ").replace(">", " ").split())


def put_behind(plain: str, addition: str) -> str:
    """Return the name *plain* with *addition* in brackets behind it."""
    brackets = f" ({_shorten(addition)})"
    return plain[: LONGEST_NAME - len(brackets)].rstrip() + brackets


def is_closed(element: Mapping[str, Any]) -> bool:
    """Tell whether Xero takes no change of the contact. An unknown status counts as open."""
    return element.get("ContactStatus") in CLOSED


def _shorten(text: str) -> str:
    """Return *text* as part of a name; a text of brackets only, or too long, gets a digest."""
    short = tidy(text)
    # fit_key puts a digest behind a trailing space.
    return short if 0 < len(short) <= LONGEST_BEHIND else tidy(fit_key(f"{text} ", LONGEST_BEHIND))


def _name_contact(wanted: Wanted) -> dict[str, str]:
    """Return the contact's id or number; an adopted contact gets our number."""
    number = {"ContactNumber": make_number(wanted)}
    if not wanted.xero_id:
        return number
    return {"ContactID": wanted.xero_id, **(number if wanted.remembered.get(ADOPTED) else {})}


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
