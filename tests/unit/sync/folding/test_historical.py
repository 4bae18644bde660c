"""Live before historical: what is imported goes after all live records, unless a live one needs it."""

import json
from dataclasses import replace

from segxero.segment import event as segment_event
from segxero.store import keys
from segxero.sync.folding.inbox import Arrival
from segxero.sync.records.operations import make_operations
from segxero.xero.api.pace import LOOK_AGAIN_SECONDS
from tests.support.set_ups.core import ORG, identify, order_completed

STATE = f"{keys.budget(ORG)}:state"


def feed_history(core, *events):
    """Take *events* in as an import does."""
    for event in events:
        arrival = replace(core.arrival(event), historical=True)
        core.inbox.accept([arrival])
        kept = core.inbox.find(arrival.id)
        assert kept.historical
        read = segment_event.read(json.loads(kept.event))
        core.fold.fold(kept, make_operations(core.mappings, read, kept.received_at, kept.message_id))


def people(first, count):
    return [identify(f"u{number}", name=f"Person {number}") for number in range(first, first + count)]


def names(call):
    return [contact["ContactNumber"] for contact in call.body["Contacts"]]


def scarce(core):
    seconds, _ = core.store.time()
    core.store.hset(STATE, mapping={"day_left": 920, "day_began": seconds * 1000})


def test_an_arrival_keeps_its_mark(core):
    arrival = replace(core.arrival(identify("u1", name="Ann")), historical=True)
    assert Arrival.from_json(arrival.to_json()) == arrival
    assert not Arrival.from_json(replace(arrival, historical=False).to_json()).historical


def test_live_records_go_first_and_history_fills_the_call(core):
    feed_history(core, *people(0, 60))
    core.feed(*people(100, 45))
    core.turn("contacts")
    (first,) = core.xero.writes
    assert names(first)[:45] == [f"u{number}" for number in range(100, 145)]
    assert len(names(first)) == 50
    core.deliver()
    assert len(core.xero.contacts) == 105


def test_history_takes_only_calls_to_spare(core):
    feed_history(core, *people(0, 3))
    scarce(core)
    assert core.turn("contacts").again_seconds == LOOK_AGAIN_SECONDS
    assert core.xero.calls == []
    core.feed(*people(10, 1))
    assert core.turn("contacts").counts == {"delivered": 4}  # a live record takes it along


def test_history_waits_while_another_queue_has_live_records(core):
    feed_history(core, *people(0, 3))
    core.feed(order_completed("1001", affiliation="Web"))
    core.outbox.remove(ORG, "contacts", "Contact|u1")
    assert core.turn("contacts").again_seconds == LOOK_AGAIN_SECONDS
    core.turn("tracking")
    core.turn("tracking")
    core.turn("invoices")
    assert core.turn("contacts").counts["delivered"] == 2


def test_a_live_event_makes_a_record_live(core):
    feed_history(core, *people(0, 60))
    core.feed(identify("u59", "2026-11-20T00:00:00Z", name="Ann"))
    assert core.outbox.due(ORG, "contacts", 1) == ["Contact|u59"]
    feed_history(core, identify("u59", "2026-11-21T00:00:00Z", name="Ann Lee"))
    assert core.outbox.due(ORG, "contacts", 1) == ["Contact|u59"]


def test_a_live_record_waits_for_no_history(core):
    feed_history(core, *people(0, 60))
    core.feed(order_completed("1001", "u59"))
    core.store.zadd(keys.outbox(ORG, "contacts"), {"Contact|u59": keys.HISTORICAL + 1})  # as without its own event
    core.turn("invoices")
    assert core.outbox.due(ORG, "contacts", 1) == ["Contact|u59"]
    assert core.store.llen("contacts") == 1


def test_history_that_waits_for_history_hurries_nobody(core):
    feed_history(core, *people(0, 60), order_completed("1001", "u59"))
    core.turn("invoices")
    assert core.outbox.oldest_seconds(ORG, "contacts") is None
    assert core.outbox.parked(ORG, "invoices") == 1
    core.deliver()
    assert len(core.xero.invoices) == 1


def test_history_that_comes_again_stays_history(core):
    feed_history(core, *people(0, 1))
    core.xero.refuse["u0"] = ("An error occurred in Xero.",)
    core.turn("contacts")
    place = core.store.zscore(keys.outbox(ORG, "contacts"), "Contact|u0")
    assert place - keys.HISTORICAL - core.outbox.now() > 10


def test_events_of_an_import_do_not_make_live_records_gather(core):
    core.feed(*people(0, 1))
    core.inbox.accept([replace(core.arrival(identify("u9", name="Old")), historical=True)])
    assert core.inbox.waiting(ORG) == 0
    assert core.turn("contacts").counts == {"delivered": 1}


# A record keeps its place.


def test_a_record_that_was_parked_is_as_old_as_before_when_it_is_freed(core):
    core.feed(order_completed("1001"))
    since = core.outbox.now() - 500
    core.store.zadd(keys.outbox(ORG, "invoices"), {"Invoice|1001": since})
    core.turn("invoices")
    assert core.outbox.parked(ORG, "invoices") == 1
    core.turn("contacts")
    assert core.outbox.oldest_seconds(ORG, "invoices") > 499


def test_a_record_that_comes_again_at_once_keeps_its_place(core):
    core.feed(identify("u1", name="Ann"))
    core.store.zadd(keys.outbox(ORG, "contacts"), {"Contact|u1": core.outbox.now() - 500})
    core.xero.refuse["u1"] = ("must be unique",)
    core.turn("contacts")
    assert core.outbox.oldest_seconds(ORG, "contacts") > 499
