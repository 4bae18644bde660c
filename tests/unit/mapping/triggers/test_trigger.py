"""Triggers: what each clause means, and what is refused with a column and advice."""

import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segxero.errors import ConfigError
from segxero.mapping import TriggerError, parse_trigger

EVENT = {
    "type": "track",
    "event": "Order Completed",
    "name": None,
    "userId": "5",
    "properties": {
        "text": "abc",
        "five": 5,
        "price": Decimal("5.50"),
        "float": 5.5,
        "five_text": "5",
        "yes": True,
        "no": False,
        "null": None,
        "list": ["abc", "d"],
        "deep": {"er": "x", "and": 1, "2nd": 2},
        "zero": 0,
        "product 1": {"price": 9},
        "$rev": 1,
    },
    "traits": {"vip": True, "number": 7},
    "context": None,
}

MEANINGS = [
    ('type = "track"', True),
    ('event = "order completed"', False),
    ('properties.text = "abc"', True),
    ('properties.five = "5"', False),
    ('properties.five_text = "5"', True),
    ('properties.missing = "x"', False),
    ('properties.text != "x"', True),
    ('properties.text != "abc"', False),
    ('properties.missing != "x"', True),
    ('properties.five != "5"', True),
    ("properties.five = 5", True),
    ("properties.five = 5.0", True),
    ("properties.five_text = 5", False),
    ("properties.missing = 5", False),
    ("properties.five != 5", False),
    ("properties.zero != 5", True),
    ("properties.missing != 5", False),
    ("properties.five_text != 5", False),
    ("properties.five < 6", True),
    ("properties.five < 5", False),
    ("properties.five <= 5", True),
    ("properties.five > -1", True),
    ("properties.price >= 5.5", True),
    ("properties.float = 5.5", True),
    ("properties.five_text < 6", False),
    ('properties.five < "6"', True),
    ("properties.yes > 0", False),
    ("properties.yes = true", True),
    ("properties.no = true", False),
    ("properties.no = false", True),
    ("properties.zero = false", False),
    ("properties.text = true", False),
    ("properties.null = null", True),
    ("properties.missing = null", True),
    ("properties.zero = null", False),
    ("properties.null != null", False),
    ("properties.zero != null", True),
    ("name = null", True),
    ("userId != null", True),
    ('contains(properties.text, "b")', True),
    ('contains(properties.text, "B")', False),
    ('contains(properties.list, "abc")', False),
    ('contains(properties.missing, "b")', False),
    ('!contains(properties.text, "b")', False),
    ('!contains(properties.text, "x")', True),
    ('!contains(properties.missing, "x")', False),
    ('!contains(properties.five, "x")', False),
    ('match(event, "Order*")', True),
    ('match(event, "*Completed")', True),
    ('match(event, "*Order")', False),
    ('match(event, "*")', True),
    ('match(properties.five, "*")', False),
    ('!match(event, "Order*")', False),
    ('!match(event, "*Refunded")', True),
    ('!match(properties.missing, "x*")', False),
    ("userId = 5", True),
    ("userId != 5", False),
    ("userId < 6", False),
    ("traits.vip = true", True),
    ('context.traits.email = "x"', False),
    ("context.page.url = null", True),
    ('properties.deep.er = "x"', True),
    ("properties.deep.and = 1", True),
    ("properties.deep.2nd = 2", True),
    (r"properties.product\ 1.price = 9", True),
    (r"properties.\$rev = 1", True),
    ("properties.list.length > 1", True),
    ("properties.zero.deeper = 0", True),
    ('type = "track" and event = "A" or event = "Order Completed"', True),
    ('type = "page" and event = "A" or event = "Order Completed"', True),
    ('type = "page" and (event = "A" or event = "Order Completed")', False),
    ('event = "Order Completed" or type = "track" and event = "A"', True),
    ('type = "track" and (contains(event, "Q") or contains(event, "R"))', False),
    ('(type = "page" or (event = "A" or (event = "Order Completed")))', True),
    ('!(event = "A")', True),
    ('!(type = "track" and event = "A")', True),
    ('!(!(event = "A"))', False),
    ('!(contains(properties.missing, "x"))', True),
    ('type="track"and event="Order Completed"', True),
    ('type = "track"\r\nand\tevent = "Order Completed"\n', True),
    ('type = "track" and userId = "5" and event != "A"', True),
    ('type = "page" or userId = "6" or event = "A"', False),
    (r'properties.text = "a\b"', False),
]


