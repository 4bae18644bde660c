"""Every directive against Segment's results, falsy and missing values included."""

from copy import deepcopy
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segxero import jsontext
from segxero.errors import ConfigError, MappingError
from segxero.mapping import UNDEFINED, compile_value, transform
from segxero.mapping.language.directive import DIRECTIVES, DirectiveSettings

EVENT = {
    "event": "Order Completed",
    "userId": "u1",
    "properties": {
        "total": Decimal("27.50"),
        "price": Decimal("1E+2"),
        "zero": 0,
        "empty": "",
        "no": False,
        "nothing": None,
        "list": [],
        "blank": " ",
        "tags": ["a", "b"],
        "scalars": [1, "x"],
        "holes": [{"id": 1}, None],
        "product": {"id": 7},
        "products": [{"id": 1, "sku": "a", "sizes": [{"n": 1}]}, {"id": 2}],
        "json": '{"rate":1.50}',
        "nested": {"a": {"b": [1, {"c": None}]}, "e": {}, "l": []},
        "nulls": {"a": None, "b": {"c": None, "d": 1}, "e": [None, {"f": None}]},
        "inner": "{{userId}}",
        "path": "$.userId",
    },
}


def path(text):
    return {"@path": f"$.properties.{text}"}


RESULTS = [
    ("@path", {"@path": "$.userId"}, "u1"),
    ("@path without $.", {"@path": "userId"}, "u1"),
    ("@path missing", {"@path": "$.traits.email"}, UNDEFINED),
    ("@path with metadata", {"@path": "$.userId", "_metadata": {"label": "x"}}, "u1"),
    ("@path inside @path", {"@path": path("path")}, "u1"),
    ("@template", {"@template": "{{event}} of {{ userId }}"}, "Order Completed of u1"),
    ("@template triple", {"@template": "{{{event}}}"}, "Order Completed"),
    ("@template missing and null", {"@template": "[{{x}}{{properties.nothing}}]"}, "[]"),
    ("@template falsy", {"@template": "{{properties.zero}} {{properties.no}}"}, "0 false"),
    ("@template decimal", {"@template": "{{properties.total}} {{properties.price}}"}, "27.50 100"),
    ("@template object", {"@template": "{{properties.product}}"}, "[object Object]"),
    ("@template list", {"@template": "{{properties.tags}}"}, "a,b"),
    ("@template $. is not a path", {"@template": "{{$.event}}"}, ""),
    ("@template empty braces", {"@template": "{{}}"}, "{{}}"),
    ("@template whole event", {"@template": "{{ }}"}, "[object Object]"),
    ("@template empty", {"@template": ""}, ""),
    ("@template of a value is not filled", {"@template": "{{{properties.inner}}}"}, "{{userId}}"),
    ("@template from a directive", {"@template": path("inner")}, "u1"),
    ("@literal", {"@literal": "{{userId}}"}, "{{userId}}"),
    ("@literal number", {"@literal": 0}, 0),
    ("@literal with a directive", {"@literal": {"a": {"@path": "$.userId"}}}, {"a": "u1"}),
    ("@if exists", {"@if": {"exists": path("total"), "then": 1, "else": 2}}, 1),
    ("@if exists: empty text", {"@if": {"exists": path("empty"), "then": 1, "else": 2}}, 1),
    ("@if exists: 0", {"@if": {"exists": path("zero"), "then": 1}}, 1),
    ("@if exists: false", {"@if": {"exists": path("no"), "then": 1}}, 1),
    ("@if exists: null", {"@if": {"exists": path("nothing"), "then": 1, "else": 2}}, 2),
    ("@if exists: missing", {"@if": {"exists": path("x"), "then": 1, "else": 2}}, 2),
    ("@if without then", {"@if": {"exists": path("total"), "else": 2}}, UNDEFINED),
    ("@if without else", {"@if": {"exists": path("x"), "then": 1}}, UNDEFINED),
    ("@if then null", {"@if": {"exists": path("total"), "then": None}}, None),
    ("@if then 0", {"@if": {"exists": path("total"), "then": 0}}, 0),
    ("@if else 0", {"@if": {"exists": path("x"), "else": 0}}, UNDEFINED),
    ("@if else false", {"@if": {"exists": path("x"), "else": False}}, UNDEFINED),
    ("@if else empty", {"@if": {"exists": path("x"), "else": ""}}, UNDEFINED),
    ("@if else literal 0", {"@if": {"exists": path("x"), "else": {"@literal": 0}}}, 0),
    ("@if blank: filled", {"@if": {"blank": path("total"), "then": 1, "else": 2}}, 1),
    ("@if blank: null", {"@if": {"blank": path("nothing"), "then": 1, "else": 2}}, 2),
    ("@if blank: missing", {"@if": {"blank": path("x"), "then": 1, "else": 2}}, 2),
    ("@if blank: empty text", {"@if": {"blank": path("empty"), "then": 1, "else": 2}}, 2),
    ("@if blank: 0", {"@if": {"blank": path("zero"), "then": 1, "else": 2}}, 2),
    ("@if blank: false", {"@if": {"blank": path("no"), "then": 1, "else": 2}}, 2),
    ("@if blank: empty list", {"@if": {"blank": path("list"), "then": 1, "else": 2}}, 2),
    ("@if blank: a space", {"@if": {"blank": path("blank"), "then": 1, "else": 2}}, 1),
    ("@if blank: an object", {"@if": {"blank": path("nested.e"), "then": 1, "else": 2}}, 1),
    ("@if with both", {"@if": {"exists": path("empty"), "blank": path("empty"), "then": 1, "else": 2}}, 1),
    ("@case upper", {"@case": {"operator": "upper", "value": "usd"}}, "USD"),
    ("@case lower", {"@case": {"operator": "lower", "value": {"@path": "$.event"}}}, "order completed"),
    ("@case of a number", {"@case": {"operator": "lower", "value": path("total")}}, Decimal("27.50")),
    ("@case of a number ignores the operator", {"@case": {"operator": "Upper", "value": path("zero")}}, 0),
    ("@case of nothing", {"@case": {"operator": "lower", "value": ""}}, UNDEFINED),
    ("@case without value", {"@case": {"operator": "lower"}}, UNDEFINED),
    ("@replace", {"@replace": {"value": "a-b-c", "pattern": "-", "replacement": "+"}}, "a+b+c"),
    ("@replace without replacement", {"@replace": {"value": "a-b", "pattern": "-"}}, "ab"),
    ("@replace first only", {"@replace": {"value": "a-b-c", "pattern": "-", "global": False}}, "ab-c"),
    ("@replace any case", {"@replace": {"value": "aXbx", "pattern": "x", "ignorecase": True}}, "ab"),
    ("@replace no regex", {"@replace": {"value": "a.b", "pattern": ".", "replacement": ","}}, "a,b"),
    ("@replace number", {"@replace": {"value": path("total"), "pattern": ".", "replacement": ","}}, "27,50"),
    ("@replace boolean", {"@replace": {"value": path("no"), "pattern": "a", "replacement": "A"}}, "fAlse"),
    ("@replace null", {"@replace": {"value": path("nothing"), "pattern": "a"}}, ""),
    ("@replace missing", {"@replace": {"value": path("x"), "pattern": "a"}}, ""),
    ("@replace object", {"@replace": {"value": path("product"), "pattern": "a"}}, ""),
    ("@replace empty constant", {"@replace": {"value": "", "pattern": "a"}}, UNDEFINED),
    ("@replace $&", {"@replace": {"value": "abc", "pattern": "b", "replacement": "[$&]"}}, "a[b]c"),
    ("@replace $$ and $1", {"@replace": {"value": "abc", "pattern": "b", "replacement": "$$$1"}}, "a$$1c"),
    ("@replace around", {"@replace": {"value": "abc", "pattern": "b", "replacement": "$`$'"}}, "aacc"),
    (
        "@replace twice",
        {"@replace": {"value": "ab", "pattern": "a", "replacement": "b", "pattern2": "b", "replacement2": "c"}},
        "cc",
    ),
    ("@arrayPath alone", {"@arrayPath": ["$.properties.tags"]}, ["a", "b"]),
    ("@arrayPath shape", {"@arrayPath": ["$.properties.products", {"i": {"@path": "$.id"}}]}, [{"i": 1}, {"i": 2}]),
    ("@arrayPath missing keys", {"@arrayPath": ["$.properties.products", {"s": {"@path": "$.sku"}}]}, [{"s": "a"}, {}]),
    ("@arrayPath no outer event", {"@arrayPath": ["$.properties.products", {"u": {"@path": "$.userId"}}]}, [{}, {}]),
    ("@arrayPath object", {"@arrayPath": ["$.properties.product", {"i": {"@path": "$.id"}}]}, [{"i": 7}]),
    ("@arrayPath scalar", {"@arrayPath": ["$.properties.total", {"i": {"@path": "$.id"}}]}, Decimal("27.50")),
    ("@arrayPath missing", {"@arrayPath": ["$.properties.x", {"i": {"@path": "$.id"}}]}, UNDEFINED),
    ("@arrayPath empty shape", {"@arrayPath": ["$.properties.tags", {}]}, ["a", "b"]),
    ("@arrayPath directive shape", {"@arrayPath": ["$.properties.products", {"@path": "$.id"}]}, [1, 2]),
    ("@arrayPath scalars inside", {"@arrayPath": ["$.properties.scalars", {"i": {"@path": "$.id"}}]}, [{}, {}]),
    ("@arrayPath null item", {"@arrayPath": ["$.properties.holes", {"i": {"@path": "$.id"}}]}, [{"i": 1}, {"i": None}]),
    (
        "@arrayPath in @arrayPath",
        {"@arrayPath": ["$.properties.products", {"s": {"@arrayPath": ["$.sizes", {"m": {"@path": "$.n"}}]}}]},
        [{"s": [{"m": 1}]}, {}],
    ),
    ("@arrayPath from a directive", {"@arrayPath": [path("products"), {"@path": "$.id"}]}, [1, 2]),
    ("@merge right", {"@merge": {"objects": [{"a": 1, "b": 1}, {"a": 2}], "direction": "right"}}, {"a": 2, "b": 1}),
    ("@merge left", {"@merge": {"objects": [{"a": 1, "b": 1}, {"a": 2}], "direction": "left"}}, {"a": 1, "b": 1}),
    ("@merge Left acts as right", {"@merge": {"objects": [{"a": 1}, {"a": 2}], "direction": "Left"}}, {"a": 2}),
    ("@merge skips the missing", {"@merge": {"objects": [{"a": 1}, path("x")], "direction": "right"}}, {"a": 1}),
    ("@merge missing hides", {"@merge": {"objects": [{"a": 1}, {"a": path("x")}], "direction": "right"}}, {}),
    ("@merge is shallow", {"@merge": {"objects": [{"a": {"b": 1}}, {"a": {}}], "direction": "right"}}, {"a": {}}),
    ("@merge spreads no text", {"@merge": {"objects": [{"a": 1}, path("blank")], "direction": "right"}}, {"a": 1}),
    (
        "@transform",
        {
            "@transform": {
                "apply": {"p": path("product")},
                "mapping": {"i": {"@path": "$.p.id"}, "u": {"@path": "userId"}},
            }
        },
        {"i": 7},
    ),
    (
        "@flatten",
        {"@flatten": {"value": path("nested"), "separator": "."}},
        {"a.b.0": 1, "a.b.1.c": None},
    ),
    (
        "@flatten omitArrays",
        {"@flatten": {"value": path("nested"), "separator": "_", "omitArrays": True}},
        {"a_b": [1, {"c": None}], "l": []},
    ),
    ("@flatten scalar", {"@flatten": {"value": path("total"), "separator": "."}}, {"": Decimal("27.50")}),
    ("@flatten drops holes", {"@flatten": {"value": [path("x"), 0], "separator": "."}}, {"1": 0}),
    (
        "@flatten drops holes of @arrayPath",
        {"@flatten": {"value": {"@arrayPath": ["$.properties.products", {"@path": "$.sku"}]}, "separator": "."}},
        {"0": "a"},
    ),
    ("@flatten missing", {"@flatten": {"value": path("x"), "separator": "."}}, {}),
    ("@json encode", {"@json": {"mode": "encode", "value": path("product")}}, '{"id":7}'),
    ("@json encode decimal", {"@json": {"mode": "encode", "value": path("total")}}, "27.50"),
    ("@json encode null", {"@json": {"mode": "encode", "value": path("nothing")}}, "null"),
    ("@json encode missing", {"@json": {"mode": "encode", "value": path("x")}}, UNDEFINED),
    ("@json decode", {"@json": {"mode": "decode", "value": path("json")}}, {"rate": Decimal("1.50")}),
    ("@json decode bad", {"@json": {"mode": "decode", "value": path("blank")}}, " "),
    ("@json decode number", {"@json": {"mode": "decode", "value": path("total")}}, Decimal("27.50")),
    ("@json ENCODE", {"@json": {"mode": "ENCODE", "value": path("total")}}, UNDEFINED),
    ("@excludeWhenNull null", {"@excludeWhenNull": path("nothing")}, UNDEFINED),
    ("@excludeWhenNull value", {"@excludeWhenNull": path("zero")}, 0),
    (
        "@excludeWhenNull inside",
        {"@excludeWhenNull": path("nulls")},
        {"b": {"d": 1}, "e": [None, {"f": None}]},
    ),
    ("@first", {"@first": [path("x"), path("nothing"), path("empty"), path("zero"), 5]}, 0),
    ("@first of nothing", {"@first": [path("x"), path("nothing")]}, UNDEFINED),
    ("@lookup without tables", {"@lookup": {"table": "t", "key": "k"}}, {"@lookup": {"table": "t", "key": "k"}}),
    ("@lookup default", {"@lookup": {"table": "t", "key": "k", "default": path("zero")}}, 0),
    ("objects drop the missing", {"a": {"b": path("x"), "c": path("nothing")}}, {"a": {"c": None}}),
    ("lists keep holes", [path("x"), path("zero")], [None, 0]),
    ("a text is a text", "$.userId", "$.userId"),
    ("null is null", None, None),
]


