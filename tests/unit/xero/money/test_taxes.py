"""Taxes: which rate makes the order's tax, to the cent, and what happens when none does."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segxero.errors import ParkedError
from segxero.xero.money.amounts import ZERO, cents
from segxero.xero.money.taxes import LineTax, tell

D = Decimal
TABLE = {"0": "NONE", "10": "OUTPUT", "15": "OUTPUT2", "inherited": "TAXMIXED"}


def told(tax, amounts, shipping=None, table=TABLE, *, inclusive=False):
    return tell(D(tax), [D(value) for value in amounts], shipping, table, inclusive=inclusive)


def untaxed(count):
    return [LineTax(tax_type="NONE")] * count


def mixed(*amounts, tax_type="TAXMIXED"):
    return [LineTax(tax_type=tax_type, amount=D(value)) for value in amounts]


@pytest.mark.parametrize(
    ("tax", "amounts", "inclusive", "expected"),
    [
        ("3.00", ["20.00"], False, mixed("3.00", tax_type="OUTPUT2")),
        ("2.00", ["20.00"], False, mixed("2.00", tax_type="OUTPUT")),
        ("2.61", ["20.00"], True, mixed("2.61", tax_type="OUTPUT2")),  # 20.00 - 20.00 / 1.15
        ("1.82", ["20.00"], True, mixed("1.82", tax_type="OUTPUT")),  # 20.00 - 20.00 / 1.10
        ("3.75", ["19.00", "6.00"], False, mixed("2.85", "0.90", tax_type="OUTPUT2")),
        # A discount lowers the tax: 15 % of 25.00 - 2.50 + 3.00.
        ("3.83", ["25.00", "-2.50", "3.00"], False, mixed("3.76", "-0.38", "0.45", tax_type="OUTPUT2")),
        ("0.00", ["19.00", "6.00"], False, untaxed(2)),
        ("0.00", ["19.00"], True, untaxed(1)),
    ],
)
def test_the_rate_that_makes_the_tax_is_taken(tax, amounts, inclusive, expected):
    assert told(tax, amounts, inclusive=inclusive) == expected


def test_tax_rounded_by_line_is_written_as_xero_rounds_it():
    # Three lines of 1.11 at 15 %: 0.17 each, 0.51 together; the whole would be 0.50.
    assert told("0.51", ["1.11"] * 3) == mixed("0.17", "0.17", "0.17", tax_type="OUTPUT2")


def test_tax_rounded_once_for_the_document_is_written_line_by_line():
    made = told("0.50", ["1.11"] * 3)
    assert made == mixed("0.16", "0.17", "0.17", tax_type="OUTPUT2")
    assert sum(line.amount for line in made) == D("0.50")


def test_an_inclusive_document_rounding_is_written_line_by_line():
    # 15 % inside 1.11 is 0.14 (0.1448), three times 0.42; inside 3.33 it is 0.43 (0.4343).
    assert told("0.42", ["1.11"] * 3, inclusive=True) == mixed("0.14", "0.14", "0.14", tax_type="OUTPUT2")
    assert told("0.43", ["1.11"] * 3, inclusive=True) == mixed("0.15", "0.14", "0.14", tax_type="OUTPUT2")


def test_shipping_may_be_untaxed():
    made = told("3.75", ["19.00", "6.00", "3.00"], shipping=2)
    assert made == [*mixed("2.85", "0.90", tax_type="OUTPUT2"), *untaxed(1)]


def test_taxed_shipping_goes_before_untaxed():
    assert told("4.20", ["19.00", "6.00", "3.00"], shipping=2) == mixed("2.85", "0.90", "0.45", tax_type="OUTPUT2")


def test_untaxed_shipping_needs_the_row_for_untaxed_lines():
    table = {"15": "OUTPUT2", "inherited": "TAXMIXED"}
    with pytest.raises(ParkedError, match=r"^tables/tax_rows.yaml has no row at 0 % for sales at home; add it$"):
        told("3.75", ["19.00", "6.00", "3.00"], 2, table)


def test_a_tax_at_no_known_rate_is_written_to_the_cent_under_the_inherited_type():
    assert told("2.00", ["19.00", "6.00", "-2.50", "3.00"]) == mixed("1.49", "0.47", "-0.20", "0.24")


def test_without_an_inherited_type_the_order_waits_with_its_tax():
    table = {"0": "NONE", "15": "OUTPUT2"}
    with pytest.raises(ParkedError) as caught:
        told("2.00", ["25.50"], table=table)
    assert str(caught.value) == (
        "no rate in tables/tax_rows.yaml makes the tax 2.00 of this order; add the row of its rate (policy tax_unknown)"
    )


def test_an_untaxed_order_without_a_row_for_it_waits():
    with pytest.raises(ParkedError, match="no row at 0 %"):
        told("0.00", ["25.50"], table={"15": "OUTPUT2", "inherited": "TAXMIXED"})


def test_an_empty_table_parks_every_order():
    for tax in ("0.00", "3.00"):
        with pytest.raises(ParkedError):
            told(tax, ["20.00"], table={})


def test_two_rates_that_both_make_the_tax_are_not_guessed_between():
    # 10 % and 15 % of 0.08 are both 0.01.
    assert told("0.01", ["0.08"]) == mixed("0.01")
    with pytest.raises(ParkedError, match=r"makes the tax 0.01"):
        told("0.01", ["0.08"], table={"10": "OUTPUT", "15": "OUTPUT2"})


def test_two_rates_under_one_type_are_one():
    assert told("0.01", ["0.08"], table={"10": "OUTPUT", "15": "OUTPUT"}) == mixed("0.01", tax_type="OUTPUT")


def test_the_tax_of_a_refunded_line_is_negative():
    assert told("-3.00", ["-20.00"]) == mixed("-3.00", tax_type="OUTPUT2")


rows = st.lists(st.decimals(min_value=D("0.01"), max_value=5000, places=2), min_size=1, max_size=8)


@given(amounts=rows, rate=st.sampled_from(["10", "15"]), inclusive=st.booleans())
def test_tax_at_a_known_rate_by_line_is_always_told_and_adds_up(amounts, rate, inclusive):
    share = D(rate) / 100
    parts = [cents(value - value / (1 + share)) if inclusive else cents(value * share) for value in amounts]
    made = tell(sum(parts, ZERO), amounts, None, TABLE, inclusive=inclusive)
    assert sum((line.amount or ZERO for line in made), ZERO) == sum(parts)
    assert {line.tax_type for line in made} <= {TABLE[rate], "TAXMIXED", "NONE"}