@pytest.mark.parametrize(("text", "holds"), MEANINGS)
def test_a_trigger_means_what_it_says(text, holds):
    trigger = parse_trigger(text)
    assert trigger.matches(EVENT) is holds
    assert str(trigger) == text


REFUSALS = [
    ("", 1, "the trigger is empty"),
    ("   ", 1, "the trigger is empty"),
    ('anonymousId = "x"', 1, "anonymousId is not a field of triggers"),
    ('type = "group" and groupId != null', 20, "groupId is not a field"),
    ('messageId = "x"', 1, "messageId is not a field"),
    ("integrations.All = true", 1, "integrations.All is not a field"),
    ('timestamp > "2026"', 1, "timestamp is not a field"),
    ('contains(type, "x")', 10, 'write type = "…"'),
    ('contains(groupId, "x")', 10, "groupId is not a field"),
    ("contains(event, 5)", 1, 'write contains(field, "…")'),
    ("contains(event)", 1, 'write contains(field, "…")'),
    ("contains()", 1, 'write contains(field, "…")'),
    ("length(properties.x) > 3", 1, "length() is not known"),
    ('lowercase(event) = "x"', 1, "lowercase() is not known"),
    ('contains(event, "x") = true', 22, "contains() and match() stand alone"),
    ("event = 'x'", 9, 'a text belongs in double quotes: write "…"'),
    ("event = Order", 9, 'write "Order"'),
    ('event = "x', 9, "no closing double quote"),
    ('type = "track" AND event = "x"', 16, "write and in small letters"),
    ('type = "track" Or event = "x"', 16, "write or in small letters"),
    ('type = "track" && event = "x"', 16, "write and"),
    ('type = "track" || event = "x"', 16, "write or"),
    ('not (event = "x")', 1, "write !( … )"),
    ('type == "track"', 6, "== is not an operator"),
    ('type <> "track"', 6, "<> is not an operator"),
    ('type !== "track"', 6, "!== is not an operator"),
    ('!event = "x"', 1, 'write !(event = "x"), or use !='),
    ('!contains(event, "x") = true', 23, "stand alone"),
    ("event = 5", 9, 'write event = "5"'),
    ("type < 5", 8, "type is a text"),
    ("name >= 5", 9, "name is a text"),
    ("event = true", 9, 'write event = "true"'),
    ("event != null", 10, "Segment takes null for a text here"),
    ("type = null", 8, "Segment takes null for a text here"),
    ("properties.x != true", 14, "write !(properties.x = true)"),
    ("properties.x < null", 14, "null has no size"),
    ("properties.x > true", 14, "write !(properties.x = true)"),
    ('properties.x < "a"', 16, "< compares numbers"),
    ("properties.x = TRUE", 16, "write true in small letters"),
    ("properties.x = undefined", 16, "write null for a missing value"),
    ("properties.x = properties.y", 16, "cannot compare two fields"),
    ("properties = null", 1, "properties needs the name of a field inside it"),
    (r"properties.a\.b = 1", 1, "a name with a dot"),
    ('properties.list[0] = "x"', 16, "cannot look into a list"),
    ('event in ["a", "b"]', 10, "cannot look into a list"),
    ("properties.x = .5", 16, "a number needs a digit before its point"),
    ("properties.x = 1e3", 16, "write it in full"),
    ("properties.x = 5.", 17, "a number needs a digit"),
    ('match(event, "Zed")', 14, "match() takes one star"),
    ('match(event, "a*b")', 14, "match() takes one star"),
    ('match(event, "*a*")', 14, "match() takes one star"),
    ('$.event = "x"', 1, "names fields without $"),
    ('type = "track" and', 19, "the trigger ends too early"),
    ("type =", 7, "the trigger ends too early"),
    ("type", 5, "the trigger ends too early: here belongs one of ="),
    ('(type = "track"', 16, "the trigger ends too early"),
    ('type = "track")', 15, "leave it out, or open it"),
    ("()", 2, ") is not possible here"),
    ('or type = "track"', 1, "or is not possible here"),
    ('type = "track" event = "x"', 16, "event is not possible here"),
    ('"x" = event', 1, "is not possible here"),
    ('type = "track" and\n  foo = 1', 3, "foo is not a field"),
    ("event = “x”", 9, "cannot be read"),
]


