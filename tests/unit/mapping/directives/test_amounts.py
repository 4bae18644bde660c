"""@number and @money: exact sums, and rounding that an accountant would do."""

from decimal import Decimal

import pytest
from babel.core import get_global
from babel.numbers import get_currency_precision
from hypothesis import given
from hypothesis import strategies as st

from segxero.errors import ConfigError, MappingError
from segxero.mapping import UNDEFINED, compile_value
from segxero.mapping.language.directive import DirectiveSettings
from segxero.mapping.values.numbers import DECIMALS, rounded

EVENT = {
    "properties": {
        "total": Decimal("27.50"),
        "discount": Decimal("2.5"),
        "text": " 19.99 ",
        "nothing": None,
        "empty": "",
        "zero": 0,
        "yes": True,
        "list": [1],
        "word": "free",
        "comma": "1,234.50",
        "yen": "jpy",
        "products": [{"price": 19, "quantity": 1}, {"price": "3.005", "quantity": 2}],
        "gaps": [{"price": 19, "quantity": 1}, {"price": 3}],
        "single": {"price": Decimal("1.5"), "quantity": 2},
        "none": [],
    }
}


def calculate(directive, **settings):
    return compile_value(directive, settings=DirectiveSettings(**settings), in_file=True)(EVENT)


LINES = ["$.properties.products", "$.price", "$.quantity"]
RESULTS = [
    ({"@number": {"value": "$.properties.total"}}, "27.50"),
    ({"@number": {"value": "$.properties.text"}}, "19.99"),
    ({"@number": {"value": "$.properties.zero"}}, "0"),
    ({"@number": {"value": "$.properties.total", "plus": 1}}, "28.50"),
    ({"@number": {"value": "$.properties.total", "minus": "$.properties.discount"}}, "25.00"),
    ({"@number": {"value": "$.properties.total", "times": 2}}, "55.00"),
    ({"@number": {"value": 10, "divided_by": 4}}, "2.5"),
    ({"@number": {"value": 10, "divided_by": 3}}, "3.33333333333333333333"),
    ({"@number": {"value": 10, "divided_by": 3, "decimals": 2}}, "3.33"),
    ({"@number": {"value": 1, "plus": [2, "3", {"@path": "$.properties.total"}]}}, "33.50"),
    ({"@number": {"value": 10, "minus": 4, "times": 3}}, "18"),
    ({"@number": {"value": 10, "times": 3, "minus": 4}}, "26"),
    ({"@number": {"value": {"@number": {"value": 1, "plus": 1}}, "times": 5}}, "10"),
    ({"@number": {"value": "2.5", "decimals": 0}}, "3"),
    ({"@number": {"value": "-2.5", "decimals": 0}}, "-3"),
    ({"@number": {"value": "-0.001", "decimals": 2}}, "0.00"),
    ({"@number": {"sum": LINES}}, "25.010"),
    ({"@number": {"sum": ["$.properties.products", "$.quantity"]}}, "3"),
    ({"@number": {"sum": [{"@path": "$.properties.products"}, "$.price"], "times": 2}}, "44.010"),
    ({"@number": {"sum": ["$.properties.gaps", "$.price", {"@first": ["$.quantity", 1]}]}}, "22"),
    ({"@number": {"sum": ["$.properties.single", "$.price", "$.quantity"]}}, "3.0"),
    ({"@number": {"sum": ["$.properties.none", "$.price"]}}, "0"),
    ({"@money": {"sum": LINES}}, "25.01"),
    ({"@money": {"sum": LINES, "currency": "$.properties.yen"}}, "25"),
    ({"@money": {"sum": LINES, "currency": "KWD"}}, "25.010"),
    ({"@money": {"value": "1.005"}}, "1.01"),
    ({"@money": {"value": "-1.005"}}, "-1.01"),
    ({"@money": {"value": 5, "currency": "$.properties.missing"}}, "5.00"),
    ({"@money": {"value": "$.properties.total", "times": 15, "divided_by": 100}}, "4.13"),
]


@pytest.mark.parametrize(("directive", "result"), RESULTS)
def test_a_calculation_is_exact(directive, result):
    found = calculate(directive)
    assert isinstance(found, Decimal)
    assert str(found) == result


@pytest.mark.parametrize(
    "directive",
    [
        {"@number": {"value": "$.properties.missing"}},
        {"@number": {"value": "$.properties.nothing"}},
        {"@number": {"value": "$.properties.empty", "decimals": 2}},
        {"@number": {"value": 1, "plus": "$.properties.missing"}},
        {"@number": {"value": 1, "plus": "$.properties.missing", "times": 2}},
        {"@number": {"sum": ["$.properties.missing", "$.price"]}},
        {"@money": {"value": "$.properties.nothing"}},
    ],
)
def test_what_is_missing_gives_nothing(directive):
    assert calculate(directive) is UNDEFINED
    assert calculate({"Total": directive}) == {}


