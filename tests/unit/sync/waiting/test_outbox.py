"""The outbox and settle.lua: what became of records is written in one step, or not at all."""

import pytest

from segxero import jsontext
from segxero.dead_letters import DeadLetter
from segxero.store import keys
from segxero.sync.records.disposition import Disposition
from segxero.sync.records.ready import Wait
from segxero.sync.records.record import load
from segxero.sync.records.results import Result
from segxero.sync.waiting.outbox import Waiting
from tests.support.set_ups.core import ORG, identify, order_completed

QUEUE = "contacts"
REF = "Contact|u1"


def letter(identifier="l1"):
    return DeadLetter(error="XeroValidationError", message="no", next_step="fix", queue=QUEUE, id=identifier).to_json()


@pytest.fixture
def record(core):
    core.feed(identify("u1", name="Ann"))
    return core.record("Contact", "u1")


def scores(core, key):
    return dict(core.store.zrange(key, 0, -1, withscores=True))


def settle(core, result, flight="", queue=QUEUE):
    return core.outbox.settle(ORG, queue, [result], flight)


def test_the_longest_waiting_record_is_due_first(core):
    core.feed(*(identify(f"u{number}", name="Ann") for number in range(5)))
    for number in range(5):
        core.store.zadd(keys.outbox(ORG, QUEUE), {f"Contact|u{number}": 100 - number})
    assert core.outbox.due(ORG, QUEUE, 3) == ["Contact|u4", "Contact|u3", "Contact|u2"]
    assert core.outbox.oldest_seconds(ORG, QUEUE) == pytest.approx(core.outbox.now() - 96, abs=2)
    assert core.outbox.waiting(ORG, QUEUE) == 5


def test_a_record_of_the_future_is_not_due(core, record):
    core.store.zadd(keys.outbox(ORG, QUEUE), {REF: core.outbox.now() + 60})
    assert core.outbox.due(ORG, QUEUE, 10) == []
    assert core.outbox.oldest_seconds(ORG, QUEUE) is None
    assert core.outbox.waiting(ORG, QUEUE) == 1


def test_one_look_counts_due_records_live_and_historical_and_times_the_oldest_live_record(core):
    now = core.outbox.now()
    due = {"Contact|u1": now - 50, "Contact|u2": now - 10, "Contact|u3": keys.HISTORICAL + now - 900}
    later = {"Contact|u4": now + 60, "Contact|u5": keys.HISTORICAL + now + 60}
    core.store.zadd(keys.outbox(ORG, QUEUE), {**due, **later})
    assert core.outbox.measure(ORG, QUEUE) == Waiting(due=3, oldest_seconds=pytest.approx(50, abs=2))
    core.store.zrem(keys.outbox(ORG, QUEUE), "Contact|u1", "Contact|u2")
    assert core.outbox.measure(ORG, QUEUE) == Waiting(due=1, oldest_seconds=None)


def test_a_flight_is_stored_with_the_versions_of_its_records(core, record):
    assert core.outbox.flight(ORG, QUEUE) is None
    flight = core.depart(QUEUE, record, seconds_ago=0)
    assert core.outbox.flight(ORG, QUEUE) == flight
    assert flight.versions == {REF: "1"}
    assert flight.sent_at == pytest.approx(core.outbox.now(), abs=2)


def test_delivered_takes_the_record_out_with_its_events_and_ends_the_flight(core, record):
    flight = core.depart(QUEUE, record)
    result = Result(record=record, disposition=Disposition.DELIVERED, changes={"xero_id": "c1", "delivered": "digest"})
    assert settle(core, result, flight.id) == []
    stored = core.stored("Contact", "u1")
    assert (stored["disposition"], stored["xero_id"], stored["delivered"]) == ("delivered", "c1", "digest")
    assert stored["reason"] == ""
    assert core.outbox.flight(ORG, QUEUE) is None
    assert core.outbox.waiting(ORG, QUEUE) == 0
    assert not core.store.exists(keys.events(ORG, REF))


def test_a_stale_flight_is_refused_and_nothing_is_written(core, record):
    old = core.depart(QUEUE, record)
    current = core.depart(QUEUE, record, seconds_ago=0)
    before = {key: core.store.type(key) for key in core.store.keys("*")}, core.stored("Contact", "u1")
    result = Result(record=record, disposition=Disposition.DEAD, changes={"xero_id": "c1"}, letter=letter())
    assert settle(core, result, old.id) is None
    assert ({key: core.store.type(key) for key in core.store.keys("*")}, core.stored("Contact", "u1")) == before
    assert core.outbox.flight(ORG, QUEUE) == current
    assert len(core.letters) == 0


