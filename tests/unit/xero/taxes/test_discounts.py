"""Discounts reduce the lines that they are for: T11, G22, G25."""

from segxero.xero.taxes.decision import decide
from tests.support.segment.taxed_orders import booked, home, line, order, setup_of, spelled

GB = setup_of("GB", sells=("standard", "zero_rated"))


def test_t11_an_order_discount_is_spread_in_proportion():
    lines = line("mug", "40.00"), line("book", "60.00")
    assert booked(order(*lines, Discount="10.00", Tax="7.20", Total="97.20", **home("GB")), GB) == [
        "mug 40.00 OUTPUT2 8.00 200",
        "book 60.00 ZERORATEDOUTPUT 0.00 200",
        "Discount -4.00 OUTPUT2 -0.80 205",
        "Discount -6.00 ZERORATEDOUTPUT 0.00 205",
    ]


def test_t11_a_discount_of_a_product_stays_with_it():
    lines = line("mug", "40.00", Discount="10.00"), line("book", "60.00")
    assert booked(order(*lines, Tax="6.00", Total="96.00", **home("GB")), GB) == [
        "mug 40.00 OUTPUT2 8.00 200",
        "book 60.00 ZERORATEDOUTPUT 0.00 200",
        "Discount -10.00 OUTPUT2 -2.00 205",
    ]


def test_t11_free_shipping_is_a_discount_on_shipping():
    setup = setup_of("NZ", sells=("standard", "zero_rated"))
    fields = order(line("mug", "80.00"), Shipping="8.00", Discount="8.00", Tax="12.00", Total="92.00", **home("NZ"))
    assert booked(fields, setup) == [
        "mug 80.00 OUTPUT2 12.00 200",
        "Shipping 8.00 OUTPUT2 1.20 260",
        "Discount -8.00 OUTPUT2 -1.20 205",
    ]


def test_t11_a_gift_card_takes_no_share_of_a_discount():
    lines = line("card", "50.00", GiftCard=True), line("mug", "50.00")
    fields = order(*lines, Discount="10.00", Tax="6.00", Total="96.00", **home("NZ"))
    assert booked(fields, setup_of("NZ", sells=("standard",))) == [
        "card 50.00 NONE 0.00 825",
        "mug 50.00 OUTPUT2 7.50 200",
        "Discount -10.00 OUTPUT2 -1.50 205",
    ]


def test_g22_points_that_cost_nothing_are_a_discount():
    fields = order(line("mug", "40.00"), Discount="5.00", Tax="5.25", Total="40.25", **home("NZ"))
    assert booked(fields, setup_of("NZ", sells=("standard",)))[1] == "Discount -5.00 OUTPUT2 -0.75 205"


def test_g25_a_discount_is_a_negative_line_and_no_discount_amount_of_xero():
    fields = order(line("mug", "40.00", DiscountRate="10"), Tax="5.40", Total="41.40", **home("NZ"))
    taxed = decide(fields, setup_of("NZ", sells=("standard",)))
    assert spelled(taxed) == ["mug 40.00 OUTPUT2 6.00 200", "Discount -4.00 OUTPUT2 -0.60 205"]
    assert taxed.lines[0].discount == 4


def test_p5_an_order_that_is_free_after_its_discount_needs_no_question():
    fields = order(line("mug", "30.00"), Discount="30.00", Tax="0.00", Total="0.00", **home("NZ"))
    taxed = decide(fields, setup_of("NZ", sells=("standard",)))
    assert (taxed.total, [one.amount for one in taxed.lines]) == (0, [30, -30])
