"""Names of sources and destinations: tables go before Segment's word, and the id stands where there is neither."""

import pytest

from segxero.mapping.names import Names, add_names

NAMES = Names(
    sources={"abc": "Web shop", "def": "Till"},
    destinations={"d1": "Mixpanel"},
    connected={"abc": ("Google Analytics", "Xero")},
)
TABLES = {"sources": {"def": "Till in Napier"}, "destinations": {"Slack": "Team chat"}}


@pytest.mark.parametrize(("source", "name"), [("abc", "Web shop"), ("def", "Till in Napier"), ("ghi", "ghi")])
def test_a_source_has_its_name_from_the_table_else_from_segment_else_its_id(source, name):
    assert add_names({"projectId": source}, TABLES, NAMES)["source"] == {"id": source, "name": name}


def test_an_event_without_a_source_has_none():
    assert "source" not in add_names({"type": "track"}, TABLES, NAMES)


@pytest.mark.parametrize(
    ("integrations", "wanted"),
    [
        ({"All": True, "Slack": True, "d1": {"option": 1}, "HubSpot": False}, ["Team chat", "Mixpanel"]),
        ({"All": True}, ["Google Analytics", "Xero"]),
        ({}, ["Google Analytics", "Xero"]),
        (None, ["Google Analytics", "Xero"]),
        ("broken", ["Google Analytics", "Xero"]),
    ],
)
def test_destinations_are_those_asked_for_else_those_connected(integrations, wanted):
    event = {"projectId": "abc", "integrations": integrations}
    assert add_names(event, TABLES, NAMES)["destinations"] == wanted


def test_where_nothing_is_known_there_are_no_destinations():
    assert "destinations" not in add_names({"projectId": "def"}, TABLES, NAMES)


def test_what_an_event_says_of_itself_under_these_names_is_not_believed():
    event = {"projectId": "abc", "source": {"name": "forged"}, "destinations": ["forged"]}
    assert add_names(event, {}, NAMES) == {
        "projectId": "abc",
        "source": {"id": "abc", "name": "Web shop"},
        "destinations": ["Google Analytics", "Xero"],
    }
    assert add_names({"source": 1, "destinations": 2}, {}) == {}
    assert event["source"] == {"name": "forged"}
