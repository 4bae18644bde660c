"""Replay: a dead letter's events meet today's mappings; interrupted or run twice, nothing is lost or doubled."""

import json

import pytest

from segxero.dead_letters import DeadLetter
from segxero.oversight.replay import Replay
from segxero.segment import event as segment_event
from segxero.store import keys
from segxero.sync.records.operations import make_operations
from tests.support.set_ups.core import ORG, identify
from tests.support.set_ups.fixed_mappings import FixedMappings


@pytest.fixture
def replay(core):
    return Replay(core.store, core.inbox, core.outbox, core.letters, FixedMappings(core.mappings))


def letter(*events, **values):
    return DeadLetter(
        **{
            "error": "MappingError",
            "message": "no",
            "next_step": "fix",
            "queue": "events",
            "organisation": ORG,
            "events": tuple(event if isinstance(event, str) else json.dumps(event) for event in events),
            **values,
        }
    )


def waiting(core):
    """The arrivals in the inbox."""
    return [core.inbox.find(identifier) for identifier in core.store.hkeys(keys.INBOX)]


def fold_all(core):
    """Do what the events task does with all that wait."""
    for arrival in waiting(core):
        read = segment_event.read(json.loads(arrival.event))
        core.fold.fold(arrival, make_operations(core.mappings, read, arrival.received_at, arrival.message_id))


EVENT = {**identify("u1", name="Ann Lee"), "messageId": "m1"}


def test_the_events_of_a_letter_go_through_the_inbox_again(core, replay):
    core.letters.bury(kept := letter(EVENT))
    assert replay.replay(kept)
    assert len(core.letters) == 0
    (arrival,) = waiting(core)
    assert (arrival.endpoint, arrival.message_id, arrival.organisation) == ("replay", "m1", ORG)
    assert json.loads(arrival.event) == EVENT
    fold_all(core)
    core.deliver()
    assert core.stored("Contact", "u1")["disposition"] == "delivered"


def test_a_letter_replayed_twice_is_folded_once(core, replay):
    core.letters.bury(kept := letter(EVENT))
    replay.replay(kept)
    replay.replay(kept)
    assert len(waiting(core)) == 1


def test_same_end_a_replayed_event_keeps_its_place_in_time(core, replay):
    core.feed(identify("u1", "2026-11-20T00:00:00Z", name="Ann Smith"))
    replay.replay(letter(EVENT))
    fold_all(core)
    assert core.record("Contact", "u1").fields == {"Name": "Ann Smith"}


def test_a_record_that_was_dead_is_due_again_with_fresh_attempts(core, replay):
    core.feed(EVENT)
    core.xero.refuse["u1"] = ("Email address must be valid.",)
    core.deliver()
    (kept,) = core.letters
    core.store.hset(keys.record(ORG, "Contact|u1"), "attempts", 7)
    core.xero.refuse.clear()
    assert replay.replay(kept)
    record = core.record("Contact", "u1")
    assert (record.disposition, record.attempts) == ("pending", 0)
    fold_all(core)
    assert core.deliver() == {"delivered": 1}
    assert len(core.letters) == 0


def test_a_letter_about_a_record_without_events_makes_it_due(core, replay):
    core.feed(EVENT)
    core.store.delete(keys.outbox(ORG, "contacts"))
    kept = letter(object="Contact", key="u1", queue="contacts")
    assert replay.replay(kept)
    assert core.outbox.due(ORG, "contacts", 9) == ["Contact|u1"]


def test_a_record_that_redis_lost_is_not_made_of_nothing(core, replay):
    assert replay.replay(letter(EVENT, object="Contact", key="u1", queue="contacts"))
    assert not core.store.exists(keys.record(ORG, "Contact|u1"))
    fold_all(core)
    core.deliver()
    assert [contact["Name"] for contact in core.xero.contacts] == ["Ann Lee"]


def test_a_letter_with_nothing_to_send_stays(core, replay):
    core.letters.bury(kept := letter())
    assert not replay.replay(kept)
    assert [found.id for found in core.letters] == [kept.id]


def test_an_event_that_nobody_can_read_may_be_replayed_too(core, replay):
    assert replay.replay(letter("{not json"))
    (arrival,) = waiting(core)
    assert arrival.event == "{not json"
    assert len(arrival.message_id) == 64


def test_a_letter_without_organisation_goes_where_its_source_goes(core, replay):
    replay.replay(letter({**EVENT, "projectId": "p1"}, organisation=""))
    assert [arrival.organisation for arrival in waiting(core)] == [ORG]


def test_an_order_that_waits_for_a_shop_goes_on_by_itself_once_the_mappings_have_changed(core, replay):
    waiting = DeadLetter(
        error="SharedKeyError",
        message="m",
        next_step="n",
        queue="events",
        organisation=ORG,
        version="old",
        events=(json.dumps(EVENT),),
    )
    core.letters.bury(waiting)
    assert replay.replay_shared_keys() == 0  # the watch has not counted it yet
    core.store.hset(keys.LETTER_CAUSES, "events|SharedKeyError", 1)
    assert replay.replay_shared_keys() == 1
    assert replay.replay_shared_keys() == 0
    assert len(core.letters) == 0
