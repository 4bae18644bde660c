"""Tracking: categories and their options, created singly, before the lines with their names.

An organisation has at most two active categories. A third is never created: its options are parked with the reason.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema, validate

from segxero.errors import ParkedError
from segxero.xero.api.request import Request
from segxero.xero.objects.companions import Implied
from segxero.xero.objects.context import Context
from segxero.xero.objects.schemas import Text, check_payload
from segxero.xero.objects.wanted import Batch, Prepared, Wanted
from segxero.xero.objects.xero_object import XeroObject

LONGEST_NAME = 100
MOST_ACTIVE = 2


class TrackingCategorySchema(Schema):
    """A tracking category."""

    Name = Text(required=True, validate=validate.Length(min=1, max=100))


class TrackingOptionSchema(Schema):
    """An option of a tracking category."""

    Name = Text(required=True, validate=validate.Length(min=1, max=100))


class TrackingObject(XeroObject):
    """The common part of categories and options: both are found in the list of all categories."""

    queue = "tracking"
    scope = "accounting.settings"
    batch = 1
    look_first = True
    # A category or an option has nothing but its name.
    written_once = True

    def lookup(self, batch: Sequence[Wanted], context: Context) -> Request:
        """List every category with its options."""
        return Request(method="GET", path="/TrackingCategories", params={"includeArchived": "true"})

    def remembers(self, element: Mapping[str, Any], wanted: Wanted) -> dict[str, str]:
        """Keep the names as Xero spells them: a line must name an option exactly so."""
        category = [linked.remembered["name"] for linked in wanted.references.get("Category", ())]
        return {"name": str(element["Name"]), **({"category": category[0]} if category else {})}


class TrackingCategories(TrackingObject):
    """A tracking category."""

    name = "TrackingCategory"
    id_field = "TrackingCategoryID"
    collection = "TrackingCategories"
    fields = frozenset({"Name"})
    schema = TrackingCategorySchema()

    def prepare(self, wanted: Wanted, context: Context) -> Prepared:
        """Return the category."""
        payload = {"Name": _tidy(wanted.fields.get("Name"))}
        return Prepared(payload=check_payload(self.schema, payload, "tracking category"))

    def write(self, batch: Batch) -> Request:
        """Create or rename a category."""
        ((wanted, payload),) = batch
        if wanted.xero_id:
            return Request(method="POST", path=f"/TrackingCategories/{wanted.xero_id}", body=payload)
        return Request(method="PUT", path="/TrackingCategories", body=payload)

    def elements(self, answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
        """Return the categories that are not archived."""
        return [found for found in answer.get("TrackingCategories", []) if not _is_archived(found)]

    def is_same(self, element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
        """Compare the names, without regard to case."""
        return _are_alike(element.get("Name"), wanted.fields.get("Name"))

    def refuse(self, answer: Mapping[str, Any], wanted: Wanted) -> str:
        """Return a reason when the category is archived, or Xero has its most active categories."""
        name, found = wanted.fields.get("Name"), answer.get("TrackingCategories", [])
        if any(_is_archived(category) and _are_alike(category.get("Name"), name) for category in found):
            return f"{name} is archived in Xero; restore it there, or use another name"
        active = [str(category["Name"]) for category in found if category.get("Status") == "ACTIVE"]
        if len(active) < MOST_ACTIVE:
            return ""
        return (
            f"Xero allows {MOST_ACTIVE} active tracking categories and has {' and '.join(active)}, so"
            f" {name} was not created; name one of them in mappings/tracking.yaml or archive one"
        )


class TrackingOptions(TrackingObject):
    """An option of a tracking category."""

    name = "TrackingOption"
    id_field = "TrackingOptionID"
    collection = "Options"
    fields = frozenset({"Category", "Option", "User"})
    schema = TrackingOptionSchema()

    def prepare(self, wanted: Wanted, context: Context) -> Prepared:
        """Return the option. Raise ParkedError without its category."""
        if not wanted.references.get("Category"):
            raise ParkedError("the label names no tracking category; set Category in mappings/tracking.yaml")
        payload = {"Name": _read_option(wanted, context)}
        return Prepared(payload=check_payload(self.schema, payload, "tracking option"))

    def write(self, batch: Batch) -> Request:
        """Create or rename an option of its category."""
        ((wanted, payload),) = batch
        options = f"/TrackingCategories/{wanted.references['Category'][0].xero_id}/Options"
        if wanted.xero_id:
            return Request(method="POST", path=f"{options}/{wanted.xero_id}", body=payload)
        return Request(method="PUT", path=options, body=payload)

    def elements(self, answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
        """Return the option just created, or the options of its category that are not archived."""
        return [found for found in _list_options(answer, wanted) if not _is_archived(found)]

    def is_same(self, element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
        """Compare the names, without regard to case."""
        return _are_alike(element.get("Name"), _read_option(wanted, context))

    def refuse(self, answer: Mapping[str, Any], wanted: Wanted) -> str:
        """Return a reason when the option is archived."""
        name = wanted.fields.get("Option")
        if any(_is_archived(found) and _are_alike(found.get("Name"), name) for found in _list_options(answer, wanted)):
            return f"{name} is archived in Xero; restore it there, or use another name"
        return ""

    def implied(self, key: str, fields: Mapping[str, Any]) -> Implied | None:
        """Return the category."""
        name = _tidy(fields.get("Category"))
        return Implied(field="Category", object="TrackingCategory", key=name, fields={"Name": name}) if name else None


def _tidy(text: Any) -> str:
    return " ".join(str(text or "").split())[:LONGEST_NAME]


def _are_alike(found: Any, wanted: Any) -> bool:
    return _tidy(found).casefold() == _tidy(wanted).casefold()


def _is_archived(element: Mapping[str, Any]) -> bool:
    return bool(element.get("Status") == "ARCHIVED")


def _read_option(wanted: Wanted, context: Context) -> str:
    """Return the option's name: the name in the event, or the name of the Xero user with the e-mail in User.

    An e-mail without a user stands for itself, so no record waits for a user.
    """
    email = str(wanted.fields.get("User") or "").strip()
    if not email:
        return _tidy(wanted.fields.get("Option"))
    return _tidy(context.users.get(email.lower()) or email)


def _list_options(answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
    # The answer to a write has the option alone; a look-up lists all categories.
    if "Options" in answer:
        return list(answer["Options"])
    ours = wanted.references["Category"][0].xero_id.lower() if wanted.references.get("Category") else ""
    return [
        option
        for category in answer.get("TrackingCategories", [])
        if str(category.get("TrackingCategoryID", "")).lower() == ours
        for option in category.get("Options", [])
    ]
