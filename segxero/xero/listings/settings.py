"""Tracking, contact groups and items as Xero lists them: each in an answer, known by their names and codes.

An option with another key than "category: option" (an owner has an e-mail address) is looked up when its event comes.
"""

from collections.abc import Iterator

from segxero.xero.api.request import Request
from segxero.xero.listings.listing import Element, Found, Known, Listing, make_ids, read_change
from segxero.xero.objects.contact_groups import ContactGroups
from segxero.xero.objects.context import Context
from segxero.xero.objects.items import Items
from segxero.xero.objects.memberships import ContactGroupMembers
from segxero.xero.objects.tracking import TrackingCategories, TrackingOptions

CLOSED = ("ARCHIVED", "DELETED")


def read_category(element: Element, known: Known, context: Context) -> Iterator[Found]:
    """Yield the category and its options, unless they are archived."""
    if element.get("Status") in CLOSED:
        return
    name = str(element["Name"])
    yield Found(
        object=TrackingCategories.name,
        key=name,
        xero_id=str(element["TrackingCategoryID"]),
        remembered={"name": name},
        fields={"Name": name},
        seen={"Name": name},
    )
    for option in element.get("Options") or []:
        if option.get("Status") in CLOSED:
            continue
        label = str(option["Name"])
        yield Found(
            object=TrackingOptions.name,
            key=f"{name}: {label}",
            xero_id=str(option["TrackingOptionID"]),
            remembered={"name": label, "category": name},
            fields={"Category": name, "Option": label},
            seen={"Name": label},
            references={"Category": [(TrackingCategories.name, name)]},
        )


def category_ids(element: Element) -> Iterator[tuple[str, str]]:
    """Yield the category and its options."""
    yield TrackingCategories.name, str(element.get("TrackingCategoryID", "")).lower()
    for option in element.get("Options") or []:
        yield TrackingOptions.name, str(option.get("TrackingOptionID", "")).lower()


def read_group(element: Element, known: Known, context: Context) -> Iterator[Found]:
    """Yield the group, unless it is deleted."""
    if element.get("Status") not in CLOSED:
        name = str(element["Name"])
        yield Found(
            object=ContactGroups.name,
            key=name,
            xero_id=str(element["ContactGroupID"]),
            fields={"Name": name},
            seen={"Name": name},
        )


def read_item(element: Element, known: Known, context: Context) -> Iterator[Found]:
    """Yield the item. Its code is the key of the record."""
    yield Found(
        object="Item",
        key=str(element["Code"]),
        xero_id=str(element["ItemID"]),
        seen={name: element[name] for name in ("Code", *sorted(Items.fields)) if name in element},
        changed_at=read_change(element),
    )


TRACKING = Listing(
    objects=(TrackingCategories.name, TrackingOptions.name),
    collection="TrackingCategories",
    page=lambda _: Request(method="GET", path="/TrackingCategories", params={"includeArchived": "true"}),
    read=read_category,
    ids=category_ids,
)
GROUPS = Listing(
    objects=(ContactGroups.name,),
    needed_by=(ContactGroupMembers.name,),
    collection="ContactGroups",
    page=lambda _: Request(method="GET", path="/ContactGroups"),
    read=read_group,
    ids=make_ids(ContactGroups.name, "ContactGroupID"),
)
ITEMS = Listing(
    objects=("Item",),
    collection="Items",
    page=lambda _: Request(method="GET", path="/Items", params={"unitdp": "4"}),
    read=read_item,
    ids=make_ids("Item", "ItemID"),
)
