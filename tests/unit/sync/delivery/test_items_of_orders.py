"""Items against the sandbox: one for each product, in one call, before the lines that name them."""

from decimal import Decimal

import pytest

from segxero.mapping.files.loader import load
from segxero.xero.objects.table import FIELDS
from tests.support.people import bookkeeper
from tests.support.set_ups.core import Core, order_completed
from tests.support.xero.sandbox import SandboxXero

D = Decimal
MUG = {"sku": "MUG", "name": "Mug", "price": 10, "quantity": 2}
JAR = {"product_id": "J-1", "name": "Jar", "price": "5.0005"}
BARE = {"name": "Voucher", "price": 1}


def switched_on(directory, rows=""):
    directory = bookkeeper.own_mappings(directory)
    bookkeeper.switches_on(directory, "items.yaml", "product-of-order", "product-seen", "order-items")
    table = directory / "tables" / "accounts.yaml"
    table.write_text(table.read_text() + rows)
    return load(directory, FIELDS)


@pytest.fixture
def core(redis_store, tmp_path):
    return Core(store=redis_store, mappings=switched_on(tmp_path), xero=SandboxXero())


def items(core):
    return {
        item["Code"]: (item["Name"], item["SalesDetails"].get("UnitPrice"), item["SalesDetails"].get("AccountCode"))
        for item in core.xero.books["Items"]
    }


def codes(core):
    return [[line.get("ItemCode") for line in invoice["LineItems"]] for invoice in core.xero.books["Invoices"]]


def test_the_products_of_an_order_become_items_and_its_lines_name_them(core):
    core.feed(order_completed("1001", products=[MUG, JAR, BARE], total=26))
    core.deliver()
    assert items(core) == {"MUG": ("Mug", D("10.0000"), "200"), "J-1": ("Jar", D("5.0005"), "200")}
    assert codes(core) == [["MUG", "J-1", None]]
    assert core.xero.writes == ["POST Contacts", "POST Items", "PUT Invoices"]


def test_the_same_product_again_needs_no_call(core):
    core.feed(order_completed("1001", products=[MUG]))
    core.deliver()
    before = len(core.xero.writes)
    core.feed(order_completed("1002", products=[MUG], time="2026-11-02T10:00:00Z"))
    core.deliver()
    assert core.xero.writes[before:] == ["PUT Invoices"]
    assert codes(core) == [["MUG"], ["MUG"]]


def test_a_product_that_was_looked_at_is_an_item_with_its_newest_price(core):
    seen = {"type": "track", "event": "Product Viewed", "userId": "u1", "properties": {**MUG, "price": "12.50"}}
    core.feed({**seen, "timestamp": "2026-11-03T10:00:00Z"}, order_completed("1001", products=[MUG]))
    core.deliver()
    assert items(core) == {"MUG": ("Mug", D("12.5000"), "200")}


def test_with_accounts_for_it_stock_is_tracked_and_counted_by_xero(redis_store, tmp_path):
    rows = 'inventory: "630"\n"cost of goods": "310"\n'
    core = Core(store=redis_store, mappings=switched_on(tmp_path, rows), xero=SandboxXero())
    core.feed(order_completed("1001", products=[MUG]))
    core.deliver("contacts", "items")
    (item,) = core.xero.books["Items"]
    assert (item["IsTrackedAsInventory"], item["QuantityOnHand"]) == (True, D(0))
    bought = {
        "Type": "ACCPAY",
        "Contact": {"Name": "Pottery"},
        "Status": "AUTHORISED",
        "DueDate": "2026-12-20",
        "LineItems": [{"ItemCode": "MUG", "Quantity": 5, "UnitAmount": 4}],
    }
    core.xero.sandbox.put("Invoices", {"Invoices": [bought]}).only("Invoices")
    core.deliver()
    assert core.xero.books["Items"][0]["QuantityOnHand"] == D(3)
    core.feed(order_completed("1002", products=[{**MUG, "quantity": 4}], total=40))
    core.deliver()
    (letter,) = core.letters
    assert letter.message == "Xero refused it: Item 'MUG' has a quantity of 3 on hand."


def test_stock_with_one_of_its_accounts_only_waits_and_holds_no_invoice_up(redis_store, tmp_path):
    core = Core(store=redis_store, mappings=switched_on(tmp_path, 'inventory: "630"\n'), xero=SandboxXero())
    core.feed(order_completed("1001", products=[MUG]))
    core.deliver()
    assert core.record("Item", "MUG").reason.startswith("stock needs an inventory account and one for the cost")
    assert codes(core) == [[None]]