@pytest.mark.parametrize(("mapping", "result"), [row[1:] for row in RESULTS], ids=[row[0] for row in RESULTS])
def test_a_directive_gives_what_segment_gives(mapping, result):
    before = deepcopy(mapping)
    assert transform(mapping, EVENT) == result
    assert type(transform(mapping, EVENT)) is type(result)
    assert mapping == before


FAULTS = [
    ({"@path": 5}, "/@path", "should be a text or a directive"),
    ({"@path": ["a"]}, "/@path", "should be a text or a directive"),
    ({"@template": None}, "/@template", "should be a text or a directive"),
    ({"@unknown": 1}, "/@unknown", "is not a known directive"),
    ({"@path": "a", "@template": "b"}, "/", "should hold one directive and nothing else"),
    ({"@path": "a", "x": 1}, "/", "should hold one directive and nothing else"),
    ({"@if": "x"}, "/@if", "should be an object with exists, blank, then or else"),
    ({"@if": {"exists": False, "then": 1}}, "/@if", "should have exists or blank"),
    ({"@case": {"value": "x"}}, "/@case", "should have operator"),
    ({"@case": {"operator": "lower", "value": 5}}, "/@case/value", "should be a text or a directive"),
    ({"@replace": {"value": "x"}}, "/@replace", "should have pattern"),
    ({"@replace": {"value": "x", "pattern": ""}}, "/@replace/pattern", "should be a text of 1 to 10 characters"),
    ({"@replace": {"value": "x", "pattern": "12345678901"}}, "/@replace/pattern", "text of 1 to 10 characters"),
    (
        {"@replace": {"value": "x", "pattern": "x", "replacement": 1}},
        "/@replace/replacement",
        "text of 0 to 10 characters",
    ),
    ({"@replace": {"value": "x", "pattern": "x", "global": "yes"}}, "/@replace/global", "should be true or false"),
    ({"@arrayPath": "$.x"}, "/@arrayPath", "should be a list"),
    ({"@arrayPath": [5]}, "/@arrayPath/0", "should be a path or a directive"),
    ({"@arrayPath": ["x", {"a": {"@nope": 1}}]}, "/@arrayPath/1/a/@nope", "is not a known directive"),
    ({"@merge": {"objects": [{}]}}, "/@merge", "should have direction"),
    ({"@merge": {"objects": [{}], "direction": "up"}}, "/@merge/direction", "should be left or right"),
    ({"@merge": {"objects": {}, "direction": "left"}}, "/@merge/objects", "should be a list of objects"),
    ({"@merge": {"objects": ["x"], "direction": "left"}}, "/@merge/objects/0", "should be an object or a directive"),
    ({"@transform": {"apply": {}}}, "/@transform", "should have mapping"),
    ({"@transform": {"apply": 1, "mapping": {}}}, "/@transform/apply", "should be an object or a directive"),
    ({"@flatten": {"value": 1, "separator": ""}}, "/@flatten/separator", "should be a text that is not empty"),
    ({"@json": {"mode": "x", "value": 1}}, "/@json/mode", "should be encode or decode"),
    ({"@json": {"mode": "encode", "value": ""}}, "/@json/value", "should be a directive or a value"),
    ({"@lookup": {"table": "t"}}, "/@lookup", "should have key"),
    ({"@lookup": {"table": 1, "key": "k"}}, "/@lookup/table", "should be the name of a file"),
    ({"@first": []}, "/@first", "should be a list of values"),
    ({"a/b": {"@nope": 1}}, "/a~1b/@nope", "is not a known directive"),
    ({"a": [{"@nope": 1}]}, "/a/0/@nope", "is not a known directive"),
]


