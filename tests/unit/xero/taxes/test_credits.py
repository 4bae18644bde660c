"""Credits inherit the types and taxes of the lines that they take back: T18, L7, L8, G6, G25."""

from decimal import Decimal

import pytest

from segxero.errors import ParkedError
from segxero.xero.taxes.credits import WantedCredit, WantedProduct, credit_lines
from segxero.xero.taxes.decision import decide
from tests.support.segment.taxed_orders import home, line, order, setup_of, spelled

NZ = setup_of("NZ", sells=("standard", "zero_rated"))
GB = setup_of("GB", sells=("standard", "zero_rated"))


def invoice(*lines, setup=NZ, **fields):
    return decide(order(*lines, **fields, **home(setup.country)), setup)


def wanted(*products, **fields):
    money = {name: Decimal(value) if isinstance(value, str) else value for name, value in fields.items()}
    return WantedCredit(order="1001", currency="NZD", products=products, **money)


def mugs(quantity):
    return WantedProduct(sku="mug", quantity=Decimal(quantity))


TOY_AND_BOOK = invoice(
    line("toy", "36.00", TaxAmount="6.00"), line("book", "15.00"), Tax="6.00", Total="51.00", setup=GB
)
TWO_MUGS = invoice(line("mug", "50.00", 2), Tax="15.00", Total="115.00")


def test_t18_an_amount_is_spread_over_accounts_and_types_to_the_cent():
    credit = credit_lines(TOY_AND_BOOK, [], wanted(total="17.00"))
    assert spelled(credit) == ["Refund 12.00 OUTPUT2 2.00 200", "Refund 5.00 ZERORATEDOUTPUT 0.00 200"]


def test_t18_a_rest_is_credited_to_the_cent_after_any_number_of_credits():
    already = []
    for amount in ("17.00", "0.01", "11.11"):
        already.append(credit_lines(TOY_AND_BOOK, already, wanted(total=amount)))
    already.append(credit_lines(TOY_AND_BOOK, already, wanted()))
    assert sum(credit.total for credit in already) == Decimal("51.00")
    for tax_type, tax in (("OUTPUT2", "6.00"), ("ZERORATEDOUTPUT", "0.00")):
        lines = [one for credit in already for one in credit.lines if one.tax_type == tax_type]
        assert sum(one.tax for one in lines) == Decimal(tax)


def test_t19_a_credit_of_an_old_order_keeps_the_old_rate():
    sg = setup_of("SG", sells=("standard",))
    old = decide(order(line("mug", "100.00"), Tax="8.00", Total="108.00", **home("SG")) | {"Date": "2023-12-30"}, sg)
    assert spelled(credit_lines(old, [], wanted())) == ["mug 100.00 OUTPUTY23 8.00 200"]


def test_l7a_products_come_back_with_their_share_of_discount_and_tax():
    sold = invoice(line("mug", "40.00", 2, Discount=8), Tax="10.80", Total="82.80")
    credit = credit_lines(sold, [], wanted(mugs(1)))
    assert spelled(credit) == ["mug 40.00 OUTPUT2 6.00 200", "Discount -4.00 OUTPUT2 -0.60 205"]
    rest = credit_lines(sold, [credit], wanted())
    assert credit.total + rest.total == sold.total
    assert spelled(rest) == ["mug 40.00 OUTPUT2 6.00 200", "Discount -4.00 OUTPUT2 -0.60 205"]


def test_l7b_an_amount_of_an_order_of_one_type_is_one_line():
    assert spelled(credit_lines(TWO_MUGS, [], wanted(total="57.50"))) == ["Refund 50.00 OUTPUT2 7.50 200"]


def test_l7c_products_and_amount_that_agree():
    assert spelled(credit_lines(TWO_MUGS, [], wanted(mugs(1), total="57.50"))) == ["mug 50.00 OUTPUT2 7.50 200"]


def test_l7c_a_restocking_fee_is_kept_with_its_tax():
    sold = invoice(line("mug", "80.00", 2), Tax="24.00", Total="184.00")
    kept = {"restocking_fee": Decimal("18.40")}
    credit = credit_lines(sold, [], wanted(mugs(1), total="73.60", kept=kept, kept_accounts={"restocking_fee": "264"}))
    assert spelled(credit) == ["mug 80.00 OUTPUT2 12.00 200", "Restocking fee -16.00 OUTPUT2 -2.40 264"]
    assert str(credit.total) == "73.60"


def test_l7c_a_difference_without_a_name_waits():
    sold = invoice(line("mug", "80.00", 2), Tax="24.00", Total="184.00")
    with pytest.raises(ParkedError) as caught:
        credit_lines(sold, [], wanted(mugs(1), total="73.60"))
    assert str(caught.value) == (
        "The refund of order 1001: The goods make 92.00; 73.60 was given back. Is 18.40 a restocking fee, or a lower"
        " price for the goods?"
    )
    assert (caught.value.kind, str(caught.value.amount)) == ("refund_unclear", "73.60")


