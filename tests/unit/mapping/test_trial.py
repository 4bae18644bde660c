"""Trying mappings: verdicts with reasons, sums over many events, and differences between two results."""

from decimal import Decimal

import pytest

from segxero.mapping import parse_trigger
from segxero.mapping.files.loader import load
from segxero.mapping.trial import NO_ORGANISATION, Difference, Tally, judge_event, list_differences
from segxero.mapping.triggers.clauses import why_not
from segxero.mapping.values.undefined import UNDEFINED
from tests.support.set_ups.mapping_files import OBJECTS, write_mappings

TEXT = """\
- name: identify
  object: Contact
  trigger: type = "identify" and userId != null
  key: $.userId
  fields: {EmailAddress: $.traits.email}
- name: group
  object: Contact
  trigger: type = "group"
  key: $.groupId
  without_key: skip
  fields: {Name: $.traits.name}
- name: nz only
  object: Contact
  trigger: type = "page" and userId != null
  key: $.userId
  organisations: [nz]
  sources: [shop]
  fields: {FirstName: {"@number": {value: $.name}}}
"""


@pytest.fixture
def mappings(tmp_path):
    files = {"contacts.yaml": TEXT, "organisations.yaml": "nz: {sources: [shop, site]}\nuk: {sources: [web]}\n"}
    return load(write_mappings(tmp_path, files), OBJECTS)


EVENT = {"type": "track", "event": "Order Completed", "properties": {"total": Decimal("27.50"), "list": [1], "n": None}}


@pytest.mark.parametrize(
    ("trigger", "reason"),
    [
        ('type = "track"', ""),
        ('type = "page"', 'type = "page" does not hold: type is "track"'),
        ('event != "Order Completed"', 'event != "Order Completed" does not hold: event is "Order Completed"'),
        ("properties.total > 30", "properties.total > 30 does not hold: properties.total is 27.50"),
        ('properties.shop = "x"', 'properties.shop = "x" does not hold: properties.shop is missing'),
        ("properties.n != null", "properties.n != null does not hold: properties.n is null"),
        ('contains(userId, "x")', 'contains(userId, "x") does not hold: userId is missing'),
        ('type = "track" and event = "A"', 'event = "A" does not hold: event is "Order Completed"'),
        (
            'type = "page" or event = "A"',
            'type = "page" does not hold: type is "track"; event = "A" does not hold: event is "Order Completed"',
        ),
        ('!(type = "track")', '!(type = "track") does not hold'),
        ('!match(event, "Order*")', '!match(event, "Order*") does not hold: event is "Order Completed"'),
    ],
)
def test_a_trigger_says_why_it_does_not_match(trigger, reason):
    assert why_not(parse_trigger(trigger).tree, EVENT) == reason


def test_a_long_value_is_cut():
    event = {"type": "track", "event": "x" * 100}
    assert why_not(parse_trigger('event = "a"').tree, event).endswith(f'event is "{"x" * 60}…"')


def test_every_mapping_has_a_verdict(mappings):
    found = judge_event(
        mappings, {"type": "identify", "userId": "u1", "projectId": "shop", "traits": {"email": "a@b.c"}}
    )
    assert [(one.mapping, one.place, one.reason) for one in found] == [
        ("identify", "contacts.yaml:1", ""),
        ("group", "contacts.yaml:6", 'type = "group" does not hold: type is "identify"'),
        ("nz only", "contacts.yaml:12", 'type = "page" does not hold: type is "identify"'),
    ]
    assert [draft.fields for draft in found[0].drafts] == [{"EmailAddress": "a@b.c"}]


@pytest.mark.parametrize(
    ("event", "number", "reason"),
    [
        ({"type": "identify", "userId": "u1"}, 0, NO_ORGANISATION),
        ({"type": "group", "projectId": "shop"}, 1, "its key is empty and without_key says skip"),
        (
            {"type": "page", "userId": "u1", "projectId": "site", "name": "5"},
            2,
            "the mapping is not for the source site",
        ),
        (
            {"type": "page", "userId": "u1", "projectId": "web", "name": "5"},
            2,
            "the mapping is not for the source web",
        ),
    ],
)
def test_a_verdict_has_the_reason(mappings, event, number, reason):
    assert judge_event(mappings, event)[number].reason == reason


def test_an_error_is_a_verdict(mappings):
    event = {"type": "page", "userId": "u1", "projectId": "shop", "name": "Home"}
    found = judge_event(mappings, event)[2]
    assert found.reason == ""
    assert found.error.startswith("Mapping nz only (contacts.yaml:12): /2/fields/FirstName/@number/value: should be")


def test_a_tally_sums_over_many_events(mappings):
    tally = Tally()
    for event in [
        {"type": "identify", "userId": "u1"},
        {"type": "identify", "userId": "u1"},
        {"type": "identify", "userId": "u2"},
        {"type": "page", "userId": "u1", "name": "Home"},
        {"type": "track", "event": "Order Completed"},
        {"type": "track", "event": "Order Completed"},
        {"type": "alias"},
    ]:
        shop_event = {**event, "projectId": "shop"}
        tally.add(shop_event, judge_event(mappings, shop_event))
    assert tally.events == 7
    assert tally.wanted == {"identify": 3, "nz only": 1}
    assert tally.records == {"identify": {("Contact", "u1"), ("Contact", "u2")}}
    assert [name for (name, _), count in tally.errors.items() for _ in range(count)] == ["nz only"]
    assert tally.unwanted == {"track Order Completed": 2, "alias": 1}


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": Decimal("1.0")}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [Difference("/a", 1, 2)]),
        ({"a": 1}, {"a": True}, [Difference("/a", 1, True)]),
        ({"a": 1}, {"b": 1}, [Difference("/a", 1, UNDEFINED), Difference("/b", UNDEFINED, 1)]),
        (
            {"lines": [{"price": 1}, {"price": 2}]},
            {"lines": [{"price": 1}, {"price": 3}, {"price": 4}]},
            [Difference("/lines/1/price", 2, 3), Difference("/lines/2", UNDEFINED, {"price": 4})],
        ),
        ({"a": [1]}, {"a": {"0": 1}}, [Difference("/a", [1], {"0": 1})]),
        ({"a/b": 1}, {"a/b": 2}, [Difference("/a~1b", 1, 2)]),
    ],
)
def test_two_results_are_compared_place_by_place(before, after, found):
    assert list(list_differences(before, after)) == found