@pytest.mark.parametrize(("mapping", "where", "message"), FAULTS)
def test_a_wrong_argument_is_refused_with_its_path(mapping, where, message):
    with pytest.raises(ConfigError) as caught:
        transform(mapping, EVENT)
    assert [fault.path for fault in caught.value.faults] == [where]
    assert message in caught.value.faults[0].message


def test_all_faults_of_a_mapping_are_reported_at_once():
    with pytest.raises(ConfigError) as caught:
        transform({"a": {"@path": 1}, "b": {"c": {"@if": {}}}, "d": [{"@x": 1}]}, EVENT)
    assert [fault.path for fault in caught.value.faults] == ["/a/@path", "/b/c/@if", "/d/0/@x"]


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        (
            {"a": {"@path": {"@path": "$.missing"}}},
            "/a/@path: the directive inside should give a text but gives nothing",
        ),
        ({"@template": {"@path": "$.properties.nothing"}}, "gives nothing"),
        ({"@template": {"@path": "$.properties.total"}}, "gives a Decimal"),
        ({"@case": {"operator": "Upper", "value": "x"}}, "/@case/operator: should be lower or upper"),
        ({"@lookup": {"table": "t", "key": {"@path": "$.properties.tags"}}}, "/@lookup/key: should be a text"),
    ],
)
def test_what_only_the_event_can_show_is_a_mapping_error(mapping, message):
    with pytest.raises(MappingError, match=message.replace("$", r"\$")):
        transform(mapping, EVENT)


