"""Tracking categories and their options: two active, four in all, each option by a call of its own.

The sentences of refusals are not established by any source, apart from the limits themselves.
"""

from collections.abc import Mapping
from typing import Any

from segxero.sandbox.objects.batch import ZERO_ID, write_messages
from segxero.sandbox.objects.route import Route, allow
from segxero.sandbox.query.conditions import Field
from segxero.sandbox.query.listing import list_records
from segxero.sandbox.state.book import Book
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.scopes import SETTINGS
from segxero.sandbox.state.table import Record, Table, fold_case
from segxero.sandbox.wire.answers import Answer
from segxero.sandbox.wire.model import identifier, ignore, shape, text, word
from segxero.sandbox.wire.refusals import RefusalError, not_found, validation

MAXIMUM_ACTIVE = 2
MAXIMUM_TOTAL = 4
MAXIMUM_NAME = 100
_STATUS = word("TrackingCategoryStatus", "ACTIVE", "ARCHIVED")
_OPTION_FIELDS = {"TrackingOptionID": identifier, "Name": text, "Status": _STATUS, "TrackingCategoryID": identifier}
_OPTION = shape(_OPTION_FIELDS)
_FIELDS = {
    "TrackingCategoryID": identifier,
    "Name": text,
    "Status": _STATUS,
    "Option": ignore,
    "Options": ignore,
    "TrackingOptionID": ignore,
}
_CATEGORY = shape(_FIELDS)
_FILTERS = {
    "name": Field(kind="text", get=lambda category: category["Name"], index="name"),
    "status": Field(kind="text", get=lambda category: category["Status"]),
    "trackingcategoryid": Field(kind="guid", get=lambda category: category["TrackingCategoryID"], index="id"),
}


def list_categories(request: Request) -> Answer:
    archived = request.has_flag("includearchived")
    page = list_records(
        request,
        request.book.tracking,
        _FILTERS,
        identity="TrackingCategoryID",
        keep=lambda category: archived or category["Status"] == "ACTIVE",
    )
    return request.answer("TrackingCategories", [show(category, archived=archived) for category in page.records])


def get_category(request: Request) -> Answer:
    return request.answer("TrackingCategories", [show(_category(request), archived=True)])


def create_category(request: Request) -> Answer:
    """Answer PUT: a category. Options sent along are not kept; each has its own call."""
    element = _only(request, "TrackingCategories", "TrackingCategory", _FIELDS, _CATEGORY)
    book = request.book
    active = sum(category["Status"] == "ACTIVE" for category in book.tracking)
    faults = _name_faults(element, [category["Name"] for category in book.tracking])
    if active >= MAXIMUM_ACTIVE:
        faults.append(f"You can have a maximum of {MAXIMUM_ACTIVE} active tracking categories.")
    elif len(book.tracking) >= MAXIMUM_TOTAL:
        faults.append(f"You can have a maximum of {MAXIMUM_TOTAL} tracking categories, archived ones included.")
    _refuse(element, faults, "TrackingCategoryID")
    category = {
        "Name": element["Name"],
        "Status": "ACTIVE",
        "TrackingCategoryID": book.new_id(),
        "Options": [],
        "UpdatedDateUTC": request.now,
    }
    book.tracking.put(category["TrackingCategoryID"], category)
    return request.answer("TrackingCategories", [show(category, archived=True)])


def update_category(request: Request) -> Answer:
    """Answer POST: rename a category, archive it or take it back."""
    category = _category(request)
    element = _only(request, "TrackingCategories", "TrackingCategory", _FIELDS, _CATEGORY)
    others = [other for other in request.book.tracking if other is not category]
    faults = _name_faults(element, [other["Name"] for other in others]) if "Name" in element else []
    active = sum(other["Status"] == "ACTIVE" for other in others)
    if element.get("Status") == "ACTIVE" and active >= MAXIMUM_ACTIVE:
        faults.append(f"You can have a maximum of {MAXIMUM_ACTIVE} active tracking categories.")
    _refuse(element, faults, "TrackingCategoryID")
    new = {**category, **element, "TrackingCategoryID": category["TrackingCategoryID"], "UpdatedDateUTC": request.now}
    request.book.tracking.put(category["TrackingCategoryID"], new)
    return request.answer("TrackingCategories", [show(new, archived=True)])


def delete_category(request: Request) -> Answer:
    """Answer DELETE: an unused category goes, a used category is archived."""
    category, book = _category(request), request.book
    if _is_used(book, category["TrackingCategoryID"], None):
        category["Status"] = "ARCHIVED"
        return request.answer("TrackingCategories", [show(category, archived=True)])
    book.tracking.drop(category["TrackingCategoryID"])
    return request.answer("TrackingCategories", [{**show(category, archived=True), "Status": "DELETED"}])


def create_option(request: Request) -> Answer:
    category = _category(request)
    element = _only(request, "Options", "TrackingOption", _OPTION_FIELDS, _OPTION)
    faults = _name_faults(element, [option["Name"] for option in category["Options"]])
    if category["Status"] != "ACTIVE":
        faults.append("Options cannot be added to an archived tracking category.")
    _refuse(element, faults, "TrackingOptionID")
    option = {"TrackingOptionID": request.book.new_id(), "Name": element["Name"], "Status": "ACTIVE"}
    category["Options"].append(option)
    category["UpdatedDateUTC"] = request.now
    return request.answer("Options", [_shown_option(option)])


