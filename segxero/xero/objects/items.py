"""Items: what a shop sells, created and updated by POST under their code, 50 in a call.

An item is tracked as stock when it names an inventory account and one for the cost of goods sold. Its quantity cannot
be written: Xero counts it from bills and invoices that name the item.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from segxero.errors import ParkedError
from segxero.xero.money import lines
from segxero.xero.objects.row import Batch, Context, ObjectRow, Prepared, Request, Wanted, identity, quoted
from segxero.xero.objects.schemas import ItemSchema, checked

LONGEST_CODE = 30
LONGEST_NAME = 50
ACCOUNTS = ("AccountCode", "COGSAccountCode")
SOLD, BOUGHT, STOCK = "SalesDetails", "PurchaseDetails", "InventoryAssetAccountCode"
MAPPED = frozenset({"Name", "Description", "PurchaseDescription", SOLD, BOUGHT, STOCK})


def code(key: str) -> str:
    """Return *key* as Xero takes it for an item's code."""
    return identity(key, LONGEST_CODE)


def prepare(wanted: Wanted, context: Context) -> Prepared:
    """Return the item as Xero takes it. Raise ParkedError for a tracked one that lacks an account."""
    fields = {name: value for name, value in wanted.fields.items() if name in MAPPED and value not in (None, "")}
    details = {name: _details(fields[name], context) for name in (SOLD, BOUGHT) if isinstance(fields.get(name), dict)}
    payload = {"Code": code(wanted.key), **fields, **details}
    payload = {name: value for name, value in payload.items() if value != {}}
    if STOCK in payload:
        payload[STOCK] = lines.account(payload[STOCK], context.tables)
    if (STOCK in payload) != ("COGSAccountCode" in payload.get(BOUGHT, {})):
        raise ParkedError(
            "stock needs an inventory account and one for the cost of goods sold; add the rows `inventory`"
            " and `cost of goods` to tables/accounts.yaml, or neither"
        )
    if "Name" in payload:
        payload["Name"] = " ".join(str(payload["Name"]).split())[:LONGEST_NAME].rstrip()
    return Prepared(payload=checked(ItemSchema(), payload, "item"))


def _details(details: Mapping[str, Any], context: Context) -> dict[str, Any]:
    given = {name: value for name, value in details.items() if value not in (None, "")}
    resolved = {name: lines.account(given[name], context.tables) for name in ACCOUNTS if name in given}
    return {**given, **resolved}


def write(batch: Batch) -> Request:
    """Make the call that brings the *batch* into Xero; what is left out stays as it is there."""
    elements = [{"ItemID": wanted.xero_id, **payload} if wanted.xero_id else payload for wanted, payload in batch]
    params = {"summarizeErrors": "false", "unitdp": "4"}
    return Request(method="POST", path="/Items", params=params, body={"Items": elements})


def lookup(batch: Sequence[Wanted], context: Context) -> Request:
    """Make the call that finds the *batch* in Xero by its codes."""
    where = " OR ".join(f"Code=={quoted(code(wanted.key))}" for wanted in batch)
    return Request(method="GET", path="/Items", params={"where": where, "unitdp": "4"})


def elements(answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
    """Return the items in *answer*."""
    return list(answer.get("Items", []))


def is_same(element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
    """Tell whether *element* of an answer is this item."""
    return str(element.get("Code", "")).casefold() == code(wanted.key).casefold()


def with_codes(wanted: Wanted) -> Any:
    """Return the products of an order, each with the code of its item where Xero has that item.

    ItemCodes of the order is a list beside its products; an item that Xero does not have would have the order refused.
    """
    products, given = wanted.fields.get("LineItems"), wanted.fields.get("ItemCodes")
    if not isinstance(products, list) or not isinstance(given, list) or len(given) != len(products):
        return products
    there = {item.key for item in wanted.references.get("Items", ())}
    keys = [str(one.get("Code") or "").strip() if isinstance(one, dict) else "" for one in given]
    return [
        {**product, "ItemCode": code(key)} if key in there and isinstance(product, dict) else product
        for product, key in zip(products, keys, strict=True)
    ]


ROW = ObjectRow(
    name="Item",
    queue="items",
    scope="accounting.settings",
    id_field="ItemID",
    fields=MAPPED,
    schema=ItemSchema(),
    longest=LONGEST_CODE,
    prepare=prepare,
    write=write,
    lookup=lookup,
    elements=elements,
    is_same=is_same,
)