@pytest.mark.parametrize("event", [[], "x", 5, None])
def test_the_event_has_to_be_an_object(event):
    with pytest.raises(MappingError, match="should be an object"):
        transform({"a": 1}, event)


def test_lookup_finds_rows_by_text():
    tables = {"t": {"7": "seven", "": "empty", "true": "yes"}}
    keys = [path("product.id"), path("x"), {"@literal": True}]
    found = [
        compile_value({"@lookup": {"table": "t", "key": key}}, settings=DirectiveSettings(tables=tables))(EVENT)
        for key in keys
    ]
    assert found == ["seven", "empty", "yes"]


def test_lookup_of_an_unknown_table_names_the_known_ones():
    with pytest.raises(ConfigError, match=r"make tables/x\.yaml, or use one of: t"):
        compile_value({"@lookup": {"table": "x", "key": "k"}}, settings=DirectiveSettings(tables={"t": {}}))


def test_results_share_nothing_with_the_mapping():
    mapping = {"a": {"b": []}}
    transform(mapping, EVENT)["a"]["b"].append(1)
    assert transform(mapping, EVENT) == {"a": {"b": []}}


def test_a_mapping_that_changes_in_place_is_compiled_again():
    mapping = {"a": Decimal("1.0")}
    assert str(transform(mapping, EVENT)["a"]) == "1.0"
    mapping["a"] = Decimal("1.00")
    assert str(transform(mapping, EVENT)["a"]) == "1.00"


