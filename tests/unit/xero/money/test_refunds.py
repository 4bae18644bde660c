"""What a refund credits of its order: lines, tax and total, or the sums by which it waits."""

from decimal import Decimal

import pytest

from segxero.errors import ParkedError, PermanentError
from segxero.xero.money import refunds
from tests.support.segment.orders import TABLES, order, product, tables

D = Decimal
MUGS = product(D("10.00"), 2)
JAR = product(D("5.00"), Description="Jar")
UNTAXED = order(MUGS, JAR, Total="25.00")
ON_TOP = order(MUGS, JAR, Tax="3.75", Total="28.75")
INSIDE = order(MUGS, JAR, Tax="3.26", Total="25.00")
DISCOUNTED = order(MUGS, JAR, Discount="2.50", Tax="3.38", Total="25.88")
SHIPPED = order(MUGS, JAR, Shipping="4.00", Tax="3.75", Total="32.75")  # shipping is not taxed
ODD = order(MUGS, JAR, Tax="2.22", Total="27.22")  # 8.875 %, which no row has


def credit(refund, bought=UNTAXED, rows=TABLES):
    return refunds.make_refund_lines(refund, refunds.SoldOrder.of(bought, rows))


def told(made):
    """Return total, tax, kind of amounts, and each line's description, amount, type of tax and tax."""
    lines = [
        (line["Description"], line["Quantity"] * line["UnitAmount"], line["TaxType"], line.get("TaxAmount"))
        for line in made.items
    ]
    return made.total, made.tax, made.amount_types, lines


def amount_of(total):
    return {"Total": D(total), "Description": "Refund", "AccountCode": "200"}


@pytest.mark.parametrize(
    "refund", [{}, {"LineItems": []}, {"Total": D("25.00")}, {"Total": "-25", "LineItems": [MUGS]}]
)
def test_a_refund_that_states_nothing_or_the_total_is_of_the_whole_order(refund):
    assert told(credit(refund)) == (
        D("25.00"),
        D(0),
        "Exclusive",
        [("Mug", D("20.00"), "NONE", None), ("Jar", D("5.00"), "NONE", None)],
    )


@pytest.mark.parametrize(
    ("bought", "refund", "total", "tax", "types", "lines"),
    [
        (UNTAXED, amount_of("7"), "7.00", "0", "Inclusive", [("Refund", "7.00", "NONE", None)]),
        (ON_TOP, amount_of("11.50"), "11.50", "1.50", "Inclusive", [("Refund", "11.50", "OUTPUT2", "1.50")]),
        (INSIDE, amount_of("11.50"), "11.50", "1.50", "Inclusive", [("Refund", "11.50", "OUTPUT2", "1.50")]),
        (ODD, amount_of("10"), "10.00", "0.82", "Inclusive", [("Refund", "10.00", "TAXMIXED", "0.82")]),
        (UNTAXED, order(JAR), "5.00", "0", "Exclusive", [("Jar", "5.00", "NONE", None)]),
        (ON_TOP, order(JAR), "5.75", "0.75", "Exclusive", [("Jar", "5.00", "OUTPUT2", "0.75")]),
        (ON_TOP, order(JAR, Total="5.75"), "5.75", "0.75", "Exclusive", [("Jar", "5.00", "OUTPUT2", "0.75")]),
        (ON_TOP, order(JAR, Total="5.74"), "5.74", "0.74", "Exclusive", [("Jar", "5.00", "OUTPUT2", "0.74")]),
        (INSIDE, order(JAR, Total="5.00"), "5.00", "0.65", "Inclusive", [("Jar", "5.00", "OUTPUT2", "0.65")]),
        (ODD, order(JAR, Total="5.44"), "5.44", "0.44", "Exclusive", [("Jar", "5.00", "TAXMIXED", "0.44")]),
        (SHIPPED, order(JAR), "5.75", "0.75", "Exclusive", [("Jar", "5.00", "OUTPUT2", "0.75")]),
        (
            SHIPPED,
            order(JAR, Shipping="4.00", Total="9.75"),
            *("9.75", "0.75", "Exclusive"),
            [("Jar", "5.00", "OUTPUT2", "0.75"), ("Shipping", "4.00", "NONE", None)],
        ),
        (
            DISCOUNTED,  # a tenth off, so the jar's part of it is 0.50
            order(JAR, Total="5.18"),
            *("5.18", "0.68", "Exclusive"),
            [("Jar", "5.00", "OUTPUT2", "0.76"), ("Discount", "-0.50", "OUTPUT2", "-0.08")],
        ),
        (DISCOUNTED, order(JAR, Total="5.75"), "5.75", "0.75", "Exclusive", [("Jar", "5.00", "OUTPUT2", "0.75")]),
        (
            DISCOUNTED,
            order(JAR, Discount="1.00", Total="4.60"),
            *("4.60", "0.60", "Exclusive"),
            [("Jar", "5.00", "OUTPUT2", "0.75"), ("Discount", "-1.00", "OUTPUT2", "-0.15")],
        ),
    ],
)
def test_a_part_is_credited_with_the_orders_tax(bought, refund, total, tax, types, lines):
    rows = [(text, D(amount), kind, None if part is None else D(part)) for text, amount, kind, part in lines]
    assert told(credit(refund, bought)) == (D(total), D(tax), types, rows)