def test_a_flight_that_is_gone_is_refused_too(core, record):
    flight = core.depart(QUEUE, record)
    result = Result(record=record, disposition=Disposition.DELIVERED, changes={"xero_id": "c1"})
    assert settle(core, result, flight.id) == []
    assert settle(core, result, flight.id) is None


def test_a_record_that_changed_in_flight_stays_in_the_outbox_but_keeps_its_id(core, record):
    flight = core.depart(QUEUE, record)
    core.feed(identify("u1", "2026-11-02T00:00:00Z", name="Ann Lee"))
    settle(core, Result(record=record, disposition=Disposition.DELIVERED, changes={"xero_id": "c1"}), flight.id)
    stored = core.stored("Contact", "u1")
    assert (stored["xero_id"], stored["disposition"], stored["version"]) == ("c1", "pending", "2")
    assert core.outbox.due(ORG, QUEUE, 10) == [REF]
    assert core.store.hlen(keys.events(ORG, REF)) == 2


def test_a_record_that_changed_in_flight_is_not_buried(core, record):
    flight = core.depart(QUEUE, record)
    core.feed(identify("u1", "2026-11-02T00:00:00Z", name="Ann Lee"))
    settle(core, Result(record=record, disposition=Disposition.DEAD, reason="no", letter=letter()), flight.id)
    assert len(core.letters) == 0
    assert core.stored("Contact", "u1")["disposition"] == "pending"
    assert core.outbox.due(ORG, QUEUE, 10) == [REF]


def test_a_dead_letter_is_pushed_in_the_same_step_and_the_events_stay(core, record):
    settle(core, Result(record=record, disposition=Disposition.DEAD, reason="XeroValidationError: no", letter=letter()))
    assert [kept.id for kept in core.letters] == ["l1"]
    assert core.stored("Contact", "u1")["disposition"] == "dead"
    assert core.outbox.waiting(ORG, QUEUE) == 0
    assert core.store.hlen(keys.events(ORG, REF)) == 1


def test_a_delivered_record_may_leave_a_letter_too(core, record):
    settle(core, Result(record=record, disposition=Disposition.DELIVERED, changes={"xero_id": "c1"}, letter=letter()))
    assert [kept.id for kept in core.letters] == ["l1"]
    assert core.outbox.waiting(ORG, QUEUE) == 0


def test_parked_keeps_the_reason_and_the_events(core, record):
    settle(core, Result(record=record, disposition=Disposition.PARKED, reason="no row 'Games'"))
    assert core.stored("Contact", "u1")["reason"] == "no row 'Games'"
    assert core.outbox.waiting(ORG, QUEUE) == 0
    assert scores(core, keys.parked(ORG, QUEUE)) == {REF: pytest.approx(core.outbox.now(), abs=2)}
    assert core.store.hlen(keys.events(ORG, REF)) == 1


@pytest.mark.parametrize("disposition", [Disposition.PENDING, Disposition.UNCERTAIN])
def test_what_comes_again_is_due_after_its_delay(core, record, disposition):
    settle(core, Result(record=record, disposition=disposition, reason="later", delay_seconds=15))
    assert core.stored("Contact", "u1")["disposition"] == disposition
    assert scores(core, keys.outbox(ORG, QUEUE)) == {REF: pytest.approx(core.outbox.now() + 15, abs=2)}


def test_texts_go_through_lua_untouched(core, record):
    odd = 'Zoë "quoted" \\ \n 12345678901234567890.10 {}'
    settle(
        core,
        Result(
            record=record,
            disposition=Disposition.PARKED,
            reason=odd,
            changes={"x:name": odd, "names": "[]"},
        ),
    )
    stored = core.stored("Contact", "u1")
    assert (stored["reason"], stored["x:name"], stored["names"]) == (odd, odd, "[]")


def invoice_waiting(core):
    """Park an invoice that waits for its contact."""
    core.feed(order_completed("1001"))
    invoice = core.record("Invoice", "1001")
    waits = (Wait(object="Contact", key="u1"),)
    settle(core, Result(record=invoice, disposition=Disposition.PARKED, reason="waits", waits=waits), queue="invoices")


def test_a_delivered_record_frees_those_that_wait_for_it(core):
    invoice_waiting(core)
    assert core.outbox.parked(ORG, "invoices") == 1
    contact = core.record("Contact", "u1")
    freed = settle(core, Result(record=contact, disposition=Disposition.DELIVERED, changes={"xero_id": "c1"}))
    assert freed == ["invoices"]
    assert core.outbox.parked(ORG, "invoices") == 0
    assert core.outbox.due(ORG, "invoices", 10) == ["Invoice|1001"]
    assert core.stored("Invoice", "1001")["disposition"] == "pending"
    assert not core.store.exists(keys.waiters(ORG, REF))