@pytest.mark.parametrize(("text", "column", "message"), REFUSALS)
def test_a_trap_is_refused_with_column_and_advice(text, column, message):
    with pytest.raises(TriggerError) as caught:
        parse_trigger(text)
    assert message in str(caught.value)
    assert caught.value.column == column
    assert isinstance(caught.value, ConfigError)


def test_a_fault_in_a_later_line_names_the_line():
    with pytest.raises(TriggerError, match="line 2, column 3: foo"):
        parse_trigger('type = "track" and\n  foo = 1')


def test_a_trigger_nested_beyond_reason_is_refused():
    with pytest.raises(TriggerError, match="nested too deeply"):
        parse_trigger("(" * 2000 + 'type = "track"' + ")" * 2000)


def test_a_trigger_error_survives_pickling():
    copy = pickle.loads(pickle.dumps(TriggerError("why", 3, 2)))
    assert (copy.reason, copy.column, copy.line, str(copy)) == ("why", 3, 2, "line 2, column 3: why")


@given(st.text(alphabet="type event=!<>()\"'andor.properties5*$[]&|\\ ,", max_size=40))
def test_every_text_is_either_read_or_refused(text):
    column, answer = 1, True
    try:
        answer = parse_trigger(text).matches(EVENT)
    except TriggerError as error:
        column = error.column
    assert column >= 1
    assert isinstance(answer, bool)


CLAUSES = {'type = "track"': True, 'event = "A"': False, "properties.five > 4": True, 'contains(event, "Z")': False}
expressions = st.recursive(
    st.sampled_from(sorted(CLAUSES.items())),
    lambda inner: (
        st.tuples(inner, inner).map(lambda two: (f"({two[0][0]} and {two[1][0]})", two[0][1] and two[1][1]))
        | st.tuples(inner, inner).map(lambda two: (f"({two[0][0]} or {two[1][0]})", two[0][1] or two[1][1]))
        | inner.map(lambda one: (f"!({one[0]})", not one[1]))
    ),
    max_leaves=12,
)


@given(expressions)
def test_nested_expressions_are_read_as_anyone_would(expression):
    text, holds = expression
    assert parse_trigger(text).matches(EVENT) is holds


@given(st.lists(st.sampled_from(["and", "or"]), max_size=8), st.data())
def test_and_binds_tighter_than_or(joins, data):
    clauses = [data.draw(st.sampled_from(sorted(CLAUSES))) for _ in range(len(joins) + 1)]
    text = clauses[0] + "".join(f" {join} {clause}" for join, clause in zip(joins, clauses[1:], strict=True))
    groups = [[CLAUSES[clauses[0]]]]
    for join, clause in zip(joins, clauses[1:], strict=True):
        if join == "or":
            groups.append([])
        groups[-1].append(CLAUSES[clause])
    assert parse_trigger(text).matches(EVENT) is any(all(group) for group in groups)
