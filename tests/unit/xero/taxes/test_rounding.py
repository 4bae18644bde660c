"""Rounding to the cent: T9, T10."""

from decimal import Decimal
from fractions import Fraction

import pytest

from segxero.errors import ParkedError
from segxero.xero.taxes.decision import decide
from segxero.xero.taxes.rounding import find_quantum, round_exact, share_out, spread
from tests.support.segment.taxed_orders import booked, home, line, order, setup_of, spelled

CENT = Decimal("0.01")


@pytest.mark.parametrize(("tax", "parts"), [("1.04", ["0.35", "0.35", "0.34"]), ("1.05", ["0.35", "0.35", "0.35"])])
def test_t9_the_stated_tax_decides_the_cents(tax, parts):
    assert list(map(str, spread(Decimal(tax), [Fraction(345, 1000)] * 3, CENT))) == parts


@pytest.mark.parametrize(("tax", "total"), [("11.44", "87.74"), ("11.45", "87.75")])
def test_t9_rounding_by_line_and_by_order_are_both_read(tax, total):
    # The example of Xero's guide: 3.76 + 3.84 + 3.84 by line, 11.45 in one sum.
    lines = line("a", "25.06"), line("b", "25.61"), line("c", "25.63")
    taxed = decide(order(*lines, Tax=tax, Total=total, **home("NZ")), setup_of("NZ", sells=("standard",)))
    assert str(taxed.tax) == tax
    spelled(taxed)


def test_t9_ties_go_to_the_earlier_line():
    assert list(map(str, spread(Decimal("0.01"), [Fraction(5, 1000)] * 2, CENT))) == ["0.01", "0.00"]


@pytest.mark.parametrize(("value", "rounded"), [("0.005", "0.01"), ("-0.005", "-0.01"), ("0.0049", "0.00")])
def test_t9_half_a_cent_is_rounded_away_from_zero(value, rounded):
    assert round_exact(Fraction(value), CENT) == Decimal(rounded)


def test_t9_yen_have_no_cents():
    assert find_quantum("JPY") == 1
    fields = order(line("mug", "4103"), Tax="615", Total="4718", CurrencyCode="JPY", **home("NZ"))
    assert decide(fields, setup_of("NZ", sells=("standard",))).tax == 615


def test_t10_tax_inside_with_a_discount_on_goods():
    fields = order(line("goods", "92.00"), Shipping="11.50", Discount="11.50", Tax="12.00", Total="92.00", **home("NZ"))
    assert booked(fields, setup_of("NZ", sells=("standard", "zero_rated"))) == [
        "goods 92.00 OUTPUT2 12.00 200",
        "Shipping 11.50 OUTPUT2 1.50 260",
        "Discount -11.50 OUTPUT2 -1.50 205",
    ]


def test_shares_are_exact_to_the_cent():
    assert list(map(str, share_out(Decimal("10.00"), [Decimal(40), Decimal(60)], CENT))) == ["4.00", "6.00"]
    assert sum(share_out(Decimal("0.10"), [Decimal(1)] * 3, CENT)) == Decimal("0.10")


def test_rounding_errors_name_the_order():
    fields = order(line("mug", "80.00"), Tax="12.02", Total="92.02", **home("NZ"))
    with pytest.raises(ParkedError, match=r"None of your tax rates makes 12\.02; the nearest makes 12\.00, 0\.02 less"):
        decide(fields, setup_of("NZ"))