def update_option(request: Request) -> Answer:
    category, option = _option(request)
    element = _only(request, "Options", "TrackingOption", _OPTION_FIELDS, _OPTION)
    others = [other["Name"] for other in category["Options"] if other is not option]
    _refuse(element, _name_faults(element, others) if "Name" in element else [], "TrackingOptionID")
    option.update({name: element[name] for name in ("Name", "Status") if name in element})
    return request.answer("Options", [_shown_option(option)])


def delete_option(request: Request) -> Answer:
    """Answer DELETE: an unused option goes, a used option is archived."""
    category, option = _option(request)
    # Lines of documents still show a used option.
    if _is_used(request.book, category["TrackingCategoryID"], option["TrackingOptionID"]):
        option["Status"] = "ARCHIVED"
        return request.answer("Options", [_shown_option(option)])
    category["Options"].remove(option)
    return request.answer("Options", [{**_shown_option(option), "Status": "DELETED", "IsDeleted": True}])


def _only(request: Request, collection: str, kind: str, fields: Any, reader: Any) -> Record:
    """Read the only element of the body; a second element is refused."""
    elements = request.read_elements(collection, kind, fields, reader)
    if len(elements) > 1:
        _refuse(elements[0], [f"Only one {kind} can be written with one request."], f"{kind}ID")
    return elements[0]


def _name_faults(element: Record, taken: list[str]) -> list[str]:
    name = element.get("Name", "")
    if not name.strip():
        return ["Name must be specified."]
    faults = []
    if len(name) > MAXIMUM_NAME:
        faults.append(f"The field Name must be a string with a maximum length of {MAXIMUM_NAME}.")
    if fold_case(name) in map(fold_case, taken):
        faults.append(f"The name {name} is already in use. Names must be unique.")
    return faults


def _refuse(element: Record, faults: list[str], identity: str) -> None:
    if faults:
        raise RefusalError(validation([{identity: ZERO_ID, **element, "ValidationErrors": write_messages(faults)}]))


def _category(request: Request) -> Record:
    category = request.book.tracking.get(request.params["category"])
    if category is None:
        raise not_found()
    return category


def _option(request: Request) -> tuple[Record, Record]:
    category, wanted = _category(request), request.params["option"].lower()
    for option in category["Options"]:
        if option["TrackingOptionID"] == wanted:
            return category, option
    raise not_found()


def _is_used(book: Book, category_id: str, option_id: str | None) -> bool:
    return any(
        tracking["TrackingCategoryID"] == category_id and option_id in {None, tracking["TrackingOptionID"]}
        for invoice in book.invoices
        for line in invoice["LineItems"]
        for tracking in line["Tracking"]
    )


def find_active_category(categories: Table, wanted: Mapping[str, str]) -> Record | None:
    """Return the active category named in *wanted*, by its id or its name."""
    if "TrackingCategoryID" in wanted:
        category = categories.get(wanted["TrackingCategoryID"])
    else:
        category = categories.find("name", wanted.get("Name", ""))
    return category if category and category["Status"] == "ACTIVE" else None


def find_active_option(categories: Table, wanted: Mapping[str, str]) -> dict[str, str] | None:
    """Return the active option named in *wanted*, by ids or by both names."""
    category = find_active_category(categories, wanted)
    if category is None:
        return None
    for option in category["Options"]:
        same_id = option["TrackingOptionID"] == wanted.get("TrackingOptionID")
        if option["Status"] == "ACTIVE" and (
            same_id or fold_case(option["Name"]) == fold_case(wanted.get("Option", ""))
        ):
            return {
                "Name": category["Name"],
                "Option": option["Name"],
                "TrackingCategoryID": category["TrackingCategoryID"],
                "TrackingOptionID": option["TrackingOptionID"],
            }
    return None


def warn_of_removal(category: str, option: str) -> str:
    """Return the warning about a dropped option."""
    return f"The tracking option '{category}: {option}' was removed because it could not be found."


def show(category: Record, *, archived: bool) -> dict[str, Any]:
    options = [_shown_option(option) for option in category["Options"] if archived or option["Status"] == "ACTIVE"]
    body = {name: category[name] for name in ("Name", "Status", "TrackingCategoryID")}
    return body | {"Options": options}


def _shown_option(option: Record) -> dict[str, Any]:
    active = option["Status"] == "ACTIVE"
    return option | {
        "HasValidationErrors": False,
        "IsDeleted": False,
        "IsArchived": not active,
        "IsActive": active,
    }


ROUTES = allow(
    SETTINGS,
    Route("GET", "/TrackingCategories", list_categories),
    Route("PUT", "/TrackingCategories", create_category),
    Route("GET", "/TrackingCategories/<category>", get_category),
    Route("POST", "/TrackingCategories/<category>", update_category),
    Route("DELETE", "/TrackingCategories/<category>", delete_category),
    Route("PUT", "/TrackingCategories/<category>/Options", create_option),
    Route("POST", "/TrackingCategories/<category>/Options/<option>", update_option),
    Route("DELETE", "/TrackingCategories/<category>/Options/<option>", delete_option),
)
