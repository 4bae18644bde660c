"""Contacts as Xero lists them: ours carry our key as ContactNumber, and show their groups."""

import re
from collections.abc import Iterator
from typing import Any

from segxero.xero.listings.listing import Element, Found, Known, Listing, make_pages, read_change
from segxero.xero.objects.contact_names import NAMELESS, put_behind
from segxero.xero.objects.contacts import MAPPED
from segxero.xero.objects.context import Context

NUMBERED = re.compile(r"(.+) \(\d+\)")
PAGE = 1000  # Xero's largest page
TOLD = ("FirstName", "LastName", "EmailAddress")
# The name of a slot, and the field that makes it count as filled.
SLOTS = {"Phones": ("PhoneType", "PhoneNumber"), "Addresses": ("AddressType", "")}


def read(element: Element, known: Known, context: Context) -> Iterator[Found]:
    """Yield the contact, and its memberships in groups of a custom field."""
    key = str(element.get("ContactNumber") or "")
    if not key:
        return
    told = {name: element[name] for name in TOLD if element.get(name)}
    name = _plain_name(str(element.get("Name") or ""), str(told.get("EmailAddress") or ""), key)
    yield Found(
        object="Contact",
        key=key,
        xero_id=str(element.get("MergedToContactID") or element["ContactID"]),
        fields={"Name": name, **told, **_slots(element)},
        # A contact without a name of its own was given its address or its key.
        guessed=frozenset({"Name"} if name in (told.get("EmailAddress"), key, NAMELESS) else ()),
        seen={one: element[one] for one in sorted(MAPPED) if one in element}
        | {"SalesTrackingCategories": element.get("SalesTrackingCategories") or []},
        changed_at=read_change(element),
    )
    for group in element.get("ContactGroups") or []:
        field, colon, _ = str(group.get("Name") or "").partition(": ")
        # Our groups are called "field: value"; a group with another name is a person's own.
        if colon:
            group_id = str(group["ContactGroupID"])
            yield Found(object="ContactGroupMember", key=f"{key} | {field}", xero_id=group_id, seen={"Joins": group_id})


def _plain_name(name: str, email: str, key: str) -> str:
    """Return *name* without the number, address or key behind it; earlier versions put keys there."""
    numbered = NUMBERED.fullmatch(name)
    name = numbered[1] if numbered else name
    for addition in (email, key):
        plain = name.rpartition(" (")[0]
        if addition and plain and name == put_behind(plain, addition):
            return plain
    return name


def _slots(element: Element) -> dict[str, Any]:
    """Return the filled phones and addresses, without their empty fields."""
    filled = {}
    for name, (slot, filler) in SLOTS.items():
        entries = [{leaf: value for leaf, value in one.items() if value} for one in element.get(name) or []]
        kept = [one for one in entries if one.get(slot) and (one.get(filler) if filler else len(one) > 1)]
        if kept:
            filled[name] = kept
    return filled


def ids(element: Element) -> Iterator[tuple[str, str]]:
    """Yield the contact, and the contact it was merged into."""
    for name in ("ContactID", "MergedToContactID"):
        if element.get(name):
            yield "Contact", str(element[name]).lower()


LISTING = Listing(
    objects=("Contact",),
    collection="Contacts",
    size=PAGE,
    page=make_pages("/Contacts", PAGE, includeArchived="true"),
    read=read,
    ids=ids,
)
