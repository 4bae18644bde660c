"""Memberships: who is in which contact group.

A membership belongs to a custom field of a contact. When the value of the field changes, the contact leaves the
old group before it joins the new group. The Xero id of a membership is the contact's group.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema, validate

from segxero.errors import ParkedError
from segxero.xero.api.request import Request
from segxero.xero.objects.companions import Implied
from segxero.xero.objects.contact_groups import list_groups, tidy_group
from segxero.xero.objects.context import Context
from segxero.xero.objects.schemas import Text, check_payload, text
from segxero.xero.objects.wanted import Batch, Prepared, Wanted
from segxero.xero.objects.xero_object import XeroObject

NOWHERE = "-"  # the Xero id of a membership whose contact has left its group


class MembershipSchema(Schema):
    """A contact on its way into a group or out of it; *Joins* and *Leaves* are ids of groups."""

    ContactID = Text(required=True, validate=validate.Length(min=1))
    Group = text(255)
    Joins = Text()
    Leaves = Text()


class ContactGroupMembers(XeroObject):
    """A contact in a group."""

    name = "ContactGroupMember"
    queue = "contacts"
    scope = "accounting.contacts"
    id_field = "ContactID"
    collection = "Contacts"
    fields = frozenset({"Group", "Contact"})
    schema = MembershipSchema()
    appends = True
    written_once = True

    def prepare(self, wanted: Wanted, context: Context) -> Prepared:
        """Return the next step: leave the old group, join the new group, or nothing.

        Raise ParkedError without a contact.
        """
        if not wanted.references.get("Contact"):
            raise ParkedError("the membership names no contact; correct depends_on: Contact of its mapping")
        contact = _get_contact(wanted)
        old, new = _get_old(wanted), _get_new(wanted)
        if old and old != new:
            return Prepared(payload={"ContactID": contact, "Leaves": old}, unfinished=bool(new))
        if not new:
            return Prepared(payload={}, needless=True)
        payload = {"ContactID": contact, "Group": tidy_group(wanted.fields["Group"]), "Joins": new}
        return Prepared(payload=check_payload(self.schema, payload, "membership"))

    def together(self, wanted: Wanted) -> str:
        """Contacts join a group in a common call; a contact leaves alone."""
        return f"{_get_old(wanted)} {_get_contact(wanted)}" if _leaves(wanted) else _get_new(wanted)

    def write(self, batch: Batch) -> Request:
        """Let contacts join their group, or a contact leave."""
        first = batch[0][0]
        if _leaves(first):
            return Request(method="DELETE", path=f"/ContactGroups/{_get_old(first)}/Contacts/{_get_contact(first)}")
        contacts = [{"ContactID": payload["ContactID"]} for _, payload in batch]
        return Request(method="PUT", path=f"/ContactGroups/{_get_new(first)}/Contacts", body={"Contacts": contacts})

    def lookup(self, batch: Sequence[Wanted], context: Context) -> Request:
        """Read the members of the group to leave or join."""
        group = _get_old(batch[0]) if _leaves(batch[0]) else _get_new(batch[0])
        return Request(method="GET", path=f"/ContactGroups/{group}")

    def elements(self, answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
        """Return the members; to leave a group, the contact itself once it is no member any more."""
        of_groups = [member for group in list_groups(answer) for member in group["Contacts"]]
        members = [*answer.get("Contacts", []), *of_groups]
        if not _leaves(wanted):
            return members
        # The contact has left, so its absence is the answer.
        return [] if any(_is_contact(member, wanted) for member in members) else [{"ContactID": _get_contact(wanted)}]

    def is_same(self, element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
        """Compare the ids of the contacts."""
        return _is_contact(element, wanted)

    def identify(self, element: Mapping[str, Any], wanted: Wanted) -> str:
        """Return the id of the contact's group after the call."""
        return NOWHERE if _leaves(wanted) else _get_new(wanted)

    def is_held(self, seen: Mapping[str, Any], prepared: Prepared) -> bool:
        """Tell whether a listing has seen the contact in its group."""
        return bool(prepared.payload.get("Joins") == seen["Joins"])

    def implied(self, key: str, fields: Mapping[str, Any]) -> Implied | None:
        """Return the group."""
        name = tidy_group(fields.get("Group"))
        return Implied(field="Group", object="ContactGroup", key=name, fields={"Name": name}) if name else None


def _get_old(wanted: Wanted) -> str:
    return "" if wanted.xero_id == NOWHERE else wanted.xero_id


def _get_new(wanted: Wanted) -> str:
    """Return the id of the wanted group; '' when the field was emptied."""
    named = tidy_group(wanted.fields.get("Group"))
    return wanted.references["Group"][0].xero_id if named and wanted.references.get("Group") else ""


def _get_contact(wanted: Wanted) -> str:
    return wanted.references["Contact"][0].xero_id


def _leaves(wanted: Wanted) -> bool:
    return bool(_get_old(wanted)) and _get_old(wanted) != _get_new(wanted)


def _is_contact(element: Mapping[str, Any], wanted: Wanted) -> bool:
    return str(element.get("ContactID", "")).lower() == _get_contact(wanted).lower()
