"""Items: the price list, in a single answer without pages. The quantity of a tracked item is read-only."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from segxero.sandbox.objects.batch import ZERO_ID, Batch, ElementRefusedError, Written
from segxero.sandbox.objects.invoice_fields import round_money
from segxero.sandbox.objects.route import Route, allow
from segxero.sandbox.objects.stock import count_on_hand
from segxero.sandbox.query.conditions import Field, read_property
from segxero.sandbox.query.listing import list_records
from segxero.sandbox.state.book import Book
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.scopes import INVOICES, SETTINGS
from segxero.sandbox.state.table import Record
from segxero.sandbox.wire.answers import Answer
from segxero.sandbox.wire.dates import stamp
from segxero.sandbox.wire.model import Reader, flag, identifier, ignore, number, shape, text
from segxero.sandbox.wire.refusals import validation

Element = Mapping[str, Any]
MOST = 500  # items in one request
UNKNOWN_ITEM = "An existing Item with the specified ItemID could not be found"
# These sentences are stand-ins.
TOO_MANY = f"A maximum of {MOST} items can be sent in one request."
HALF_TRACKED = "A tracked item needs an InventoryAssetAccountCode and a COGSAccountCode."
TWO_ACCOUNTS = "A tracked item has a COGSAccountCode and no AccountCode in PurchaseDetails."
USED = "The item is used on transactions and cannot be deleted."
_LENGTHS = {"Code": 30, "Name": 50, "Description": 4_000, "PurchaseDescription": 4_000}
_DETAILS = shape({"UnitPrice": number, "AccountCode": text, "COGSAccountCode": text, "TaxType": text})
_READ_ONLY = ("QuantityOnHand", "StatusAttributeString", "TotalCostPool", "UpdatedDateUTC", "ValidationErrors")
_FIELDS: Mapping[str, Reader] = {
    **dict.fromkeys((*_LENGTHS, "InventoryAssetAccountCode"), text),
    **dict.fromkeys(("SalesDetails", "PurchaseDetails"), _DETAILS),
    **dict.fromkeys(("IsSold", "IsPurchased", "IsTrackedAsInventory"), flag),
    "ItemID": identifier,
    **dict.fromkeys(_READ_ONLY, ignore),
}
_ITEM = shape(_FIELDS)
_FILTERS = {
    "itemid": Field(kind="guid", get=lambda item: item["ItemID"], index="id"),
    "code": Field(kind="text", get=lambda item: item["Code"], index="code"),
    "name": read_property("Name"),
}


def list_items(request: Request) -> Answer:
    page = list_records(request, request.book.items, _FILTERS, identity="ItemID")
    return request.answer("Items", [show(request.book, item) for item in page.records])


def get_item(request: Request) -> Answer:
    return request.answer("Items", [show(request.book, _found(request))])


def create_items(request: Request) -> Answer:
    return _run(request, CREATE)


def upsert_items(request: Request) -> Answer:
    return _run(request, UPSERT)


def _run(request: Request, batch: Batch) -> Answer:
    elements = request.read_elements("Items", "Item", _FIELDS, _ITEM)
    if len(elements) > MOST:
        return validation([{"ValidationErrors": [{"Message": TOO_MANY}]}])
    return batch.run(request, elements)


def update_item(request: Request) -> Answer:
    """Answer POST on an item, by its id or code; summarizeErrors does not exist here."""
    identity = _found(request)["ItemID"]
    element = request.read_elements("Items", "Item", _FIELDS, _ITEM)[0]
    return UPSERT.run(request, [{**element, "ItemID": identity}], can_ask_each=False)


def delete_item(request: Request) -> Answer:
    item = _found(request)
    documents = (*request.book.invoices, *request.book.credit_notes)
    used = any(line.get("ItemCode") == item["Code"] for document in documents for line in document["LineItems"])
    # An untracked item can go, for its lines keep their own texts and prices.
    if item["IsTrackedAsInventory"] and used:
        return validation([{**show(request.book, item), "ValidationErrors": [{"Message": USED}]}])
    request.book.items.drop(item["ItemID"])
    return Answer(status=204, content_type="")


def _create(request: Request, element: Element) -> Written:
    code = element.get("Code", "")
    if request.book.items.find("code", code):
        raise ElementRefusedError(f"Price List Item with Code ''{code}'' already exists")
    blank = {"ItemID": request.book.new_id(), "IsSold": True, "IsPurchased": True}
    return _store(request, {**blank, "SalesDetails": {}, "PurchaseDetails": {}}, element)


def _upsert(request: Request, element: Element) -> Written:
    """Edit the item with this id, else this code, else create it."""
    items = request.book.items
    old = items.get(element["ItemID"]) if "ItemID" in element else items.find("code", element.get("Code", ""))
    if old is None and "ItemID" in element:
        raise ElementRefusedError(UNKNOWN_ITEM)
    return _create(request, element) if old is None else _store(request, old, element)


def _store(request: Request, old: Record, element: Element) -> Written:
    new = {**old, **{name: value for name, value in element.items() if name not in {"ItemID", "IsTrackedAsInventory"}}}
    for name in ("SalesDetails", "PurchaseDetails"):
        new[name] = {**old[name], **_rounded(request, element.get(name, {}))}
    # By Xero's page a false flag empties its side of the item.
    if not new["IsSold"]:
        new |= {"Description": "", "SalesDetails": {}}
    if not new["IsPurchased"]:
        new |= {"PurchaseDescription": "", "PurchaseDetails": {}}
    new["IsTrackedAsInventory"] = bool(new.get("InventoryAssetAccountCode"))
    if faults := list(_faults(request, new)):
        raise ElementRefusedError(*faults)
    new["UpdatedDateUTC"] = request.now
    request.book.items.put(new["ItemID"], new)
    return Written(body=show(request.book, new))


def _rounded(request: Request, details: Element) -> dict[str, Any]:
    price = {"UnitPrice": round_money(details["UnitPrice"], request.unit_places)} if "UnitPrice" in details else {}
    return {**details, **price}


def _faults(request: Request, item: Record) -> Iterator[str]:
    if not item.get("Code", "").strip():
        yield "Code must be specified."
    for name, maximum in _LENGTHS.items():
        if len(item.get(name) or "") > maximum:
            yield f"The field {name} must be a string with a maximum length of {maximum}."
    bought = item["PurchaseDetails"]
    if item["IsTrackedAsInventory"] != bool(bought.get("COGSAccountCode")):
        yield HALF_TRACKED
    if item["IsTrackedAsInventory"] and bought.get("AccountCode"):
        yield TWO_ACCOUNTS
    yield from _account_faults(request, item)


def _account_faults(request: Request, item: Record) -> Iterator[str]:
    accounts = request.book.accounts
    named = [(item.get("InventoryAssetAccountCode"), "INVENTORY"), (item["PurchaseDetails"].get("COGSAccountCode"), "")]
    named += [(item[name].get("AccountCode"), "") for name in ("SalesDetails", "PurchaseDetails")]
    for code, kind in named:
        account = accounts.find("code", code) if code else None
        if code and (account is None or (kind and account["Type"] != kind)):
            yield f"Account code '{code}' is not a valid code for this document."
    for name in ("SalesDetails", "PurchaseDetails"):
        tax = item[name].get("TaxType")
        if tax and tax not in request.book.tax_rates:
            yield f"The TaxType code '{tax}' does not exist or cannot be used for this type of transaction."


def show(book: Book, item: Record) -> dict[str, Any]:
    """Return an item as it goes over the wire; a tracked item has its stock."""
    body = {name: value for name, value in item.items() if value != ""}
    if item["IsTrackedAsInventory"]:
        body |= {"QuantityOnHand": count_on_hand(book, item["Code"]), "TotalCostPool": Decimal(0)}
    return {**body, "UpdatedDateUTC": stamp(item["UpdatedDateUTC"]), "ValidationErrors": []}


def _echo(request: Request, element: Element) -> dict[str, Any]:
    return {**element, "ItemID": element.get("ItemID", ZERO_ID)}


def _found(request: Request) -> Record:
    return request.find("item", request.book.items, "code")


CREATE = Batch(collection="Items", flag="HasErrors", write=_create, echo=_echo)
UPSERT = Batch(collection="Items", flag="HasErrors", write=_upsert, echo=_echo)
ROUTES = allow(
    (*INVOICES, *SETTINGS),
    Route("GET", "/Items", list_items),
    Route("PUT", "/Items", create_items),
    Route("POST", "/Items", upsert_items),
    Route("GET", "/Items/<item>", get_item),
    Route("POST", "/Items/<item>", update_item),
    Route("DELETE", "/Items/<item>", delete_item),
)
