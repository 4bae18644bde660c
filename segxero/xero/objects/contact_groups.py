"""Contact groups and who is in them: a place for a trait that Xero has no field for.

A membership belongs to one custom field of one contact. When its value changes, the contact leaves the old group before
it joins the new one; the membership's Xero id is the group that the contact is in.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from segxero.errors import ParkedError
from segxero.xero.objects.row import Batch, Context, Implied, ObjectRow, Prepared, Request, Wanted
from segxero.xero.objects.schemas import ContactGroupSchema, MembershipSchema, checked

MOST = 100  # groups that an organisation may have
LONGEST_NAME = 255
NOWHERE = "-"  # the Xero id of a membership whose contact has left its group


def _name(text: Any) -> str:
    return " ".join(str(text or "").split())[:LONGEST_NAME]


def prepare_group(wanted: Wanted, context: Context) -> Prepared:
    """Return the group as Xero takes it."""
    payload = {"Name": _name(wanted.fields.get("Name"))}
    return Prepared(payload=checked(ContactGroupSchema(), payload, "contact group"))


def write_group(batch: Batch) -> Request:
    """Make the call that creates (or renames) one group."""
    ((wanted, payload),) = batch
    if wanted.xero_id:
        return Request(method="POST", path=f"/ContactGroups/{wanted.xero_id}", body={"ContactGroups": [payload]})
    return Request(method="PUT", path="/ContactGroups", body={"ContactGroups": [payload]})


def lookup_groups(batch: Sequence[Wanted], context: Context) -> Request:
    """Make the call that lists the groups."""
    return Request(method="GET", path="/ContactGroups")


def groups(answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
    """Return the groups in *answer* that can be used."""
    return [group for group in answer.get("ContactGroups", []) if group.get("Status") != "DELETED"]


def is_group(element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
    """Tell whether *element* of an answer is this group."""
    return _name(element.get("Name")).casefold() == _name(wanted.fields.get("Name")).casefold()


def refuse_more(answer: Mapping[str, Any], wanted: Wanted) -> str:
    """Return why a further group cannot be created; '' when it can."""
    if len(groups(answer, wanted)) < MOST:
        return ""
    return f"Xero allows {MOST} contact groups and has them all; delete one in Xero, or keep the field elsewhere"


def prepare_member(wanted: Wanted, context: Context) -> Prepared:
    """Return what is to be done: join a group, leave one before, or nothing. Raise ParkedError without a contact."""
    if not wanted.references.get("Contact"):
        raise ParkedError("the membership names no contact; correct depends_on: Contact of its mapping")
    contact = wanted.references["Contact"][0].xero_id
    old, new = _old(wanted), _new(wanted)
    if old and old != new:
        return Prepared(payload={"ContactID": contact, "Leaves": old}, unfinished=bool(new))
    if not new:
        return Prepared(payload={}, needless=True)
    payload = {"ContactID": contact, "Group": _name(wanted.fields["Group"]), "Joins": new}
    return Prepared(payload=checked(MembershipSchema(), payload, "membership"))


def _old(wanted: Wanted) -> str:
    return "" if wanted.xero_id == NOWHERE else wanted.xero_id


def _new(wanted: Wanted) -> str:
    """Return the id of the group that the contact is to be in; one whose field was emptied is in none."""
    named = _name(wanted.fields.get("Group"))
    return wanted.references["Group"][0].xero_id if named and wanted.references.get("Group") else ""


def _leaves(wanted: Wanted) -> bool:
    return bool(_old(wanted)) and _old(wanted) != _new(wanted)


def together(wanted: Wanted) -> str:
    """Only those who join one group go in one call; who leaves a group does so alone."""
    return f"{_old(wanted)} {_contact(wanted)}" if _leaves(wanted) else _new(wanted)


def _contact(wanted: Wanted) -> str:
    return wanted.references["Contact"][0].xero_id


def write_members(batch: Batch) -> Request:
    """Make the call that lets the contacts of *batch* join their group, or the one that lets one leave."""
    first = batch[0][0]
    if _leaves(first):
        return Request(method="DELETE", path=f"/ContactGroups/{_old(first)}/Contacts/{_contact(first)}")
    contacts = [{"ContactID": payload["ContactID"]} for _, payload in batch]
    return Request(method="PUT", path=f"/ContactGroups/{_new(first)}/Contacts", body={"Contacts": contacts})


def lookup_members(batch: Sequence[Wanted], context: Context) -> Request:
    """Make the call that reads the members of the group."""
    group = _old(batch[0]) if _leaves(batch[0]) else _new(batch[0])
    return Request(method="GET", path=f"/ContactGroups/{group}")


def members(answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
    """Return the members in *answer*; for one who leaves, the contact itself once it is no member any more."""
    listed = [*answer.get("Contacts", []), *(one for group in groups(answer, wanted) for one in group["Contacts"])]
    if not _leaves(wanted):
        return listed
    return [] if any(_is(one, wanted) for one in listed) else [{"ContactID": _contact(wanted)}]


def is_member(element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
    """Tell whether *element* of an answer is this contact."""
    return _is(element, wanted)


def _is(element: Mapping[str, Any], wanted: Wanted) -> bool:
    return str(element.get("ContactID", "")).lower() == _contact(wanted).lower()


def group_of(element: Mapping[str, Any], wanted: Wanted) -> str:
    """Return the id of the group that the contact is in after the call."""
    return NOWHERE if _leaves(wanted) else _new(wanted)


def is_there(element: Mapping[str, Any], prepared: Prepared) -> bool:
    """A group that is there, or a member who is, needs no further call."""
    return True


def is_in_group(seen: Mapping[str, Any], prepared: Prepared) -> bool:
    """Tell whether the contact, as a listing has seen it, is in the group that it is to join."""
    return bool(prepared.payload.get("Joins") == seen["Joins"])


def implied(key: str, fields: Mapping[str, Any]) -> Implied | None:
    """Return the group that a membership needs."""
    name = _name(fields.get("Group"))
    return ("Group", "ContactGroup", name, {"Name": name}) if name else None


GROUP = ObjectRow(
    name="ContactGroup",
    queue="contacts",
    scope="accounting.contacts",
    id_field="ContactGroupID",
    fields=frozenset({"Name"}),
    schema=ContactGroupSchema(),
    batch=1,
    look_first=True,
    prepare=prepare_group,
    write=write_group,
    lookup=lookup_groups,
    elements=groups,
    is_same=is_group,
    is_written=is_there,
    is_held=is_there,
    refuse=refuse_more,
)

MEMBER = ObjectRow(
    name="ContactGroupMember",
    queue="contacts",
    scope="accounting.contacts",
    id_field="ContactID",
    fields=frozenset({"Group", "Contact"}),
    schema=MembershipSchema(),
    appends=True,
    prepare=prepare_member,
    write=write_members,
    together=together,
    lookup=lookup_members,
    elements=members,
    is_same=is_member,
    is_written=is_there,
    is_held=is_in_group,
    id_of=group_of,
    implied=implied,
)
