"""Contacts: people and companies, created and updated by POST, found again by ContactNumber.

Names are unique among Xero's active contacts. The rule for a name that two share: each carries its e-mail behind it,
and where that is shared as well (or missing), its id. It does not depend on who came first.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from segxero.xero.objects.row import (
    LONGEST_KEY,
    Batch,
    Context,
    ObjectRow,
    Prepared,
    Request,
    Wanted,
    identity,
    numbered,
    quoted,
)
from segxero.xero.objects.schemas import EMAIL, ContactSchema, checked

LONGEST_NAME = 255
LONGEST_BEHIND = 100  # of what stands in brackets behind a name
PRIMARY = ("FirstName", "LastName", "EmailAddress", "AccountNumber", "CompanyNumber", "TaxNumber")
OTHER = ("Phones", "Addresses", "ContactPersons", "DefaultCurrency", "BankAccountDetails", "PaymentTerms")
CLOSED = ("ARCHIVED", "GDPRREQUEST")
ADOPTED, MOVED = "adopted", "moved"  # remembered: it was in Xero before us; the id under which it was archived
DEFAULTS = ("AccountsReceivableTaxType", "SalesDefaultAccountCode")
MAPPED = frozenset(["Name", *PRIMARY, *OTHER, *DEFAULTS])


def tidy(name: str) -> str:
    """Return *name* as Xero takes it: no angle brackets, no double, leading or trailing spaces."""
    return " ".join(name.replace("<", " ").replace(">", " ").split())


def names(wanted: Wanted) -> tuple[str, str, str]:
    """Return the names this contact may carry: plain, with its e-mail, with its id."""
    email = str(wanted.fields.get("EmailAddress") or "")
    plain = tidy(str(wanted.fields.get("Name") or email or wanted.key)) or _short(wanted.key)
    return plain[:LONGEST_NAME].rstrip(), behind(plain, email or wanted.key), behind(plain, wanted.key)


def behind(plain: str, addition: str) -> str:
    """Return the name *plain* with *addition* in brackets behind it."""
    brackets = f" ({_short(addition)})"
    return plain[: LONGEST_NAME - len(brackets)].rstrip() + brackets


def _short(text: str) -> str:
    """Return *text* as part of a name; one that is too long, or nothing but brackets, is told apart by a digest."""
    short = tidy(text)
    # identity() puts a digest behind what ends in a space.
    return short if 0 < len(short) <= LONGEST_BEHIND else tidy(identity(f"{text} ", LONGEST_BEHIND))


def prepare(wanted: Wanted, context: Context) -> Prepared:
    """Return the contact as Xero takes it. Raise PermanentError when it cannot."""
    # What Xero had before us is better than what is only suggested.
    kept = wanted.suggested if wanted.remembered.get(ADOPTED) else frozenset()
    payload = {name: wanted.fields[name] for name in sorted(MAPPED - kept) if name in wanted.fields}
    if "Name" not in kept and ("Name" in payload or not wanted.remembered.get(ADOPTED)):
        payload["Name"] = names(wanted)[wanted.name_level]
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
    schema = ContactSchema(partial=("Name",) if wanted.remembered.get(ADOPTED) else ())
    return Prepared(payload=checked(schema, payload, "contact"), left_out=left_out)


def write(batch: Batch) -> Request:
    """Make the call that brings the *batch* into Xero."""
    elements = [{**_identity(wanted), **payload} for wanted, payload in batch]
    return Request(method="POST", path="/Contacts", params={"summarizeErrors": "false"}, body={"Contacts": elements})


def _identity(wanted: Wanted) -> dict[str, str]:
    """Return by what Xero knows the contact; an adopted one gets our key."""
    number = {"ContactNumber": numbered(wanted)}
    if not wanted.xero_id:
        return number
    return {"ContactID": wanted.xero_id, **(number if wanted.remembered.get(ADOPTED) else {})}


def lookup(batch: Sequence[Wanted], context: Context) -> Request:
    """Make the call that finds the *batch* in Xero by its keys. Only lists in pages say who was merged into whom."""
    where = " OR ".join(_condition(wanted) for wanted in batch)
    params = {"where": where, "includeArchived": "true", "page": "1"}
    return Request(method="GET", path="/Contacts", params=params)


def _condition(wanted: Wanted) -> str:
    moved = wanted.remembered.get(MOVED)
    return f'ContactID==guid("{moved}")' if moved else f"ContactNumber=={quoted(numbered(wanted))}"


def elements(answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
    """Return the contacts in *answer* that can be used: active ones, and those that were merged into another."""
    return [found for found in answer.get("Contacts", []) if not _is_archived(found)]


def is_closed(element: Mapping[str, Any]) -> bool:
    """Tell whether nothing can be written to a contact of Xero; a status that nobody has heard of does not say so."""
    return element.get("ContactStatus") in CLOSED


def _is_archived(element: Mapping[str, Any]) -> bool:
    # One that was refused stands for the answer to a write, whatever its status.
    return is_closed(element) and not (element.get("MergedToContactID") or element.get("ValidationErrors"))


def refuse_closed(answer: Mapping[str, Any], wanted: Wanted) -> str:
    """Return why a contact that *answer* holds only as closed cannot be written; '' when none is there."""
    return "the contact is closed in Xero; open it there again" if _closed(answer, wanted) else ""


def _closed(answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
    return [found for found in answer.get("Contacts", []) if _is_archived(found) and _is_meant(found, wanted)]


def policy_of(answer: Mapping[str, Any], wanted: Wanted) -> str:
    """Return the policy for archived contacts, but not for one who is to be forgotten (GDPRREQUEST)."""
    is_archived = any(found.get("ContactStatus") == "ARCHIVED" for found in _closed(answer, wanted))
    return "archived_contact" if is_archived else ""


def is_same(element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
    """Tell whether *element* of an answer is this contact."""
    return _is_meant(element, wanted)


def _is_meant(element: Mapping[str, Any], wanted: Wanted) -> bool:
    known = wanted.xero_id or wanted.remembered.get(MOVED)
    if known:
        return str(element.get("ContactID", "")).lower() == known.lower()
    return element.get("ContactNumber") == numbered(wanted)


def id_of(element: Mapping[str, Any], wanted: Wanted) -> str:
    """Return the id of *element*, or of the contact that somebody merged it into."""
    return str(element.get("MergedToContactID") or element.get("ContactID") or "")


ROW = ObjectRow(
    name="Contact",
    queue="contacts",
    scope="accounting.contacts",
    id_field="ContactID",
    fields=MAPPED | {"SalesTracking"},
    schema=ContactSchema(),
    slots={"Phones": "PhoneType", "Addresses": "AddressType"},
    longest=LONGEST_KEY,
    prepare=prepare,
    write=write,
    lookup=lookup,
    elements=elements,
    is_same=is_same,
    id_of=id_of,
    refuse=refuse_closed,
    policy_of=policy_of,
    names=names,
)
