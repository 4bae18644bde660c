"""Paths: how they are split, and what they find."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segxero.mapping.values.paths import make_path_getter, split_path
from segxero.mapping.values.undefined import UNDEFINED

EVENT = {
    "event": "Order",
    "zero": 0,
    "n": None,
    "empty": "",
    "no": False,
    "a b": {"c": 1},
    "properties": {"total": 5, "products": [{"id": "x"}, {"id": "y"}]},
    "a[b]": 2,
    "object": {},
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.properties.total", 5),
        ("properties.total", 5),
        ("properties.$.total", 5),
        ("properties..total", 5),
        ("properties['total']", 5),
        ('properties["total"]', 5),
        ("$.properties.products[0].id", "x"),
        ("properties.products.1.id", "y"),
        ("properties.products.length", 2),
        ("event.length", 5),
        ("properties.products.id", UNDEFINED),
        ("properties.products[2]", UNDEFINED),
        ("properties.products[-1]", UNDEFINED),
        ("properties.products.00", UNDEFINED),
        ("a b.c", 1),
        ("a[b]", 2),
        ("$", UNDEFINED),
        ("missing.deep.er", UNDEFINED),
        ("properties.total.x", UNDEFINED),
        ("zero.a", 0),
        ("n.a.b", None),
        ("empty.a", ""),
        ("empty.length", ""),
        ("no.a", False),
        ("event.0", UNDEFINED),
        ("constructor.name", UNDEFINED),
        ("object.keys", UNDEFINED),
        ("properties.products.map", UNDEFINED),
    ],
)
def test_a_path_finds_what_segment_finds(path, found):
    assert make_path_getter(path)(EVENT) is found or make_path_getter(path)(EVENT) == found
    assert type(make_path_getter(path)(EVENT)) is type(found)


@pytest.mark.parametrize("path", ["", ".", "$."])
def test_an_empty_path_is_the_whole_event(path):
    assert make_path_getter(path)(EVENT) is EVENT


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(path=st.text(max_size=12), event=st.dictionaries(st.text(max_size=4), json_values, max_size=4))
def test_no_path_and_no_event_raises(path, event):
    make_path_getter(path)(event)


@given(keys=st.lists(st.from_regex(r"[a-zA-Z_ ]{1,6}", fullmatch=True), min_size=1, max_size=5), value=json_values)
def test_a_path_of_plain_names_finds_what_was_put_there(keys, value):
    event = value
    for key in reversed(keys):
        event = {key: event}
    assert split_path(".".join(keys)) == tuple(keys)
    assert make_path_getter("$." + ".".join(keys))(event) is value
