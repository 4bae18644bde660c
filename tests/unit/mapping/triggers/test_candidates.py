"""The candidates for an event: a few of many mappings, and never fewer than those whose triggers match."""

from types import SimpleNamespace

import pytest

from segxero.mapping.triggers.candidates import Candidates
from segxero.mapping.triggers.meaning import example
from segxero.mapping.triggers.trigger import parse_trigger
from tests.support.set_ups.core import shipped_mappings

TRIGGERS = {
    "orders": 'type = "track" and (event = "Order Completed" or event = "Completed Order")',
    "people": 'type = "identify" and userId != null',
    "any track": 'type = "track" and properties.total > 5',
    "no orders": 'type = "track" and event != "Order Completed"',
    "anybody": 'userId = "u1"',
    "starts": 'match(event, "Order*")',
}
SET = Candidates([SimpleNamespace(name=name, trigger=parse_trigger(text)) for name, text in TRIGGERS.items()])


@pytest.mark.parametrize(
    ("event", "names"),
    [
        ({"type": "track", "event": "Order Completed"}, ["orders", "any track", "no orders", "anybody", "starts"]),
        ({"type": "track", "event": "Order Seen"}, ["any track", "no orders", "anybody", "starts"]),
        ({"type": "track", "event": None}, ["any track", "no orders", "anybody", "starts"]),
        ({"type": "identify"}, ["people", "anybody", "starts"]),
        ({"type": "unheard of"}, list(TRIGGERS)),
    ],
)
def test_candidates_are_those_whose_triggers_allow_the_type_and_the_name_of_the_event(event, names):
    assert [each.name for each in SET.find(event)] == names


@pytest.mark.parametrize("mapping", shipped_mappings().mappings, ids=lambda mapping: mapping.name)
def test_a_mapping_is_a_candidate_for_each_event_that_its_trigger_matches(mapping):
    event = example(mapping.trigger.tree)
    assert mapping in Candidates(shipped_mappings().mappings).find(event)