def test_a_record_with_an_id_frees_also_when_it_changed_in_flight(core):
    invoice_waiting(core)
    contact = core.record("Contact", "u1")
    flight = core.depart(QUEUE, contact)
    core.feed(identify("u1", "2026-11-02T00:00:00Z", name="Ann Lee"))
    freed = settle(
        core, Result(record=contact, disposition=Disposition.DELIVERED, changes={"xero_id": "c1"}), flight.id
    )
    assert freed == ["invoices"]


def test_a_pending_record_without_an_id_frees_nobody(core):
    invoice_waiting(core)
    assert settle(core, Result(record=core.record("Contact", "u1"), disposition=Disposition.PENDING)) == []
    assert core.outbox.parked(ORG, "invoices") == 1


def test_a_stuck_record_lets_those_look_again_who_wait_for_it(core):
    invoice_waiting(core)
    contact = core.record("Contact", "u1")
    freed = settle(core, Result(record=contact, disposition=Disposition.PARKED, reason="no", stuck=True))
    assert freed == ["invoices"]
    assert core.record("Contact", "u1").stuck
    settle(core, Result(record=contact, disposition=Disposition.PENDING))
    assert not core.record("Contact", "u1").stuck


def test_what_arrived_between_the_look_and_the_step_is_not_waited_for(core):
    core.feed(order_completed("1001"))
    invoice = core.record("Invoice", "1001")
    settle(
        core, Result(record=core.record("Contact", "u1"), disposition=Disposition.DELIVERED, changes={"xero_id": "c1"})
    )
    waits = (Wait(object="Contact", key="u1"),)
    settle(core, Result(record=invoice, disposition=Disposition.PARKED, reason="waits", waits=waits), queue="invoices")
    assert core.outbox.parked(ORG, "invoices") == 0
    assert core.outbox.due(ORG, "invoices", 10) == ["Invoice|1001"]
    assert core.stored("Invoice", "1001")["disposition"] == "pending"


def test_a_delivered_record_whose_missing_label_arrived_meanwhile_goes_again(core):
    core.feed(order_completed("1001", affiliation="Web"))
    invoice = core.record("Invoice", "1001")
    label = core.record("TrackingOption", "Sales channel: Web")
    settle(core, Result(record=label, disposition=Disposition.DELIVERED, changes={"xero_id": "o1"}), queue="tracking")
    waits = (Wait(object="TrackingOption", key="Sales channel: Web"),)
    result = Result(record=invoice, disposition=Disposition.DELIVERED, changes={"xero_id": "i1"}, waits=waits)
    settle(core, result, queue="invoices")
    assert core.outbox.due(ORG, "invoices", 10) == ["Invoice|1001"]


def test_many_results_are_settled_in_one_step(core):
    core.feed(*(identify(f"u{number}", name="Ann") for number in range(50)))
    refs = core.outbox.due(ORG, QUEUE, 50)
    records = load(core.store, ORG, refs)
    flight = core.depart(QUEUE, *records.values())
    results = [
        Result(record=record, disposition=Disposition.DELIVERED, changes={"xero_id": f"c-{record.key}"})
        for record in records.values()
    ]
    assert core.outbox.settle(ORG, QUEUE, results, flight.id) == []
    assert core.outbox.waiting(ORG, QUEUE) == 0
    assert core.record("Contact", "u7").xero_id == "c-u7"


def test_new_mappings_free_the_parked_records_once(core, record):
    settle(core, Result(record=record, disposition=Disposition.PARKED, reason="no row"))
    assert core.outbox.free_parked(ORG, QUEUE, "v2") == 1
    assert core.outbox.due(ORG, QUEUE, 10) == [REF]
    assert core.outbox.parked(ORG, QUEUE) == 0
    settle(core, Result(record=record, disposition=Disposition.PARKED, reason="still no row"))
    assert core.outbox.free_parked(ORG, QUEUE, "v2") == 0
    assert core.outbox.free_parked(ORG, QUEUE, "v3") == 1


def test_a_record_is_read_as_it_was_written(core):
    core.feed(order_completed("1001", affiliation="Web", total=27.5, tax=7.5))
    record = core.record("Invoice", "1001")
    assert record.fields["Total"] == jsontext.loads("27.5")
    assert [entry["object"] for entry in record.references["Tracking"]] == ["TrackingOption"]
    assert (record.version, record.disposition, record.attempts, record.uncertain) == ("1", "pending", 0, False)
    assert load(core.store, ORG, ["Invoice|none"]) == {}
