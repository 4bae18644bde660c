"""How the parts of an order make its total: T6, T8, B10, G0, G3, G18, G24."""

import pytest

from segxero.errors import ParkedError
from segxero.xero.taxes.decision import decide
from tests.support.segment.taxed_orders import booked, home, line, order, setup_of, spelled

NZ = setup_of("NZ", sells=("standard", "zero_rated"))


def waits(fields, setup=NZ):
    with pytest.raises(ParkedError) as caught:
        decide(fields, setup)
    return caught.value


def test_t6_tax_inside_is_told_by_the_sums():
    fields = order(line("mug", "34.50", 3), Shipping="6.90", Tax="14.40", Total="110.40", **home("NZ"))
    taxed = decide(fields, NZ)
    assert taxed.amount_types == "Inclusive"
    assert spelled(taxed) == ["mug 103.50 OUTPUT2 13.50 200", "Shipping 6.90 OUTPUT2 0.90 260"]


def test_t6_tax_on_top_is_told_by_the_sums_and_no_document_is_without_tax():
    assert (
        decide(order(line("mug", "50.00", 2), Tax="15.00", Total="115.00", **home("NZ")), NZ).amount_types
        == "Exclusive"
    )
    untaxed = order(line("rice", "50.00", TaxClass="zero_rated"), Tax="0", Total="50.00", **home("NZ"))
    assert decide(untaxed, NZ).amount_types == "Exclusive"


def test_t6_an_order_that_says_that_tax_is_inside_needs_no_total():
    fields = order(line("mug", "115.00"), Tax="15.00", TaxIncluded=True, **home("NZ"))
    taxed = decide(fields, NZ)
    assert (taxed.amount_types, taxed.total) == ("Inclusive", 115)


def test_t8_the_unread_property_that_explains_the_difference_is_named():
    fields = order(line("mug", "80.00"), Tax="12.00", Total="99.00", OtherAmounts={"tip": 7, "weight": 3}, **home("NZ"))
    error = waits(fields)
    assert str(error) == (
        'Order 1001 is 7.00 NZD more than its parts (92.00). The shop also sent "tip" 7.00. Book it as tip? Name it in'
        " the mapping."
    )
    assert (error.kind, error.explanations, error.amount) == ("sums_disagree", ("tip",), 99)


def test_t8_a_pair_of_properties_explains_a_difference_too():
    others = {"insurance": "3.00", "handling": "4.00", "width": "9"}
    fields = order(line("mug", "80.00"), Tax="12.00", Total="99.00", OtherAmounts=others, **home("NZ"))
    assert waits(fields).explanations == ("insurance and handling",)


def test_t8_without_an_explanation_the_parts_are_listed():
    fields = order(line("mug", "80.00"), Tax="12.00", Total="99.00", **home("NZ"))
    assert str(waits(fields)) == (
        "Order 1001 is 7.00 NZD more than its parts (92.00): goods 80.00, tax 12.00. Its total is 99.00. Which part is"
        " missing?"
    )


def test_b10_a_cent_is_booked_as_rounding_only_where_the_shop_says_so():
    fields = order(line("mug", "80.00"), Tax="12.00", Total="92.01", **home("NZ"))
    assert "cent_off: rounding_line" in str(waits(fields))
    rounds = setup_of("NZ", rounds_cents=True)
    assert booked(fields, rounds) == ["mug 80.00 OUTPUT2 12.00 200", "Rounding 0.01 NONE 0.00 860"]


def test_g0_every_part_and_no_tender_is_in_the_sum():
    fields = order(
        line("mug", "80.00"),
        Discount="8.00",
        Shipping="8.00",
        Tax="12.00",
        Tip="7.00",
        Total="99.00",
        GiftCardAmount="30.00",
        **home("NZ"),
    )
    taxed = decide(fields, NZ)
    assert taxed.total == 99
    assert spelled(taxed) == [
        "mug 80.00 OUTPUT2 12.00 200",
        "Shipping 8.00 OUTPUT2 1.20 260",
        "Tip 7.00 NONE 0.00 828",
        "Discount -8.00 OUTPUT2 -1.20 205",
    ]


@pytest.mark.parametrize("total", ["115.00", "85.00"])
def test_g2_g3_a_gift_card_that_is_used_changes_no_sale(total):
    fields = order(line("mug", "50.00", 2), Tax="15.00", Total=total, GiftCardAmount="30.00", **home("NZ"))
    taxed = decide(fields, NZ)
    assert (taxed.total, taxed.tax) == (115, 15)


@pytest.mark.parametrize("tender", ["StoreCredit", "Deposit"])
def test_g8_g9_store_credit_and_deposits_are_tenders(tender):
    fields = order(line("mug", "50.00", 2), Tax="15.00", Total="85.00", **{tender: "30.00"}, **home("NZ"))
    assert decide(fields, NZ).total == 115


def test_g18_a_line_discount_that_the_order_repeats_counts_once():
    mug = line("mug", "40.00", 2, Discount=8)
    for fields in ({}, {"Discount": "8.00"}):
        assert booked(order(mug, Tax="10.80", Total="82.80", **fields, **home("NZ")), NZ) == [
            "mug 80.00 OUTPUT2 12.00 200",
            "Discount -8.00 OUTPUT2 -1.20 205",
        ]


def test_g24_the_currency_may_stand_on_the_products():
    lines = line("mug", "80.00", CurrencyCode="usd"), line("pin", "1.00", CurrencyCode="USD")
    taxed = decide(order(*lines, Tax="0", Total="81.00", ShipTo={"Country": "US"}), NZ)
    assert taxed.currency == "USD"


def test_g24_products_in_different_currencies_wait():
    lines = line("mug", "80.00", CurrencyCode="USD"), line("pin", "1.00", CurrencyCode="NZD")
    error = waits(order(*lines, Tax="0", Total="81.00"))
    assert (error.kind, error.explanations) == ("currencies_differ", ("NZD", "USD"))
