"""Contact groups: a place for traits without a field in Xero. `memberships` puts contacts into them."""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema, validate

from segxero.xero.api.request import Request
from segxero.xero.objects.context import Context
from segxero.xero.objects.schemas import Text, check_payload
from segxero.xero.objects.wanted import Batch, Prepared, Wanted
from segxero.xero.objects.xero_object import XeroObject

MOST = 100  # groups of an organisation
LONGEST_NAME = 255


class ContactGroupSchema(Schema):
    """A contact group."""

    Name = Text(required=True, validate=validate.Length(min=1, max=255))


class ContactGroups(XeroObject):
    """A group of contacts, known by its name."""

    name = "ContactGroup"
    queue = "contacts"
    scope = "accounting.contacts"
    id_field = "ContactGroupID"
    collection = "ContactGroups"
    fields = frozenset({"Name"})
    schema = ContactGroupSchema()
    batch = 1
    look_first = True
    written_once = True

    def prepare(self, wanted: Wanted, context: Context) -> Prepared:
        """Return the group."""
        payload = {"Name": tidy_group(wanted.fields.get("Name"))}
        return Prepared(payload=check_payload(self.schema, payload, "contact group"))

    def write(self, batch: Batch) -> Request:
        """Create or rename a group."""
        ((wanted, payload),) = batch
        if wanted.xero_id:
            return Request(method="POST", path=f"/ContactGroups/{wanted.xero_id}", body={"ContactGroups": [payload]})
        return Request(method="PUT", path="/ContactGroups", body={"ContactGroups": [payload]})

    def lookup(self, batch: Sequence[Wanted], context: Context) -> Request:
        """List the groups."""
        return Request(method="GET", path="/ContactGroups")

    def elements(self, answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
        """Return the groups that are not deleted."""
        return list_groups(answer)

    def is_same(self, element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
        """Compare the names, without regard to case."""
        return tidy_group(element.get("Name")).casefold() == tidy_group(wanted.fields.get("Name")).casefold()

    def refuse(self, answer: Mapping[str, Any], wanted: Wanted) -> str:
        """Return a reason when the organisation has its most groups."""
        if len(list_groups(answer)) < MOST:
            return ""
        return f"Xero allows {MOST} contact groups and has them all; delete one in Xero, or keep the field elsewhere"


def tidy_group(text: Any) -> str:
    """Return *text* as the name of a group."""
    return " ".join(str(text or "").split())[:LONGEST_NAME]


def list_groups(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the groups in *answer*, unless deleted."""
    return [group for group in answer.get("ContactGroups", []) if group.get("Status") != "DELETED"]
