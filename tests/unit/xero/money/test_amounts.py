"""Amounts: what counts as one, how it is rounded, and how a sum is shared out."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segxero.errors import PermanentError
from segxero.jsontext import loads
from segxero.xero.money.amounts import LARGEST, amount, cents, share

D = Decimal


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, D(0)),
        (3, D(3)),
        (-7, D(-7)),
        (D("27.50"), D("27.50")),
        ("27.50", D("27.50")),
        ("0027", D(27)),
        (" 12.5 ", D("12.5")),
        ("-0.01", D("-0.01")),
        ("1e2", D(100)),
        (loads("0.30000000000000004"), D("0.30000000000000004")),
        (LARGEST, LARGEST),
        (None, None),
        ("", None),
    ],
)
def test_numbers_and_text_that_is_one_are_amounts(value, expected):
    assert amount(value, "Total") == expected


@pytest.mark.parametrize(
    "value",
    [
        True,
        False,
        0.1,
        "abc",
        "12,50",
        "1.234,50",
        "1_000",
        "$12",
        " ",
        "NaN",
        "sNaN",
        "Infinity",
        "-Infinity",
        D("NaN"),
        D("Infinity"),
        [1],
        {"amount": 1},
        LARGEST + D("0.01"),
        -LARGEST - 1,
        "1e400",
        10**40,
    ],
)
def test_anything_else_is_refused_by_name(value):
    with pytest.raises(PermanentError, match=r"^Total should be an amount, not .*; correct the event and replay it$"):
        amount(value, "Total")


def test_a_refusal_shows_no_more_than_40_characters_of_the_value():
    with pytest.raises(PermanentError) as caught:
        amount("x" * 5000, "Tax")
    assert str(caught.value) == f"Tax should be an amount, not '{'x' * 40}'; correct the event and replay it"


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        ("0.005", "0.01"),
        ("0.015", "0.02"),
        ("0.025", "0.03"),
        ("-0.005", "-0.01"),
        ("-0.025", "-0.03"),
        ("0.004999", "0.00"),
        ("2.675", "2.68"),
        ("0.30000000000000004", "0.30"),
        ("1e-300", "0.00"),
        ("9999999999.994", "9999999999.99"),
    ],
)
def test_a_half_cent_is_rounded_away_from_zero(value, rounded):
    assert cents(D(value)) == D(rounded)
    assert cents(D(value)).as_tuple().exponent == -2


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        ("10.00", ["1", "1", "1"], ["3.34", "3.33", "3.33"]),
        ("0.01", ["5", "7"], ["0.00", "0.01"]),
        ("2.00", ["19.00", "6.00", "-2.50", "3.00"], ["1.49", "0.47", "-0.20", "0.24"]),
        ("-0.05", ["1", "1"], ["-0.02", "-0.03"]),
        ("5.00", ["0", "0"], ["5.00", "0"]),
        ("0.00", ["3", "4"], ["0.00", "0.00"]),
        ("7.77", ["9.99"], ["7.77"]),
    ],
)
def test_shares_add_up_and_the_largest_takes_the_rest(total, weights, parts):
    made = share(D(total), [D(weight) for weight in weights])
    assert sum(made) == D(total)
    assert made == [D(part) for part in parts]


money = st.decimals(min_value=-100_000, max_value=100_000, places=2)


@given(total=money, weights=st.lists(money, min_size=1, max_size=12))
def test_shares_always_add_up_to_the_cent(total, weights):
    parts = share(total, weights)
    assert sum(parts) == total
    assert len(parts) == len(weights)
    assert all(part == cents(part) for part in parts)


@given(total=st.decimals(min_value=0, max_value=1000, places=2), weights=st.lists(st.just(D("3.00")), min_size=1))
def test_equal_weights_get_equal_shares_but_for_the_rest(total, weights):
    parts = share(total, weights)
    assert len({*parts[1:]}) <= 1
