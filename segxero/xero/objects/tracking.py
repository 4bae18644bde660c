"""Tracking: categories and their options, created one by one before the line that names them.

An organisation has at most two active categories; a third is never created, its options are parked with the reason.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from segxero.errors import ParkedError
from segxero.xero.objects.row import Batch, Context, Implied, ObjectRow, Prepared, Request, Wanted
from segxero.xero.objects.schemas import TrackingCategorySchema, TrackingOptionSchema, checked

LONGEST_NAME = 100
MOST_ACTIVE = 2


def _name(text: Any) -> str:
    return " ".join(str(text or "").split())[:LONGEST_NAME]


def prepare_category(wanted: Wanted, context: Context) -> Prepared:
    """Return the category as Xero takes it."""
    payload = {"Name": _name(wanted.fields.get("Name"))}
    return Prepared(payload=checked(TrackingCategorySchema(), payload, "tracking category"))


def prepare_option(wanted: Wanted, context: Context) -> Prepared:
    """Return the option as Xero takes it. Raise ParkedError without its category."""
    if not wanted.references.get("Category"):
        raise ParkedError("the label names no tracking category; set Category in mappings/tracking.yaml")
    payload = {"Name": _option(wanted, context)}
    return Prepared(payload=checked(TrackingOptionSchema(), payload, "tracking option"))


def _option(wanted: Wanted, context: Context) -> str:
    """Return the option's name: as the event says, or that of the Xero user with the e-mail in User.

    An e-mail that no user has stands for itself, so that a record never waits for a user.
    """
    email = str(wanted.fields.get("User") or "").strip()
    if not email:
        return _name(wanted.fields.get("Option"))
    return _name(context.users.get(email.lower()) or email)


def write_category(batch: Batch) -> Request:
    """Make the call that creates (or renames) one category."""
    ((wanted, payload),) = batch
    if wanted.xero_id:
        return Request(method="POST", path=f"/TrackingCategories/{wanted.xero_id}", body=payload)
    return Request(method="PUT", path="/TrackingCategories", body=payload)


def write_option(batch: Batch) -> Request:
    """Make the call that creates (or renames) one option of its category."""
    ((wanted, payload),) = batch
    options = f"/TrackingCategories/{wanted.references['Category'][0].xero_id}/Options"
    if wanted.xero_id:
        return Request(method="POST", path=f"{options}/{wanted.xero_id}", body=payload)
    return Request(method="PUT", path=options, body=payload)


def lookup(batch: Sequence[Wanted], context: Context) -> Request:
    """Make the call that lists every category with its options."""
    return Request(method="GET", path="/TrackingCategories", params={"includeArchived": "true"})


def is_category(element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
    """Tell whether *element* of an answer is this category."""
    return _alike(element.get("Name"), wanted.fields.get("Name"))


def is_option(element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
    """Tell whether *element* of an answer is this option."""
    return _alike(element.get("Name"), _option(wanted, context))


def _alike(found: Any, wanted: Any) -> bool:
    return _name(found).casefold() == _name(wanted).casefold()


def categories(answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
    """Return the categories in *answer* that can be used."""
    return [found for found in answer.get("TrackingCategories", []) if not _is_archived(found)]


def _is_archived(element: Mapping[str, Any]) -> bool:
    return bool(element.get("Status") == "ARCHIVED")


def options(answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
    """Return the options in *answer*: of a created option, or those of its category in a list of categories."""
    return [found for found in _all_options(answer, wanted) if not _is_archived(found)]


def _all_options(answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
    if "Options" in answer:
        return list(answer["Options"])
    ours = wanted.references["Category"][0].xero_id.lower() if wanted.references.get("Category") else ""
    return [
        option
        for category in answer.get("TrackingCategories", [])
        if str(category.get("TrackingCategoryID", "")).lower() == ours
        for option in category.get("Options", [])
    ]


def refuse_third(answer: Mapping[str, Any], wanted: Wanted) -> str:
    """Return why a category that *answer* does not hold cannot be created; '' when it can."""
    archived = [found for found in answer.get("TrackingCategories", []) if _is_archived(found)]
    if any(_alike(found.get("Name"), wanted.fields.get("Name")) for found in archived):
        return f"{wanted.fields.get('Name')} is archived in Xero; restore it there, or use another name"
    active = [str(found["Name"]) for found in answer.get("TrackingCategories", []) if found.get("Status") == "ACTIVE"]
    if len(active) < MOST_ACTIVE:
        return ""
    return (
        f"Xero allows {MOST_ACTIVE} active tracking categories and has {' and '.join(active)}, so"
        f" {wanted.fields.get('Name')} was not created; name one of them in mappings/tracking.yaml or archive one"
    )


def refuse_archived(answer: Mapping[str, Any], wanted: Wanted) -> str:
    """Return why an option that *answer* does not hold cannot be created; '' when it can."""
    name = wanted.fields.get("Option")
    if any(_is_archived(found) and _alike(found.get("Name"), name) for found in _all_options(answer, wanted)):
        return f"{name} is archived in Xero; restore it there, or use another name"
    return ""


def is_written(element: Mapping[str, Any], prepared: Prepared) -> bool:
    """Tell whether what Xero has needs no further call: a label has nothing but its name."""
    return True


def remembers(element: Mapping[str, Any], wanted: Wanted) -> dict[str, str]:
    """Return the names as Xero spells them: lines must name a label exactly so."""
    category = [linked.remembered["name"] for linked in wanted.references.get("Category", ())]
    return {"name": str(element["Name"]), **({"category": category[0]} if category else {})}


def implied(key: str, fields: Mapping[str, Any]) -> Implied | None:
    """Return the category that an option needs: field, object, key and fields of the record it refers to."""
    name = _name(fields.get("Category"))
    return ("Category", "TrackingCategory", name, {"Name": name}) if name else None


CATEGORY = ObjectRow(
    name="TrackingCategory",
    queue="tracking",
    scope="accounting.settings",
    id_field="TrackingCategoryID",
    fields=frozenset({"Name"}),
    schema=TrackingCategorySchema(),
    batch=1,
    look_first=True,
    prepare=prepare_category,
    write=write_category,
    lookup=lookup,
    elements=categories,
    is_same=is_category,
    is_written=is_written,
    is_held=is_written,
    remembers=remembers,
    refuse=refuse_third,
)

OPTION = ObjectRow(
    name="TrackingOption",
    queue="tracking",
    scope="accounting.settings",
    id_field="TrackingOptionID",
    fields=frozenset({"Category", "Option", "User"}),
    schema=TrackingOptionSchema(),
    batch=1,
    look_first=True,
    prepare=prepare_option,
    write=write_option,
    lookup=lookup,
    elements=options,
    is_same=is_option,
    is_written=is_written,
    is_held=is_written,
    remembers=remembers,
    refuse=refuse_archived,
    implied=implied,
)
