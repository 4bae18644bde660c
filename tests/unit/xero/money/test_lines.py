"""Lines: the order's products, discount and shipping as Xero's lines, checked against its sums to the cent."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from segxero.errors import ParkedError, PermanentError, SegxeroError
from segxero.jsontext import loads
from segxero.xero.money.amounts import ZERO, cents
from segxero.xero.money.lines import line_amount, make_lines
from tests.support.segment.orders import TABLES, order, product, tables

D = Decimal


def line(description, quantity, price, account, tax_type, tax=None):
    made = {
        "Description": description,
        "Quantity": D(quantity),
        "UnitAmount": D(price),
        "AccountCode": account,
        "TaxType": tax_type,
    }
    return made if tax is None else {**made, "TaxAmount": D(tax)}


def test_the_order_of_segments_specification_comes_to_27_50():
    # Its tax of 2 on 25.50 is no rate of ours, so it stands line by line.
    fields = order(
        product(19, 1, Description="Monopoly"),
        product(3, 2, Description="Uno"),
        Shipping=3,
        Discount="2.5",
        Tax=2,
        Total="27.50",
    )
    made = make_lines(fields, TABLES)
    assert made.items == [
        line("Monopoly", 1, 19, "200", "TAXMIXED", "1.49"),
        line("Uno", 2, 3, "200", "TAXMIXED", "0.47"),
        line("Discount", 1, "-2.50", "290", "TAXMIXED", "-0.20"),
        line("Shipping", 1, "3.00", "260", "TAXMIXED", "0.24"),
    ]
    assert (made.amount_types, made.total) == ("Exclusive", D("27.50"))


def test_prices_that_contain_the_tax_make_an_inclusive_invoice():
    made = make_lines(order(product("11.50", 2), Tax="3.00", Total="23.00"), TABLES)
    assert made.items == [line("Mug", 2, "11.5", "200", "OUTPUT2", "3.00")]
    assert (made.amount_types, made.total) == ("Inclusive", D("23.00"))


def test_prices_without_the_tax_make_an_exclusive_invoice():
    made = make_lines(order(product("10.00", 2), Tax="3.00", Total="23.00"), TABLES)
    assert made.items == [line("Mug", 2, 10, "200", "OUTPUT2", "3.00")]
    assert (made.amount_types, made.total) == ("Exclusive", D("23.00"))


def test_an_untaxed_order_has_the_type_for_untaxed_lines():
    made = make_lines(order(product("10.00", 2), Tax=0, Total=20), TABLES)
    assert made.items == [line("Mug", 2, 10, "200", "NONE")]
    assert (made.amount_types, made.total) == ("Exclusive", D(20))


def test_a_total_left_out_is_made_from_the_parts():
    made = make_lines(order(product("10.00", 2), Tax="3.00", Shipping=0), TABLES)
    assert made.total == D("23.00")


def test_a_discount_may_be_sent_as_a_negative_number():
    fields = order(product("10.00"), Discount="-1.00", Tax=0, Total="9.00")
    assert make_lines(fields, TABLES).items[1] == line("Discount", 1, "-1.00", "290", "NONE")


@pytest.mark.parametrize(
    ("price", "quantity", "sent"),
    [
        ("19.90", "2", (2, "19.9")),
        (loads("0.30000000000000004"), 1, (1, "0.3")),
        (loads("19.989999999999998"), 1, (1, "19.99")),
        ("1.2345", 100, (100, "1.2345")),
        (D("1E+2"), D("1E+1"), (10, 100)),
        (0, 1, (1, 0)),
        ("10", D("0.5"), ("0.5", 10)),
        ("10", None, (1, 10)),
        ("-4.00", 1, (1, -4)),
    ],
)
def test_a_price_keeps_four_decimals_and_loses_the_noise_of_floats(price, quantity, sent):
    fields = order(product(D(price), quantity), product("100.00"), Tax=0)
    item = make_lines(fields, TABLES).items[0]
    assert (item["Quantity"], item["UnitAmount"]) == (D(sent[0]), D(sent[1]))
    assert "E" not in f"{item['Quantity']}{item['UnitAmount']}"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            order(product("10.00", 2), Shipping="3.00", Discount="1.00", Tax="2.00", Total="25.00"),
            (
                "the sums disagree: goods 20.00 - discount 1.00 + shipping 3.00 make 24.00 with the tax of 2.00 on top"
                " and 22.00 with it inside; the order's total is 25.00"
            ),
        ),
        (
            order(product("10.00", 2), Total="23.00"),
            "the sums disagree: goods 20.00 - discount 0 + shipping 0 make 20.00; the order's total is 23.00",
        ),
        (
            order(product("10.00"), Tax="0.00", Total="10.01"),
            (
                "the sums disagree: goods 10.00 - discount 0 + shipping 0 make 10.00; the order's total is 10.01;"
                " the policy cent_off can round it"
            ),
        ),
        (
            order(product("10.00")),
            "the order states neither total nor tax, only parts of 10.00: its tax cannot be told",
        ),
        (
            order(Total=0, Tax=0),
            "the order has no products, so there is nothing to invoice; send it with products[]",
        ),
        (order(product(None), Total=0), "product 1 has no price"),
        (order(product(1), product(""), Total=1), "product 2 has no price"),
    ],
)
def test_an_order_that_does_not_add_up_waits_with_its_sums(fields, sentence):
    with pytest.raises(ParkedError) as caught:
        make_lines(fields, TABLES)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("fields", "row", "sentence"),
    [
        (
            order(product(1, AccountCode={"@lookup": {"table": "accounts", "key": "Games"}}), Tax=0, Total=1),
            "",
            "tables/accounts.yaml has no row 'Games'; add it with an account code",
        ),
        (
            order(product(1), Shipping=1, Tax=0, Total=2),
            "accounts.shipping",
            "tables/accounts.yaml has no row 'shipping'; add it with an account code",
        ),
        (
            order(product(2), Discount=1, Tax=0, Total=1),
            "accounts.discount",
            "tables/accounts.yaml has no row 'discount'; add it with an account code",
        ),
        (
            order(product(1), Tax=0, Total=1),
            "tax_types.0",
            "tables/tax_rows.yaml has no row at 0 % for sales at home; add it",
        ),
        (
            order(product(1, AccountCode=None), Tax=0, Total=1),
            "",
            "a line has no account code; add one to the mapping or to tables/accounts.yaml",
        ),
    ],
)
def test_a_missing_row_of_a_table_is_named(fields, row, sentence):
    with pytest.raises(ParkedError) as caught:
        make_lines(fields, tables(without=row))
    assert str(caught.value) == sentence


def test_a_row_added_later_serves_the_waiting_order():
    fields = order(product(1, AccountCode={"@lookup": {"table": "accounts", "key": 7}}), Tax=0, Total=1)
    with_row = {**TABLES, "accounts": {**TABLES["accounts"], "7": 210}}
    assert make_lines(fields, with_row).items[0]["AccountCode"] == "210"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        (order(product("abc"), Total=1), "UnitAmount of product 1"),
        (order(product(1, "many"), Total=1), "Quantity of product 1"),
        (order(product(1), Tax="NaN", Total=1), "Tax"),
        (order(product(1), Total="Infinity"), "Total"),
        (order(product(1), Shipping=[3], Total=1), "Shipping"),
        (order(product(1), Discount=True, Total=1), "Discount"),
        (order("mug", Total=1), "product 1 is not an object"),
        ({"LineItems": "mug", "Total": 1}, "products should be a list"),
        ({"LineItems": {"name": "mug"}, "Total": 1}, "products should be a list"),
        ({"LineItems": 7, "Total": 1}, "products should be a list"),
        ({"LineItems": True, "Total": 1}, "products should be a list"),
    ],
)
def test_what_is_no_amount_or_no_product_is_a_fault_of_the_event(fields, named):
    with pytest.raises(PermanentError, match=f"^{named}"):
        make_lines(fields, TABLES)


def test_a_line_larger_than_xero_takes_is_refused():
    fields = order(product("9999999999.99", 10), product("-9999999999.99", 1), Tax="1.23", Total="1.23")
    with pytest.raises(PermanentError, match=r"product 1 makes 99999999999.90, more than Xero takes in a line"):
        make_lines(fields, TABLES)


def test_a_currency_without_cents_keeps_whole_amounts():
    made = make_lines(order(product(333), Tax=33, Total=366), TABLES)
    assert made.items == [line("Mug", 1, 333, "200", "TAXMIXED", 33)]
    assert made.total == 366


def test_a_discount_of_a_line_is_part_of_what_it_comes_to():
    products = [product(20, 12, DiscountRate=10), product("3.33", 3, DiscountAmount="0.99")]
    made = make_lines(order(*products, Tax=0, Total="225.00"), TABLES)
    assert [line_amount(item) for item in made.items] == [D("216.00"), D("9.00")]
    assert (made.items[0]["DiscountRate"], made.items[1]["DiscountAmount"]) == (D(10), D("0.99"))
    assert "DiscountAmount" not in made.items[0]


@pytest.mark.parametrize("none", [0, "", None])
def test_no_discount_of_a_line_is_not_sent(none):
    made = make_lines(order(product(20, 1, DiscountRate=none, DiscountAmount=none), Tax=0, Total=20), TABLES)
    assert made.items[0].keys() & {"DiscountRate", "DiscountAmount"} == set()


def test_a_line_with_two_kinds_of_discount_is_refused():
    with pytest.raises(PermanentError, match="product 1 has DiscountRate and DiscountAmount; Xero takes one of them"):
        make_lines(order(product(20, 1, DiscountRate=5, DiscountAmount=1), Tax=0, Total=18), TABLES)


def test_what_the_mapping_adds_to_a_line_stays():
    made = make_lines(order(product(1, ItemCode="MUG"), Tax=0, Total=1), TABLES)
    assert made.items[0]["ItemCode"] == "MUG"


def test_a_description_is_never_empty_nor_longer_than_4000():
    made = make_lines(order(product(1, Description=""), product(1, Description="x" * 5000), Tax=0, Total=2), TABLES)
    assert [item["Description"] for item in made.items] == ["Product 1", "x" * 4000]


prices = st.decimals(min_value=0, max_value=9999, places=2)
products = st.lists(st.builds(product, prices, st.integers(min_value=1, max_value=20)), min_size=1, max_size=6)


def xero_total(made):
    """What Xero comes to: lines rounded to cents, and the tax of a line as stated or at the rate of its type."""
    rates = {"NONE": ZERO, "OUTPUT": D("0.10"), "OUTPUT2": D("0.15")}
    total = ZERO
    for item in made.items:
        value = line_amount(item)
        total += value
        if made.amount_types == "Exclusive":
            total += item["TaxAmount"] if "TaxAmount" in item else cents(value * rates[item["TaxType"]])
    return total


@given(
    products=products,
    shipping=st.decimals(min_value=0, max_value=50, places=2),
    discount=st.decimals(min_value=0, max_value=30, places=2),
    tax=st.decimals(min_value=0, max_value=500, places=2),
    inclusive=st.booleans(),
)
def test_to_the_cent_whatever_order_adds_up_comes_to_its_total_in_xero(products, shipping, discount, tax, inclusive):
    net = sum((line_amount(item) for item in products), ZERO) - discount + shipping
    total = net if inclusive else net + tax
    try:
        made = make_lines(order(*products, Shipping=shipping, Discount=discount, Tax=tax, Total=total), TABLES)
    except SegxeroError as error:
        pytest.fail(f"an order that adds up was refused: {error}")
    assert xero_total(made) == made.total == total


@given(
    products=products,
    rate=st.sampled_from(["0.10", "0.15"]),
    shipping=st.decimals(min_value=0, max_value=50, places=2),
    by_line=st.booleans(),
    shipping_taxed=st.booleans(),
)
def test_to_the_cent_a_shop_at_a_known_rate_needs_no_row_otherwise(products, rate, shipping, by_line, shipping_taxed):
    amounts = [line_amount(item) for item in products] + ([shipping] if shipping and shipping_taxed else [])
    share = D(rate)
    tax = sum((cents(value * share) for value in amounts), ZERO) if by_line else cents(sum(amounts, ZERO) * share)
    assume(tax > 1)  # on a few cents, two rates come to the same
    total = sum((line_amount(item) for item in products), ZERO) + shipping + tax
    made = make_lines(order(*products, Shipping=shipping, Tax=tax, Total=total), tables(without="tax_types.inherited"))
    assert xero_total(made) == made.total == total


@given(products=products, wrong=st.decimals(min_value=D("0.01"), max_value=10, places=2))
def test_to_the_cent_no_order_that_disagrees_is_ever_sent(products, wrong):
    net = sum((line_amount(item) for item in products), ZERO)
    with pytest.raises(ParkedError, match="the sums disagree"):
        make_lines(order(*products, Tax=0, Total=net + wrong), TABLES)


@given(
    products=products,
    tax=st.decimals(min_value=0, max_value=500, places=2),
    off=st.integers(min_value=-2, max_value=2),
    inclusive=st.booleans(),
)
def test_to_the_cent_an_order_a_cent_or_two_off_comes_to_its_total_where_a_row_for_rounding_says_so(
    products, tax, off, inclusive
):
    net = sum((line_amount(item) for item in products), ZERO)
    total = (net if inclusive else net + tax) + D(off) / 100
    rounds = {**TABLES, "accounts": {**TABLES["accounts"], "rounding": "860"}}
    made = make_lines(order(*products, Tax=tax, Total=total), rounds)
    assert xero_total(made) == made.total == total
    assert abs(made.rounding) <= abs(D(off)) / 100
    assert len(made.sold) == len(products)
    assert [item["Description"] for item in made.items[len(products) :]] == ["Rounding"] * bool(made.rounding)
