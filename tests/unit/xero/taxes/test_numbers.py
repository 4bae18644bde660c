"""Amounts as shops write them."""

from decimal import Decimal

import pytest

from segxero.errors import PermanentError
from segxero.xero.taxes.numbers import read_amount, read_rates


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234.50", "1234.50"),
        ("2,310.00", "2310.00"),
        ("1,234,567", "1234567"),
        ("1.234,50", "1234.50"),
        ("12,50", "12.50"),
        ("1 234.50", "1234.50"),
        (" 7 ", "7"),
        ("-1,234.50", "-1234.50"),
    ],
)
def test_a_text_that_can_mean_one_number_only_is_read(text, number):
    assert read_amount(text, "Total") == Decimal(number)


@pytest.mark.parametrize("text", ["1,234", "1_000", "$5", "5 NZD", "1,23,45.00", "NaN", True, "1e99"])
def test_anything_else_is_refused_with_the_fields_name(text):
    with pytest.raises(PermanentError, match=r"^Total should be an amount, not "):
        read_amount(text, "Total")


@pytest.mark.parametrize("nothing", [None, ""], ids=["null", "empty"])
def test_nothing_is_no_amount(nothing):
    assert read_amount(nothing, "Total") is None
    assert read_rates(nothing, "TaxRate") == ()


@pytest.mark.parametrize(
    ("value", "rates"),
    [("15%", ["15"]), (15, ["15"]), ("0.15", ["15", "0.15"]), ("0.15%", ["0.15"]), (0, ["0"]), ("14.975", ["14.975"])],
)
def test_t20_a_rate_below_1_may_be_a_fraction_or_a_percentage(value, rates):
    assert list(map(str, read_rates(value, "TaxRate"))) == rates
