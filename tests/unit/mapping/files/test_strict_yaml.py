"""The strict YAML reader: no surprises, and a line for everything."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segxero.mapping.files.strict_yaml import read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("0200", "0200"),
        ("12:30", "12:30"),
        ("2026-01-01", "2026-01-01"),
        ("1_000", "1_000"),
        ("0x10", "0x10"),
        ("1e3", "1e3"),
        (".5", ".5"),
        ("+49123", "+49123"),
        ("True", "True"),
        ("~", "~"),
        (".inf", ".inf"),
        ("=", "="),
        ("true", True),
        ("false", False),
        ("null", None),
        ("200", 200),
        ("-5", -5),
        ("10.50", Decimal("10.50")),
        ("-0.10", Decimal("-0.10")),
        ("'200'", "200"),
        ("$.userId", "$.userId"),
        ('type = "track" and event != "x"', 'type = "track" and event != "x"'),
    ],
)
def test_a_scalar_is_what_it_looks_like(text, value):
    document = read(f"a: {text}\n", "x.yaml")
    assert document.faults == []
    assert document.value == {"a": value}
    assert type(document.value["a"]) is type(value)
    assert str(document.value["a"]) == str(value)


def test_keys_are_texts_as_written():
    assert read("200: a\nNO: b\n1.50: c\ntrue: d\n", "x.yaml").value == {
        "200": "a",
        "NO": "b",
        "1.50": "c",
        "true": "d",
    }


def test_every_part_knows_its_line():
    document = read("- name: a\n  fields:\n    X:\n      - 1\n      - {y: 2}\n- name: b\n", "x.yaml")
    assert [document.line(path) for path in ["/0", "/0/fields", "/0/fields/X", "/0/fields/X/1/y", "/1/name"]] == [
        1,
        2,
        3,
        5,
        6,
    ]
    assert document.line("/0/fields/X/9/unknown") == 3
    assert document.line("/nowhere") == 1


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2))
def test_decimals_are_exact(number):
    text = format(number, "f")
    assert str(read(f"a: {text}", "x.yaml").value["a"]) == text


@given(st.text(max_size=60))
def test_no_text_raises(text):
    read(text, "x.yaml")
