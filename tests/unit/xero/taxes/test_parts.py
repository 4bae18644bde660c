"""Parts of an order that are no supply: G1, G6, G11-G13, G19, G21; and an order without products, T22."""

import pytest

from segxero.errors import ParkedError
from segxero.xero.taxes.decision import decide
from tests.support.segment.taxed_orders import booked, home, line, order, setup_of, spelled


def waits(fields, setup):
    with pytest.raises(ParkedError) as caught:
        decide(fields, setup)
    return caught.value


NZ = setup_of("NZ", sells=("standard",))


def test_g1_a_gift_card_sold_is_a_liability():
    lines = line("card", "80.00", Category="Vouchers"), line("mug", "12.00")
    setup = setup_of("NZ", sells=("standard",), tax_classes={"Vouchers": "no_supply"})
    assert booked(order(*lines, Tax="1.80", Total="93.80", **home("NZ")), setup) == [
        "card 80.00 NONE 0.00 825",
        "mug 12.00 OUTPUT2 1.80 200",
    ]


def test_g1_without_an_account_for_gift_cards_the_order_waits_for_its_row():
    setup = setup_of("NZ", without="accounts.gift_cards")
    fields = order(line("card", "80.00", GiftCard=True), Tax="0", Total="80.00", **home("NZ"))
    assert waits(fields, setup).lacks == (("accounts", "gift_cards"),)


@pytest.mark.parametrize(
    ("field", "amount", "booked_as"),
    [
        ("Tip", "7.00", "Tip 7.00 NONE 0.00 828"),
        ("Donation", "2.00", "Donation 2.00 NONE 0.00 830"),
        ("CashRounding", "0.02", "Cash rounding 0.02 NONE 0.00 860"),
    ],
    ids=["G11", "G12", "G21"],
)
def test_a_part_that_is_no_supply_has_an_account_of_its_own(field, amount, booked_as):
    total = f"{92 + float(amount):.2f}"
    fields = order(line("mug", "80.00"), Tax="12.00", Total=total, **{field: amount}, **home("NZ"))
    assert booked(fields, NZ) == ["mug 80.00 OUTPUT2 12.00 200", booked_as]


def test_g11_a_tip_that_is_revenue_is_taxed_by_its_class():
    setup = setup_of("NZ", sells=("standard",), tax_classes={"tip": "standard"})
    fields = order(line("mug", "80.00"), Tip="7.00", Tax="13.05", Total="100.05", **home("NZ"))
    assert booked(fields, setup)[1] == "Tip 7.00 OUTPUT2 1.05 828"


def test_g13_duties_of_an_order_abroad():
    fields = order(line("mug", "120.00"), Duties="9.60", Tax="0", Total="129.60", ShipTo={"Country": "US"})
    assert booked(fields, NZ) == ["mug 120.00 ZERORATED 0.00 200", "Duties 9.60 NONE 0.00 831"]


@pytest.mark.parametrize("field", ["Tip", "Duties", "Donation"])
def test_a_part_without_an_account_waits_for_its_row(field):
    setup = setup_of("NZ", without=f"accounts.{field.lower()}")
    fields = order(line("mug", "80.00"), Tax="12.00", Total="99.00", **{field: "7.00"}, **home("NZ"))
    assert waits(fields, setup).lacks == (("accounts", field.lower()),)


def test_t22_an_order_without_products_is_one_line_if_one_rate_makes_its_tax():
    taxed = decide(order(Tax="10.50", Total="80.50", **home("NZ")), NZ)
    assert spelled(taxed) == ["Order 1001 70.00 OUTPUT2 10.50 200"]
    assert taxed.findings == ("without products: 80.50",)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [({"Total": "80.50"}, "no_products"), ({"Tax": "10.00", "Total": "80.50"}, "tax_unknown"), ({}, "no_products")],
    ids=["no tax", "no rate makes it", "nothing"],
)
def test_t22_else_it_waits(fields, kind):
    assert waits(order(**fields, **home("NZ")), NZ).kind == kind


def test_an_order_names_itself_and_its_money():
    error = waits(order(line("mug", "80.00"), Tax="7.00", Total="87.00", **home("NZ"), Reference="A-7"), NZ)
    assert str(error).startswith("Order A-7 to NZ has 7.00 NZD tax on 80.00.")
    assert (error.amount, error.currency) == (87, "NZD")
