"""JSON: exact numbers both ways, and only what JSON allows."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segxero.jsontext import canonical, dumps, loads
from tests.support.segment.bad_bodies import ODD_TEXTS

D = Decimal


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("27.50", D("27.50")),
        ("0.1", D("0.1")),
        ("0.30000000000000004", D("0.30000000000000004")),
        ("1e2", D("1E+2")),
        ("-0.0", D("-0.0")),
        ("12345678901234567890.123456789012345678901", D("12345678901234567890.123456789012345678901")),
        ("9007199254740993", 9007199254740993),
        ('"27.50"', "27.50"),
        (b'{"a":"Zo\xc3\xab"}', {"a": "Zoë"}),
        ('{"a":1,"a":2}', {"a": 2}),
        (" [1 ,\n2] ", [1, 2]),
        ("null", None),
    ],
)
def test_numbers_are_read_exactly(text, value):
    read = loads(text)
    assert read == value
    assert type(read) is type(value)
    assert str(read) == str(value)


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "Infinity",
        "-Infinity",
        '{"a":NaN}',
        "",
        "{",
        "{'a':1}",
        "[1,]",
        "1 2",
        b"\xff",
        b'"\xc3"',
        "[" * 100_000,
        '{"a":' * 100_000,
        "1e999999999999999999999",
        "tru",
    ],
)
def test_what_is_not_json_is_a_value_error(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the sentences are the parser's
        loads(text)


def test_decimals_are_written_as_they_are():
    assert dumps({"b": D("27.50"), "a": [D(3), 0, -1], "c": "Zoë", "d": None}) == (
        '{"b":27.50,"a":[3,0,-1],"c":"Zoë","d":null}'
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, object()])
def test_what_json_cannot_hold_is_refused(value):
    with pytest.raises((ValueError, TypeError)):
        dumps(value)


def test_equal_values_have_one_canonical_text():
    assert canonical({"b": 1, "a": {"d": D("1.0"), "c": None}}) == '{"a":{"c":null,"d":1.0},"b":1}'
    assert canonical({"a": {"c": None, "d": D("1.0")}, "b": 1}) == canonical({"b": 1, "a": {"d": D("1.0"), "c": None}})


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.decimals(allow_nan=False, allow_infinity=False, places=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_what_is_written_is_read_again_the_same(value):
    assert loads(dumps(value)) == value
    assert loads(canonical(value)) == value
    assert dumps(loads(dumps(value))) == dumps(value)


@given(st.binary(max_size=80) | st.sampled_from(ODD_TEXTS).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_json_or_a_value_error(raw):
    try:
        value = loads(raw)
    except ValueError:
        return
    assert loads(canonical(value)) == value
