"""Items: the products of a shop, created and updated by POST under their code, 50 in a call.

An item is tracked as stock when it names an inventory account and an account for the cost of goods sold. Its quantity
cannot be written: Xero counts it from the bills and invoices of the item.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema, fields, validate

from segxero.errors import ParkedError
from segxero.xero.api.request import Request
from segxero.xero.money import lines
from segxero.xero.objects.context import Context
from segxero.xero.objects.numbering import fit_key, quote
from segxero.xero.objects.schemas import Text, check_payload, text
from segxero.xero.objects.wanted import Batch, Prepared, Wanted
from segxero.xero.objects.xero_object import XeroObject

LONGEST_CODE = 30
LONGEST_NAME = 50
ACCOUNTS = ("AccountCode", "COGSAccountCode")
SOLD, BOUGHT, STOCK = "SalesDetails", "PurchaseDetails", "InventoryAssetAccountCode"


class ItemDetailsSchema(Schema):
    """The price and accounts of a sale, or of a purchase."""

    UnitPrice = fields.Decimal(as_string=False)
    AccountCode = text(10)
    COGSAccountCode = text(10)
    TaxType = text(50)


class ItemSchema(Schema):
    """An item of the price list."""

    Code = Text(required=True, validate=validate.Length(min=1, max=30))
    Name = text(50)
    Description = text(4000)
    PurchaseDescription = text(4000)
    InventoryAssetAccountCode = text(10)
    SalesDetails = fields.Nested(ItemDetailsSchema)
    PurchaseDetails = fields.Nested(ItemDetailsSchema)


class Items(XeroObject):
    """An item of the price list."""

    name = "Item"
    queue = "items"
    noun = "item"
    scope = "accounting.settings"
    id_field = "ItemID"
    collection = "Items"
    fields = frozenset({"Name", "Description", "PurchaseDescription", SOLD, BOUGHT, STOCK})
    schema = ItemSchema()
    longest = LONGEST_CODE

    def prepare(self, wanted: Wanted, context: Context) -> Prepared:
        """Return the item. Raise ParkedError for a tracked item without an account."""
        given = {name: value for name, value in _drop_empty(wanted.fields).items() if name in self.fields}
        details = {
            name: _fill_details(given[name], context) for name in (SOLD, BOUGHT) if isinstance(given.get(name), dict)
        }
        payload = {"Code": fit_code(wanted.key), **given, **details}
        payload = {name: value for name, value in payload.items() if value != {}}
        if STOCK in payload:
            payload[STOCK] = lines.find_account(payload[STOCK], context.tables)
        if (STOCK in payload) != ("COGSAccountCode" in payload.get(BOUGHT, {})):
            raise ParkedError(
                "stock needs an inventory account and one for the cost of goods sold; add the rows `inventory`"
                " and `cost of goods` to tables/accounts.yaml, or neither"
            )
        if "Name" in payload:
            payload["Name"] = " ".join(str(payload["Name"]).split())[:LONGEST_NAME].rstrip()
        return Prepared(payload=check_payload(self.schema, payload, "item"))

    def write(self, batch: Batch) -> Request:
        """Create and update items; other fields stay as they are in Xero."""
        elements = [{"ItemID": wanted.xero_id, **payload} if wanted.xero_id else payload for wanted, payload in batch]
        params = {"summarizeErrors": "false", "unitdp": "4"}
        return Request(method="POST", path="/Items", params=params, body={"Items": elements})

    def lookup(self, batch: Sequence[Wanted], context: Context) -> Request:
        """Find items by their codes."""
        where = " OR ".join(f"Code=={quote(fit_code(wanted.key))}" for wanted in batch)
        return Request(method="GET", path="/Items", params={"where": where, "unitdp": "4"})

    def is_same(self, element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
        """Compare the codes; Xero does not tell upper from lower case in them."""
        return str(element.get("Code", "")).casefold() == fit_code(wanted.key).casefold()


def fit_code(key: str) -> str:
    """Return *key* as Xero takes it for an item's code."""
    return fit_key(key, LONGEST_CODE)


def put_codes(wanted: Wanted) -> Any:
    """Return the products of an order, each with the code of its item where Xero has that item.

    ItemCodes of the order is a list beside its products. Xero refuses a whole order for a missing item.
    """
    products, given = wanted.fields.get("LineItems"), wanted.fields.get("ItemCodes")
    if not isinstance(products, list) or not isinstance(given, list) or len(given) != len(products):
        return products
    there = {item.key for item in wanted.references.get("Items", ())}
    keys = [str(entry.get("Code") or "").strip() if isinstance(entry, dict) else "" for entry in given]
    return [
        {**product, "ItemCode": fit_code(key)} if key in there and isinstance(product, dict) else product
        for product, key in zip(products, keys, strict=True)
    ]


def _drop_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "")}


def _fill_details(details: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Return *details* with the codes of its accounts."""
    given = _drop_empty(details)
    codes = {name: lines.find_account(given[name], context.tables) for name in ACCOUNTS if name in given}
    return {**given, **codes}