def test_the_root_directive_of_segment_wraps_all_other_keys():
    mapping = {
        "__segment_internal_directive": {"@transform": {"apply": {"p": path("product")}}},
        "id": {"@path": "$.p.id"},
    }
    assert transform(mapping, EVENT) == {"id": 7}
    with pytest.raises(ConfigError, match="one directive"):
        transform({"__segment_internal_directive": {}}, EVENT)


def test_floats_read_as_javascript_writes_them():
    template = {"@template": "{{a}} {{b}} {{c}}"}
    assert transform(template, {"a": 10.0, "b": 0.1, "c": 1e21}) == "10 0.1 1000000000000000000000"


def test_a_mapping_holds_json_only():
    with pytest.raises(ConfigError, match="/a: should be a JSON value but it is a set"):
        transform({"a": {1}}, EVENT)


def test_many_mappings_can_be_transformed_in_turn():
    assert [transform({"a": number}, EVENT)["a"] for number in range(600)] == list(range(600))


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
USES = [
    {"@path": "$.v"},
    {"@template": "{{v}}-{{v.a.b}}"},
    {"@if": {"exists": {"@path": "$.v"}, "then": {"@path": "$.v"}, "else": {"@path": "$.w"}}},
    {"@if": {"blank": {"@path": "$.v"}, "then": {"@path": "$.v"}}},
    {"@case": {"operator": "upper", "value": {"@path": "$.v"}}},
    {"@replace": {"value": {"@path": "$.v"}, "pattern": "a", "replacement": "$&"}},
    {"@arrayPath": ["$.v", {"x": {"@path": "$.a"}, "y": {"@template": "{{b}}"}}]},
    {"@merge": {"objects": [{"@path": "$.v"}, {"@path": "$.w"}], "direction": "left"}},
    {"@transform": {"apply": {"@path": "$.v"}, "mapping": {"@path": "$.a"}}},
    {"@flatten": {"value": {"@path": "$.v"}, "separator": "."}},
    {"@json": {"mode": "encode", "value": {"@path": "$.v"}}},
    {"@json": {"mode": "decode", "value": {"@path": "$.v"}}},
    {"@excludeWhenNull": {"@path": "$.v"}},
    {"@first": [{"@path": "$.v"}, {"@path": "$.w"}]},
]


