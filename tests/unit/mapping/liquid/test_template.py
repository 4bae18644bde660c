"""@liquid: what LiquidJS gives with Segment's settings (each row was run through it), limits and refusals."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segxero.errors import ConfigError, MappingError
from segxero.mapping import transform
from segxero.mapping.liquid import LiquidFault, Template
from segxero.mapping.liquid.filters import DISABLED, FILTERS
from segxero.mapping.liquid.template import SegmentLiquid

EVENT = {
    "type": "track",
    "event": "Order Completed",
    "timestamp": "2026-11-01T23:30:05.123Z",
    "properties": {
        "total": Decimal("27.5"),
        "price": Decimal("19.99"),
        "text_price": "19.99",
        "negative": Decimal("-2.5"),
        "nothing": None,
        "list": [1, Decimal("2.5"), "3", None],
        "object": {"a": 1},
        "csv": "a,b,,c,,",
        "products": [{"price": Decimal("1.5"), "on": True}, {"price": 2, "on": False}, {"name": "x"}],
        "html": "  Hello <b>World</b> & \"co\" 'x'",
        "yes": True,
        "zero": 0,
        "blank_text": "",
        "none": [],
        "words": "one two  three four",
    },
}

SEGMENT = [
    ("{{ properties.total | times: 2 }}", "55"),
    ("{{ event }} of {{ type }}", "Order Completed of track"),
    ("{{ properties.total }}", "27.5"),
    ("{{ properties.missing }}{{ a.b.c }}{{ properties.nothing }}", ""),
    ("{{ event.properties.total }}", ""),
    ("{{ properties.yes }} {{ properties.zero }}", "true 0"),
    ("{{ properties.list }}", "12.53"),
    ("{{ properties.object }}", "[object Object]"),
    ("{{ properties.list[1] }} {{ properties['total'] }}", "2.5 27.5"),
    ("{{ properties.list.size }} {{ properties.list.first }} {{ properties.list.last }}", "4 1 "),
    ("", ""),
    # arithmetic
    ("{{ properties.price | times: 3 }}", "59.97"),
    ("{{ properties.text_price | plus: 1 }}", "20.99"),
    ("{{ 'abc' | times: 2 }} {{ properties.missing | plus: 1 }}", "0 1"),
    ("{{ '3' | plus: '4' }}", "7"),
    ("{{ 10 | divided_by: 4 }}", "2.5"),
    ("{{ 10 | divided_by: 4, true }}", "2"),
    ("{{ properties.total | minus: 0.5 | divided_by: 2 }}", "13.5"),
    ("{{ 7 | modulo: 3 }} {{ -7 | modulo: 3 }}", "1 2"),
    ("{{ 1.005 | round: 2 }} {{ properties.negative | round }} {{ 27.50 | round: 1 }}", "1.01 -3 27.5"),
    ("{{ 1.2 | ceil }} {{ 1.7 | floor }} {{ -3 | abs }}", "2 1 3"),
    ("{{ 1 | at_least: 3 }} {{ 5 | at_most: 3 }}", "3 3"),
    ("{{ properties.list | sum }} {{ properties.products | sum: 'price' }}", "6.5 3.5"),
    ("{{ properties.products[0].price | times: properties.products[1].price }}", "3"),
    # texts
    ("{{ 'aBC' | upcase }} {{ 'aBC' | downcase }} {{ 'aBC' | capitalize }}", "ABC abc Abc"),
    ("{{ properties.csv | split: ',' | join: '-' }}", "a-b--c"),
    ("{{ 'abc' | slice: -2, 2 }} {{ properties.total | slice: 0, 2 }}", "bc 27"),
    ("{{ 'a.b' | replace: '.', '$&' }}", "a$&b"),
    ("{{ properties.html | strip | strip_html }}", "Hello World & \"co\" 'x'"),
    ("{{ '<b>\"x\"' | escape }} {{ '&lt;' | escape_once }}", "&lt;b&gt;&#34;x&#34; &lt;"),
    ("{{ 'a b&c' | url_encode }} {{ 'a+b%26' | url_decode }}", "a+b%26c a b&"),
    ("{{ properties.words | truncate: 7 }} {{ properties.words | truncatewords: 2 }}", "one ... one two..."),
    ("{{ '12.53' | truncate: 5 }}", "12.53"),
    ("{{ properties.total | append: 'x' | prepend: properties.yes }}", "true27.5x"),
    ("{{ properties.csv | remove: ',' }} {{ 'aa' | remove_first: 'a' }}", "abc a"),
    ("{{ 'x' | sha256 | slice: 0, 8 }}", "2d711642"),
    # lists and the rest
    ("{{ properties.list | first }} {{ properties.csv | last }}", "1 ,"),
    ("{{ properties.list | size }} {{ properties.total | size }} {{ 'abc' | size }}", "4 0 3"),
    ("{{ properties.products | where: 'on' | json }}", '[{"price":1.5,"on":true}]'),
    ("{{ properties.products | where: 'price', 2 | json }}", '[{"price":2,"on":false}]'),
    ("{{ properties.nothing | default: 'd' }}{{ '' | default: 'd' }}{{ false | default: 'd' }}", "ddd"),
    ("{{ properties.zero | default: 'd' }}{{ false | default: 'd', allow_false: true }}", "0false"),
    ("{{ properties.object | json }}", '{"a":1}'),
    ("{{ properties.total | unknown }}{{ x | unknown: 1, 2 }}", "27.5"),
    # dates
    ("{{ timestamp | date: '%Y-%m-%d %H:%M %z %Z' }}", "2026-11-01 23:30 +0000 UTC"),
    ("{{ timestamp | date: '%Y-%m-%d %H:%M', 'Pacific/Auckland' }}", "2026-11-02 12:30"),
    (
        "{{ timestamp | date: '%-d %B %y, %I:%M %p, %a %A %b %j %e %L' }}",
        "1 November 26, 11:30 PM, Sun Sunday Nov 305  1 123",
    ),
    ("{{ timestamp | date: '%H', 360 }}", "17"),
    ("{{ timestamp | date }}", "Sunday, November 1, 2026 at 11:30 pm +0000"),
    ("{{ 1793575800 | date: '%Y-%m-%d' }}", "2026-11-01"),
    ("{{ 'November 1, 2026' | date: '%Y-%m-%d' }} {{ '11/02/2026' | date: '%d' }}", "2026-11-01 02"),
    ("{{ 'Sun, 01 Nov 2026 10:00:00 GMT' | date: '%H' }}", "10"),
    ("{{ 'garbage' | date: '%Y' }}{{ properties.missing | date: '%Y' }}", "garbage"),
    # tags
    ("{% if properties.total > 27.4 and properties.total < 27.6 %}y{% else %}n{% endif %}", "y"),
    ("{% if properties.total == 27.5 %}y{% endif %}", "y"),
    ("{% if properties.zero %}0{% endif %}{% if properties.nothing %}n{% endif %}", "0"),
    ("{% if properties.blank_text %}e{% endif %}", "e"),
    ("{% if properties.csv contains 'a,b' %}y{% endif %}{% if properties.blank_text == blank %}b{% endif %}", "yb"),
    ("{% unless properties.nothing %}u{% endunless %}{% if not properties.nothing %}n{% endif %}", "un"),
    ("{% assign a = properties.total | times: 2 %}{{ a | plus: 0.5 }}", "55.5"),
    ("{% capture x %}{{ properties.total }}!{% endcapture %}{{ x }}", "27.5!"),
    ("{% comment %}x{% endcomment %}{% raw %}{{ x }}{% endraw %}{% echo properties.total %}", "{{ x }}27.5"),
    ("{% cycle 'a','b' %}{% cycle 'a','b' %}{% increment c %}{% increment c %}", "ab01"),
    ("a {{- 'b' -}} c", "abc"),
    ("{{ now }}{{ today }}", ""),
]


@pytest.mark.parametrize(("template", "text"), SEGMENT)
def test_a_template_gives_what_segment_gives(template, text):
    assert transform({"@liquid": template}, EVENT) == text


@pytest.mark.parametrize(
    ("template", "text", "segment"),
    [
        ("{{ 0.1 | times: 3 }}", "0.3", "0.30000000000000004"),
        ("{{ properties.price | modulo: 3 }}", "1.99", "1.9899999999999984"),
        ("{{ properties.exact }}", "27.50", "27.5"),
        ("{{ timestamp | date: '%F' }}", "2026-11-01", "%F"),
        ("{{ 10 | divided_by: 3 | round: 4 }}", "3.3333", "3.3333"),
        ("{{ 123456789012345678 | plus: 1 }}", "123456789012345679", "123456789012345680"),
    ],
)
def test_numbers_are_exact_where_segment_rounds_in_binary(template, text, segment):
    event = {**EVENT, "properties": {**EVENT["properties"], "exact": Decimal("27.50")}}
    assert transform({"@liquid": template}, event) == text


REFUSED = [
    *[(f"{{% {tag} x %}}", f"cannot use the tag {tag}") for tag in ["case", "for", "include", "layout", "render"]],
    ("{% tablerow x in y %}{% endtablerow %}", "make lists with @arrayPath"),
    *[(f"{{% {tag} x %}}", "Segment does not know it") for tag in ["extends", "macro", "call", "ifchanged", "doc"]],
    *[(f"{{{{ x | {name} }}}}", f"cannot use the filter {name}: Segment refuses it") for name in sorted(DISABLED)],
    ("{% assign y = x | map: 'a' %}", "cannot use the filter map"),
    ("{% if x %}{{ y | sort }}{% endif %}", "cannot use the filter sort"),
    ("{{ x | slugify }}", "cannot use the filter slugify: it is not available"),
    ("{{ 'now' | date: '%Y' }}", "cannot ask for the time of day: write timestamp | date"),
    ("{{ (1..5) | join }}", "cannot use the range (1..5)"),
    ("x" * 1001, "has 1001 characters: a template has at most 1000"),
    ("{{ x", "cannot be read as a Liquid template"),
    ("{% if x %}", "cannot be read as a Liquid template"),
    ("{{ x | }}", "cannot be read as a Liquid template"),
]


@pytest.mark.parametrize(("template", "message"), REFUSED)
def test_what_segment_disables_is_refused_when_it_is_loaded(template, message):
    with pytest.raises(ConfigError) as caught:
        transform({"a": {"@liquid": template}}, EVENT)
    assert [fault.path for fault in caught.value.faults] == ["/a/@liquid"]
    assert message in caught.value.faults[0].message


def test_only_a_text_is_a_template():
    with pytest.raises(ConfigError, match="/@liquid: should be a text"):
        transform({"@liquid": {"@path": "$.x"}}, EVENT)


def test_there_are_twenty_disabled_filters_and_none_of_them_is_used():
    assert len(DISABLED) == 20
    assert not DISABLED & FILTERS.keys()


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ 1 | divided_by: 0 }}", "a number cannot be divided by 0"),
        ("{{ 1 | modulo: properties.zero }}", "a number cannot be divided by 0"),
        ("{{ 1 | plus }}", "plus: "),
        ("{% if properties.text_price > 5 %}y{% endif %}", "are not supported between"),
        ("{{ timestamp | date: '%H', 'Mars' }}", "Mars is not a time zone"),
        ("{{ 'x' | base64_decode }}", ""),
        ("{{ 9 | times: 999999999999999999 | times: 999999999999999999 | times: 999999999999999999 }}", "too large"),
    ],
)
def test_what_only_the_event_can_show_is_a_mapping_error(template, message):
    with pytest.raises(MappingError) as caught:
        transform({"a": {"@liquid": template}}, EVENT)
    assert str(caught.value).startswith("/a/@liquid: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "template",
    [
        "{{ x | replace: 'x', x | replace: 'x', x }}",
        "{% assign a = x %}" + "{% assign a = a | append: a %}" * 20,
        "{{ l | join: x }}",
        "{{ x }}" * 40,
        "{% capture a %}" + "{{ x }}" * 40 + "{% endcapture %}",
    ],
)
def test_a_text_that_grows_beyond_the_limit_is_an_error(template):
    with pytest.raises(MappingError, match=r"longer than 100000 characters|limit reached"):
        transform({"@liquid": template}, {"x": "x" * 3000, "l": ["a"] * 3000})


def test_a_template_that_takes_too_long_is_an_error():
    environment = SegmentLiquid(strict_filters=False)
    environment.seconds = -1
    with pytest.raises(LiquidFault, match="it takes longer than"):
        Template("{{ x | upcase }}", environment).render({"x": "a"})


def test_an_unknown_filter_is_named():
    assert Template("{{ x | roundup: 2 | upcase | roundup }}").unknown_filters == ("roundup",)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(value=json_values, name=st.sampled_from(sorted(FILTERS)), argument=json_values)
def test_no_value_breaks_a_filter_otherwise_than_with_a_mapping_error(value, name, argument):
    for template in (f"{{{{ v | {name} }}}}", f"{{{{ v | {name}: w }}}}"):
        with suppress(MappingError):
            assert isinstance(transform({"@liquid": template}, {"v": value, "w": argument}), str)
