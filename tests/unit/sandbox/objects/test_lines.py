from decimal import Decimal

import pytest

from segxero.sandbox.objects.lines import calculate_tax
from tests.support.xero.sandbox_client import connected, line, sale


def only_line(xero, path="Invoices", **fields):
    header = fields.pop("header", {})
    body = sale(LineItems=[{"Description": "Mug", "AccountCode": "200", **fields}], **header)
    return xero.put(path, body).only("Invoices")["LineItems"][0]


@pytest.mark.parametrize(
    ("amount", "rate", "inclusive", "tax"),
    [
        ("100.00", "0.15", False, "15.00"),
        ("0.10", "0.15", False, "0.02"),
        ("541.25", "0.15", True, "70.60"),
        ("500.00", "0.15", True, "65.22"),
        ("-10.00", "0.15", False, "-1.50"),
        ("-0.10", "0.15", False, "-0.02"),
        ("19.99", "0", True, "0.00"),
    ],
)
def test_tax_is_rounded_per_line_half_away_from_zero(amount, rate, inclusive, tax):
    assert calculate_tax(Decimal(amount), Decimal(rate), inclusive=inclusive) == Decimal(tax)


def test_sums_add_the_rounded_tax_of_each_line():
    invoice = connected().invoice(LineItems=[line(Quantity=1, UnitAmount="0.10")] * 3)
    assert (invoice["SubTotal"], invoice["TotalTax"], invoice["Total"]) == (
        Decimal("0.30"),
        Decimal("0.06"),
        Decimal("0.36"),
    )


def test_inclusive_amounts_contain_their_tax():
    invoice = connected().invoice(LineAmountTypes="Inclusive", LineItems=[line(Quantity=1, UnitAmount="541.25")])
    assert (invoice["SubTotal"], invoice["TotalTax"], invoice["Total"]) == (
        Decimal("470.65"),
        Decimal("70.60"),
        Decimal("541.25"),
    )


def test_no_tax_means_none():
    invoice = connected().invoice(LineAmountTypes="NoTax", LineItems=[line(TaxType="OUTPUT2", TaxAmount=3)])
    assert (invoice["TotalTax"], invoice["LineItems"][0]["TaxType"]) == (Decimal(0), "NONE")


def test_a_tax_amount_that_is_sent_is_honoured():
    invoice = connected().invoice(LineItems=[line(TaxAmount="2.99")])
    assert (invoice["TotalTax"], invoice["Total"]) == (Decimal("2.99"), Decimal("22.99"))


def test_two_of_three_amounts_give_the_third():
    xero = connected()
    assert only_line(xero, Quantity=4, LineAmount=10)["UnitAmount"] == Decimal("2.50")
    assert only_line(xero, UnitAmount="2.50", LineAmount=10)["Quantity"] == Decimal(4)
    assert only_line(xero, UnitAmount="2.50", Quantity=4)["LineAmount"] == Decimal(10)
    assert only_line(xero, UnitAmount="2.50")["LineAmount"] == Decimal("2.50")


def test_unit_amounts_are_rounded_to_two_places_unless_four_are_asked_for():
    xero = connected()
    rounded = only_line(xero, Quantity=100, UnitAmount="0.0125")
    assert (rounded["UnitAmount"], rounded["LineAmount"]) == (Decimal("0.01"), Decimal("1.00"))
    exact = only_line(xero, path="Invoices?unitdp=4", Quantity=100, UnitAmount="0.0125")
    assert (exact["UnitAmount"], exact["LineAmount"]) == (Decimal("0.0125"), Decimal("1.25"))


def test_discounts_lower_the_line_amount():
    xero = connected()
    invoice = xero.invoice(LineItems=[line(DiscountRate=10), line(DiscountAmount="5.00")])
    assert [each["LineAmount"] for each in invoice["LineItems"]] == [Decimal(18), Decimal(15)]
    assert (invoice["IsDiscounted"], invoice["TotalDiscount"]) == (True, Decimal(7))


def test_bills_take_no_discounts():
    body = sale(Type="ACCPAY", LineItems=[line(AccountCode="400", DiscountRate=10)])
    assert connected().put("Invoices", body).errors() == ["Discounts can only be given on sales invoices and quotes."]


def test_a_description_alone_is_a_line_of_text():
    invoice = connected().invoice(LineItems=[line(), {"Description": "Thank you"}])
    assert set(invoice["LineItems"][1]) == {"Description", "LineItemID", "Tracking"}
    assert invoice["Total"] == Decimal(23)


def test_the_tax_type_defaults_to_the_accounts():
    assert only_line(connected(), Quantity=1, UnitAmount=1)["TaxType"] == "OUTPUT2"


def test_an_approved_line_needs_an_account_and_a_draft_does_not():
    xero = connected()
    bare = {"Description": "Mug", "Quantity": 1, "UnitAmount": 1}
    assert xero.put("Invoices", sale(LineItems=[bare])).errors() == ["Account code or ID must be specified."]
    assert xero.put("Invoices", sale(LineItems=[bare], Status="DRAFT")).status == 200


def test_a_line_takes_at_most_two_tracking_categories():
    sent = [{"Name": name, "Option": "x"} for name in "ABC"]
    errors = connected().put("Invoices", sale(LineItems=[line(Tracking=sent)])).errors()
    assert errors[0] == "A line item can have a maximum of 2 tracking categories."