@pytest.mark.parametrize(
    ("directive", "message"),
    [
        ({"@number": {"value": "$.properties.word"}}, '/@number/value: should be a number such as 1234.50, not "free"'),
        (
            {"@number": {"value": "$.properties.comma"}},
            '/@number/value: should be a number such as 1234.50, not "1,234.50"',
        ),
        ({"@number": {"value": "$.properties.yes"}}, "/@number/value: should be a number such as 1234.50, not a bool"),
        (
            {"@number": {"value": 1, "plus": "$.properties.list"}},
            "/@number/plus: should be a number such as 1234.50, not a list",
        ),
        ({"@number": {"value": 1, "times": [2, "x"]}}, '/@number/times/1: should be a number such as 1234.50, not "x"'),
        ({"@number": {"value": "1e5"}}, 'not "1e5"'),
        ({"@number": {"value": "1" + "0" * 18}}, "should be a number"),
        ({"@number": {"value": 10**18}}, "should be a number below 10^18"),
        ({"@number": {"value": 1, "divided_by": "$.properties.zero"}}, "/@number/divided_by: 1 cannot be divided by 0"),
        ({"@number": {"sum": ["$.properties.gaps", "$.price", "$.quantity"]}}, "/@number/sum: entry 2 lacks a number"),
        ({"@number": {"sum": ["$.properties.total", "$.price"]}}, "/@number/sum: should be a list but is a Decimal"),
        (
            {"@money": {"value": 1, "currency": "Euro"}},
            '/@money/currency: should be a currency code such as EUR, not "Euro"',
        ),
        ({"@money": {"value": 1, "currency": "$.properties.zero"}}, "/@money/currency: should be a currency code"),
    ],
)
def test_what_is_no_number_is_an_error_with_its_path(directive, message):
    with pytest.raises(MappingError) as caught:
        calculate(directive)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("directive", "where", "message"),
    [
        ({"@number": 5}, "/@number", "should be an object with value, sum, plus, minus, times, divided_by or decimals"),
        ({"@number": {}}, "/@number", "should have either value (a number) or sum"),
        ({"@number": {"value": 1, "sum": ["x", 1]}}, "/@number", "should have either value (a number) or sum"),
        ({"@number": {"value": 1, "add": 2}}, "/@number/add", "is not an option here"),
        ({"@number": {"value": 1, "decimals": "2"}}, "/@number/decimals", "should be a whole number from 0 to 12"),
        ({"@number": {"value": 1, "decimals": 13}}, "/@number/decimals", "should be a whole number from 0 to 12"),
        ({"@number": {"value": 1, "currency": "EUR"}}, "/@number/currency", "is not an option here"),
        ({"@money": {"value": 1, "decimals": 2}}, "/@money/decimals", "is not an option here"),
        ({"@number": {"sum": "$.properties.products"}}, "/@number/sum", "should be a list: the path of a list"),
        ({"@number": {"sum": ["$.properties.products"]}}, "/@number/sum", "should be a list: the path of a list"),
        ({"@number": {"sum": [5, "$.price"]}}, "/@number/sum/0", "should be a path or a directive"),
        ({"@number": {"value": {"@nope": 1}}}, "/@number/value/@nope", "is not a known directive"),
    ],
)
def test_a_wrong_argument_is_refused_with_its_path(directive, where, message):
    with pytest.raises(ConfigError) as caught:
        calculate(directive)
    assert [fault.path for fault in caught.value.faults] == [where]
    assert message in caught.value.faults[0].message


def test_money_without_a_currency_has_the_decimals_of_the_organisation():
    assert str(calculate({"@money": {"value": "1234.5"}}, currency="JPY")) == "1235"
    assert (
        str(calculate({"@money": {"value": "1.2345", "currency": "$.properties.missing"}}, currency="BHD")) == "1.235"
    )


def test_the_decimals_of_currencies_are_those_of_iso_4217():
    cldr = {code: get_currency_precision(code) for code in get_global("currency_fractions") if len(code) == 3}
    assert {code: DECIMALS.get(code, 2) for code in ("EUR", "RSD", "JPY", "KWD", "CLF")} == {
        "EUR": 2,
        "RSD": 2,
        "JPY": 0,
        "KWD": 3,
        "CLF": 4,
    }
    # CLDR says how amounts are shown: it has fewer decimals where coins are worthless, but never more.
    assert {code for code, decimals in DECIMALS.items() if cldr.get(code, 2) > decimals} == set()


@given(number=st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=5))
def test_rounding_is_half_up_for_every_number(number):
    result = rounded(number, 2)
    assert abs(result - number) <= Decimal("0.005")
    assert result.as_tuple().exponent == -2
    if abs(result - number) == Decimal("0.005"):
        assert abs(result) > abs(number)


@given(st.lists(st.tuples(st.decimals(0, 10**6, places=2), st.integers(0, 1000)), max_size=20))
def test_the_sum_of_lines_is_exact(lines):
    event = {"lines": [{"p": str(price), "q": quantity} for price, quantity in lines]}
    run = compile_value({"@number": {"sum": ["$.lines", {"@path": "$.p"}, {"@path": "$.q"}]}})
    assert run(event) == sum((price * quantity for price, quantity in lines), Decimal(0))