def test_l7d_shipping_is_given_back_only_if_it_is_stated_or_everything_is():
    sold = invoice(line("mug", "50.00", 2), Shipping="10.00", Tax="16.50", Total="126.50")
    assert credit_lines(sold, [], wanted(mugs(2))).total == 115
    assert credit_lines(sold, [], wanted(mugs(1), total="69.00", shipping="10.00")).total == 69
    assert credit_lines(sold, [], wanted(mugs(1), total="69.00", shipping="11.50")).total == 69
    assert str(credit_lines(sold, [], wanted(mugs(2), total="126.50")).total) == "126.50"


def test_l7e_products_that_repeat_the_order_beside_a_smaller_total_are_an_amount():
    assert spelled(credit_lines(TWO_MUGS, [], wanted(mugs(2), total="57.50"))) == ["Refund 50.00 OUTPUT2 7.50 200"]


def test_l7e_but_not_with_two_types():
    products = WantedProduct(sku="toy", quantity=Decimal(1)), WantedProduct(sku="book", quantity=Decimal(1))
    with pytest.raises(ParkedError, match=r"The goods make 51\.00; 17\.00 was given back"):
        credit_lines(TOY_AND_BOOK, [], wanted(*products, total="17.00"))


def test_a_refund_that_states_nothing_is_of_everything_that_is_left():
    first = credit_lines(TWO_MUGS, [], wanted(mugs(1)))
    assert spelled(credit_lines(TWO_MUGS, [first], wanted())) == ["mug 50.00 OUTPUT2 7.50 200"]


def test_l8_more_than_is_left_waits():
    first = credit_lines(TWO_MUGS, [], wanted(total="57.50"))
    with pytest.raises(ParkedError, match=r"60\.00 is given back, and only 57\.50 of it is left to credit"):
        credit_lines(TWO_MUGS, [first], wanted(total="60.00"))
    with pytest.raises(ParkedError, match="3 of mug come back, and 2 are left to credit"):
        credit_lines(TWO_MUGS, [], wanted(mugs(3)))


def test_g6_a_gift_card_comes_back_on_its_liability():
    sold = invoice(line("card", "50.00", GiftCard=True), line("mug", "50.00"), Tax="7.50", Total="107.50")
    credit = credit_lines(sold, [], wanted(WantedProduct(sku="card", quantity=Decimal(1))))
    assert spelled(credit) == ["card 50.00 NONE 0.00 825"]


def test_g25_a_full_credit_mirrors_its_invoice():
    sold = invoice(line("mug", "40.00"), Discount="4.00", Tax="5.40", Total="41.40")
    assert spelled(credit_lines(sold, [], wanted())) == spelled(sold)


NEW_YORK = {"Country": "US", "Region": "NY"}
US = setup_of("US")


def test_l7a_products_come_back_with_their_share_of_a_tax_that_is_a_line_of_its_own():
    fields = order(line("mug", "40.00", 2), Shipping="8.00", Tax="7.81", Total="95.81", ShipTo=NEW_YORK)
    sold = decide(fields, US)
    credit = credit_lines(sold, [], wanted(mugs(1)))
    # 7.81 x 40 / 88 = 3.55
    assert spelled(credit) == ["mug 40.00 NONE 0.00 200", "Sales tax NY 3.55 NONE 0.00 832"]
    rest = credit_lines(sold, [credit], wanted())
    assert spelled(rest) == [
        "mug 40.00 NONE 0.00 200",
        "Shipping 8.00 NONE 0.00 260",
        "Sales tax NY 4.26 NONE 0.00 832",
    ]
    assert spelled(credit_lines(sold, [], wanted(mugs(1), total="43.56")))[1] == "Sales tax NY 3.56 NONE 0.00 832"
    assert credit_lines(sold, [], wanted(mugs(1), shipping="8.00")).total == Decimal("52.26")


def test_l7a_a_tax_that_a_product_states_comes_back_with_that_product_alone():
    book, toy = line("book", "30.00", TaxAmount="0.00"), line("toy", "10.00", TaxAmount="1.00")
    sold = decide(order(book, toy, Tax="1.00", Total="41.00", ShipTo=NEW_YORK), US)
    assert spelled(credit_lines(sold, [], wanted(WantedProduct(sku="book")))) == ["book 30.00 NONE 0.00 200"]
    assert spelled(credit_lines(sold, [], wanted(WantedProduct(sku="toy"), total="11.00"))) == [
        "toy 10.00 NONE 0.00 200",
        "Sales tax NY 1.00 NONE 0.00 832",
    ]


def test_t18_each_component_of_a_tax_comes_back_in_its_proportion():
    taxes = [{"title": "State", "rate": "4%", "price": "3.20"}, {"title": "City", "rate": "4.5%", "price": "3.60"}]
    fields = order(line("mug", "40.00", 2), Tax="6.80", TaxLines=taxes, Total="86.80", ShipTo=NEW_YORK)
    assert spelled(credit_lines(decide(fields, US), [], wanted(mugs(1))))[1:] == [
        "State 4 % 1.60 NONE 0.00 832",
        "City 4.5 % 1.80 NONE 0.00 832",
    ]
