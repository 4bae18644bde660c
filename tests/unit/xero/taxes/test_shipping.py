"""Shipping, fees and wrapping: T13, G14-G17, G20."""

import pytest

from segxero.errors import ParkedError
from segxero.xero.taxes.decision import decide
from tests.support.segment.taxed_orders import booked, home, line, order, setup_of, spelled


def waits(fields, setup):
    with pytest.raises(ParkedError) as caught:
        decide(fields, setup)
    return caught.value


NZ = setup_of("NZ", sells=("standard", "zero_rated"))
GB = setup_of("GB")


def test_t13_shipping_follows_the_goods():
    fields = order(line("mug", "80.00"), Shipping="8.00", Tax="13.20", Total="101.20", **home("NZ"))
    assert booked(fields, NZ) == ["mug 80.00 OUTPUT2 12.00 200", "Shipping 8.00 OUTPUT2 1.20 260"]


def test_t13_g20_tax_of_shipping_that_is_stated_apart_is_part_of_the_tax():
    fields = order(line("mug", "80.00"), Shipping="8.00", Tax="12.00", ShippingTax="1.20", Total="101.20", **home("NZ"))
    taxed = decide(fields, NZ)
    assert str(taxed.tax) == "13.20"
    assert spelled(taxed) == ["mug 80.00 OUTPUT2 12.00 200", "Shipping 8.00 OUTPUT2 1.20 260"]


def test_t13_shipping_of_a_mixed_basket_is_split_in_proportion():
    lines = line("mug", "40.00"), line("book", "60.00", TaxClass="zero_rated")
    assert booked(order(*lines, Shipping="10.00", Tax="8.80", Total="118.80", **home("GB")), GB) == [
        "mug 40.00 OUTPUT2 8.00 200",
        "book 60.00 ZERORATEDOUTPUT 0.00 200",
        "Shipping 4.00 OUTPUT2 0.80 260",
        "Shipping 6.00 ZERORATEDOUTPUT 0.00 260",
    ]


def test_t13_shipping_at_the_standard_rate_beside_untaxed_goods():
    lines = line("mug", "40.00", TaxClass="standard"), line("book", "60.00", TaxClass="zero_rated")
    fields = order(*lines, Shipping="10.00", Tax="10.00", Total="120.00", **home("GB"))
    assert booked(fields, GB)[2:] == ["Shipping 10.00 OUTPUT2 2.00 260"]


def test_t13_untaxed_shipping_is_a_finding():
    fields = order(line("mug", "80.00"), Shipping="8.00", Tax="12.00", Total="100.00", **home("NZ"))
    assert decide(fields, NZ).findings == ("shipping without tax: 8.00",)


def test_g14_a_fee_has_the_account_of_its_name_and_its_own_tax():
    fees = [{"Name": "Handling", "Amount": 3, "TaxAmount": "0.45"}]
    fields = order(line("mug", "80.00"), Fees=fees, Tax="12.45", Total="95.45", **home("NZ"))
    assert booked(fields, NZ)[1] == "Handling 3.00 OUTPUT2 0.45 261"


def test_g15_a_surcharge_is_taxed_like_the_goods():
    fields = order(line("mug", "115.00"), Surcharge="1.15", Tax="15.15", Total="116.15", **home("NZ"))
    assert booked(fields, NZ)[1] == "Payment surcharge 1.15 OUTPUT2 0.15 262"


def test_g16_gift_wrap_has_the_standard_rate():
    fields = order(
        line("book", "60.00", TaxClass="zero_rated"), GiftWrap="4.00", Tax="0.60", Total="64.60", **home("NZ")
    )
    assert booked(fields, NZ)[1] == "Gift wrap 4.00 OUTPUT2 0.60 263"


def test_g17_a_deposit_on_a_container_is_a_line_with_the_class_of_its_row():
    setup = setup_of("NZ", tax_classes={"Container deposit": "no_supply"}, sells=("standard",))
    fees = [{"Name": "Container deposit", "Amount": "0.10"}]
    fields = order(line("mug", "80.00"), Fees=fees, Tax="12.00", Total="92.10", **home("NZ"))
    assert booked(fields, setup)[1] == "Container deposit 0.10 NONE 0.00 261"


def test_g23_a_proration_is_a_negative_line():
    lines = line("plan", "100.00"), line("proration", "-33.33")
    fields = order(*lines, Tax="10.00", Total="76.67", **home("NZ"))
    assert booked(fields, setup_of("NZ", sells=("standard",))) == [
        "plan 100.00 OUTPUT2 15.00 200",
        "proration -33.33 OUTPUT2 -5.00 200",
    ]
    assert waits(fields, setup_of("NZ", sells=("exempt",))).kind == "tax_unknown"