def holds_undefined(value):
    if isinstance(value, dict):
        return any(map(holds_undefined, value.values()))
    return any(map(holds_undefined, value)) if isinstance(value, list) else value is UNDEFINED


@given(mapping=st.sampled_from(USES), value=json_values, other=json_values)
def test_any_value_of_an_event_gives_a_result_without_undefined_in_it(mapping, value, other):
    event = {"v": value, "w": other}
    before = deepcopy(event)
    assert not holds_undefined(transform({"result": mapping}, event))
    assert event == before


def test_every_directive_has_a_sentence():
    assert sorted(DIRECTIVES) == [
        "@arrayPath",
        "@case",
        "@date",
        "@excludeWhenNull",
        "@first",
        "@flatten",
        "@if",
        "@json",
        "@liquid",
        "@literal",
        "@lookup",
        "@merge",
        "@money",
        "@number",
        "@path",
        "@replace",
        "@template",
        "@transform",
    ]
    assert all(one.sentence.endswith(".") for one in DIRECTIVES.values())


@pytest.mark.parametrize(
    ("number", "written"),
    [("1e21", "1e+21"), ("1e-7", "1e-7"), ("1e3", "1000"), ("0.000001", "0.000001"), ("-2.5E-9", "-2.5e-9")],
)
def test_json_writes_large_and_small_numbers_as_javascript_does(number, written):
    mapping = {"@json": {"mode": "encode", "value": {"@path": "$.a"}}}
    assert transform(mapping, {"a": {"b": [jsontext.loads(number)]}}) == f'{{"b":[{written}]}}'