@pytest.mark.parametrize(
    ("bought", "refund", "sentence"),
    [
        (UNTAXED, order(JAR, Total="6.00"), "the refunded goods of 5.00 make 5.00 with the order's discount and tax;"),
        (UNTAXED, order(JAR, Tax="0.75"), r"make 5\.00 .* the refund states tax 0\.75"),
        # A cent is rounding, two cents are another tax.
        (ON_TOP, order(JAR, Total="5.73"), r"make 5\.75 .* states total 5\.73"),
        (ON_TOP, order(JAR, Total="5.73", Tax="0.75"), r"make 5\.75 .* states total 5\.73 and tax 0\.75"),
        (ON_TOP, order(JAR, Tax="0.77"), r"make 5\.75 .* states tax 0\.77"),
        (ON_TOP, order(JAR, Total="5.00"), r"make 5\.75 .* states total 5\.00"),
        (INSIDE, order(JAR, Total="5.75"), r"make 5\.00 .* states total 5\.75"),
        (DISCOUNTED, order(JAR), "the order had a discount of 2.50, and the refund of goods of 5.00 does not say"),
        (DISCOUNTED, order(JAR, Total="5.00"), "make 5.18 or 5.75"),
        (SHIPPED, amount_of("5.00"), "the refund of 5.00 states no products, and its order is taxed in part"),
        (UNTAXED, {"Total": 0}, "comes to 0.00"),
    ],
)
def test_what_does_not_agree_waits_with_the_sums(bought, refund, sentence):
    with pytest.raises(ParkedError, match=sentence):
        credit(refund, bought)


def test_an_order_that_is_parked_itself_lets_its_refund_wait():
    with pytest.raises(ParkedError, match=r"the sums disagree: goods 25\.00"):
        credit({}, order(MUGS, JAR, Total="26.00"))


@pytest.mark.parametrize("refund", [{"LineItems": "x"}, {"LineItems": ["x"]}, {"Total": "many"}])
def test_what_cannot_be_read_is_an_error(refund):
    with pytest.raises(PermanentError):
        credit(refund)


def test_an_amount_without_an_account_waits_for_its_row():
    with pytest.raises(ParkedError, match=r"tables/accounts.yaml has no row 'refund'"):
        credit({"Total": 5, "AccountCode": {"@lookup": {"table": "accounts", "key": "refund"}}}, UNTAXED, tables())


def test_a_credited_line_has_no_discount_of_its_own_and_moves_no_stock():
    bought = order(product(D("10.00"), 3, DiscountRate=10, ItemCode="MUG"), Total="27.00")
    (line,) = credit({}, bought).items
    assert line == {
        "Description": "Mug",
        "Quantity": D(1),
        "UnitAmount": D("27.00"),
        "AccountCode": "200",
        "TaxType": "NONE",
    }


def test_refunds_that_wait_themselves_credit_nothing():
    several = [{"Total": 5}, order(JAR, Total="6.00"), {"Total": "many"}, order(MUGS)]
    facts = [{**one, "AccountCode": "200"} for one in several]
    assert list(refunds.list_credits(facts, refunds.SoldOrder.of(UNTAXED, TABLES))) == [D("5.00"), D("20.00")]


def test_every_key_has_a_place_of_its_own_without_brackets():
    assert refunds.name_slot("1001-R-a].b") != refunds.name_slot("1001-R-a")
    assert refunds.name_slot("1001-R-a].b").isalnum()
