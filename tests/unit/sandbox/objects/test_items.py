"""Items: codes, accounts, stock that nobody writes, and lines that name them."""

from decimal import Decimal

import pytest

from segxero.sandbox.objects.items import HALF_TRACKED, MOST, TOO_MANY, TWO_ACCOUNTS, UNKNOWN_ITEM, USED
from tests.support.xero.sandbox_client import connected, credit, line, sale

D = Decimal
UNKNOWN = "d4ad8fd6-5c72-4924-91b1-07f1472eb4c3"
MUG = {"Code": "MUG", "Name": "Mug", "Description": "A mug", "SalesDetails": {"UnitPrice": 10, "AccountCode": "200"}}
STOCK = {**MUG, "InventoryAssetAccountCode": "630", "PurchaseDetails": {"COGSAccountCode": "310"}}


@pytest.fixture
def xero():
    return connected()


def post(xero, *items, query=""):
    return xero.post(f"Items{query}", {"Items": list(items)})


def codes(xero):
    return [item["Code"] for item in xero.get("Items").json["Items"]]


def bill(**fields):
    return sale(Type="ACCPAY", LineItems=[line(ItemCode="MUG", AccountCode="630")], **fields)


def on_hand(xero):
    return xero.get("Items/MUG").only("Items")["QuantityOnHand"]


def test_post_makes_and_updates_by_code_and_put_only_makes(xero):
    made = post(xero, MUG, query="?unitdp=4").only("Items")
    assert (made["Code"], made["IsSold"], made["IsPurchased"], made["IsTrackedAsInventory"]) == (
        *("MUG", True, True),
        False,
    )
    changed = post(xero, {"Code": "mug", "SalesDetails": {"UnitPrice": D("10.5555")}}, query="?unitdp=4").only("Items")
    assert changed["ItemID"] == made["ItemID"]
    assert changed["SalesDetails"] == {"UnitPrice": D("10.5555"), "AccountCode": "200"}
    assert xero.put("Items", {"Items": [MUG]}).errors() == ["Price List Item with Code ''MUG'' already exists"]
    assert xero.get("Items/MUG").only("Items")["Name"] == "Mug"
    assert xero.get('Items?where=Code=="MUG"').only("Items")["ItemID"] == made["ItemID"]
    assert post(xero, {"ItemID": made["ItemID"], "Name": "Cup"}).only("Items")["Name"] == "Cup"
    assert xero.post("Items/MUG", {"Name": "Big mug"}).only("Items")["Name"] == "Big mug"


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        ({"Code": "x" * 31}, "The field Code must be a string with a maximum length of 30."),
        ({"Code": "a", "Name": "x" * 51}, "The field Name must be a string with a maximum length of 50."),
        ({"Name": "no code"}, "Code must be specified."),
        ({"ItemID": UNKNOWN, "Name": "x"}, UNKNOWN_ITEM),
        ({**MUG, "SalesDetails": {"AccountCode": "999"}}, "Account code '999' is not a valid code for this document."),
        (
            {**MUG, "SalesDetails": {"TaxType": "X"}},
            "The TaxType code 'X' does not exist or cannot be used for this type of transaction.",
        ),
        ({**STOCK, "PurchaseDetails": {}}, HALF_TRACKED),
        ({**STOCK, "InventoryAssetAccountCode": ""}, HALF_TRACKED),
        ({**STOCK, "InventoryAssetAccountCode": "200"}, "Account code '200' is not a valid code for this document."),
        ({**STOCK, "PurchaseDetails": {"COGSAccountCode": "310", "AccountCode": "310"}}, TWO_ACCOUNTS),
    ],
)
def test_a_wrong_item_is_refused_alone(xero, item, sentence):
    answer = post(xero, item, {"Code": "good"}, query="?summarizeErrors=false")
    assert answer.errors("Items") == [sentence]
    assert codes(xero) == ["good"]


def test_more_than_five_hundred_are_refused_together(xero):
    assert post(xero, *({"Code": f"i{number}"} for number in range(MOST + 1))).errors() == [TOO_MANY]
    assert codes(xero) == []


def test_what_is_not_sold_loses_its_selling_side(xero):
    post(xero, MUG)
    item = post(xero, {"Code": "MUG", "IsSold": False, "IsPurchased": False}).only("Items")
    assert (item["SalesDetails"], item["PurchaseDetails"], "Description" in item) == ({}, {}, False)


def test_a_line_takes_from_its_item_what_it_does_not_say(xero):
    post(xero, MUG)
    (sold,) = xero.invoice(LineItems=[{"ItemCode": "mug", "Quantity": 3}])["LineItems"]
    assert (sold["Description"], sold["UnitAmount"], sold["AccountCode"]) == ("A mug", D("10.00"), "200")
    refused = xero.put("Invoices", {"Invoices": [sale(LineItems=[line(ItemCode="x")])]})
    assert refused.errors() == ["Item code 'x' is not valid."]


def test_stock_is_counted_from_documents_and_never_written(xero):
    post(xero, {**STOCK, "QuantityOnHand": 7})
    assert on_hand(xero) == 0
    xero.put("Invoices", {"Invoices": [bill()]}).only("Invoices")
    xero.put("Invoices", {"Invoices": [bill(Status="DRAFT")]}).only("Invoices")
    assert on_hand(xero) == 2
    sold = xero.invoice(LineItems=[line(ItemCode="MUG")])
    assert on_hand(xero) == 0
    refused = xero.put("Invoices", {"Invoices": [sale(LineItems=[line(ItemCode="MUG", Quantity=1)])]})
    assert refused.errors() == ["Item 'MUG' has a quantity of 0 on hand."]
    again = {"InvoiceID": sold["InvoiceID"], "LineItems": sold["LineItems"]}
    assert xero.post("Invoices", {"Invoices": [again]}).status == 200
    xero.put("CreditNotes", {"CreditNotes": [credit(LineItems=[line(ItemCode="MUG", Quantity=1)])]})
    assert on_hand(xero) == 1


def test_a_tracked_item_that_was_used_stays_and_another_goes(xero):
    post(xero, STOCK, {"Code": "JAR"})
    xero.put("Invoices", {"Invoices": [bill()]}).only("Invoices")
    assert xero.delete("Items/MUG").errors() == [USED]
    assert xero.delete("Items/JAR").status == 204
    assert (codes(xero), xero.delete("Items/JAR").status) == (["MUG"], 404)


@pytest.mark.parametrize("scope", ["accounting.settings", "accounting.invoices", "accounting.settings.read"])
def test_items_are_open_to_settings_and_to_invoices(scope):
    assert connected(scope=scope).get("Items").status == 200
