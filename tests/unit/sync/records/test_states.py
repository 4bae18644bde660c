"""The states of a record, in the real Lua: every transition of STATES.md that no other test of sync shows."""

from dataclasses import replace

import pytest

from segxero.store import keys
from segxero.sync.delivery.lane import LOCK_SECONDS, MOST
from segxero.sync.delivery.verdicts import MOST_DEATHS, judge_loss, judge_orphan
from segxero.sync.records import results
from segxero.sync.records.disposition import Disposition
from segxero.sync.records.ready import Wait
from segxero.sync.records.trace import LIFETIME_SECONDS, LONGEST
from segxero.telemetry.causes import Obstacle
from tests.support.set_ups.core import ORG, identify, order_completed

QUEUE, REF = "contacts", "Contact|u1"
XERO_ERROR = "An error occurred in Xero. Check the API Status page."


@pytest.fixture
def record(core):
    core.feed(identify("u1", name="Ann"))
    return core.record("Contact", "u1")


def settle(core, result, queue=QUEUE):
    core.outbox.settle(ORG, queue, [result])
    return core.record(result.record.object, result.record.key)


def place(core, ref=REF, queue=QUEUE):
    return core.store.zscore(keys.outbox(ORG, queue), ref)


def test_a_wait_whose_target_changed_between_the_look_and_the_step_goes_again_at_once(core, record):
    core.feed(order_completed("1001"))
    invoice = core.record("Invoice", "1001")
    changed = Wait(object="Contact", key="u1", version="another version")
    settled = settle(core, results.parked(invoice, "waits", waits_for=[changed]), "invoices")
    assert settled.disposition == Disposition.PENDING
    assert core.outbox.due(ORG, "invoices", 9) == ["Invoice|1001"]
    assert not core.store.exists(keys.waiters(ORG, REF))


def test_a_wait_whose_target_is_as_it_was_is_parked_behind_it(core, record):
    core.feed(order_completed("1001"))
    invoice, contact = core.record("Invoice", "1001"), core.record("Contact", "u1")
    same = Wait(object="Contact", key="u1", version=contact.version)
    assert settle(core, results.parked(invoice, "waits", waits_for=[same]), "invoices").disposition == "parked"
    assert core.store.scard(keys.waiters(ORG, REF)) == 1


def test_the_lock_lives_its_full_time_from_the_departure_on(core, record):
    lock = core.store.lock(keys.lock(ORG, QUEUE), timeout=LOCK_SECONDS, thread_local=False)
    assert lock.acquire(blocking=False)
    core.store.pexpire(lock.name, 500)  # planning took nearly all of it
    core.outbox.depart(ORG, QUEUE, [record], lock)
    assert core.store.pttl(lock.name) > (LOCK_SECONDS - 5) * 1000


def test_a_live_record_that_goes_again_without_a_delay_keeps_its_place(core, record):
    core.store.zadd(keys.outbox(ORG, QUEUE), {REF: 1000})
    settle(core, results.pending(record))
    assert place(core) == 1000


def test_a_historical_record_with_a_delay_stays_behind_the_live_ones(core, record):
    core.store.zadd(keys.outbox(ORG, QUEUE), {REF: keys.HISTORICAL + 1000})
    settle(core, results.uncertain(record, "lost", 15))
    assert place(core) == pytest.approx(keys.HISTORICAL + core.outbox.now() + 15, abs=3)


def test_a_trace_keeps_its_last_fifty_entries_for_ninety_days(core, record):
    for number in range(LONGEST + 10):
        settle(core, results.pending(record, f"reason {number}"))
    trace = keys.trace(ORG, REF)
    core.store.persist(trace)
    settle(core, results.pending(record, f"reason {LONGEST + 10}"))
    assert (LONGEST, LIFETIME_SECONDS) == (50, 90 * 86_400)
    assert core.store.llen(trace) == 50
    assert "reason 60" in core.store.lindex(trace, -1)
    assert "reason 11" in core.store.lindex(trace, 0)
    assert 0 < core.store.ttl(trace) <= LIFETIME_SECONDS


def test_events_alone_keep_a_trace_at_fifty_entries_that_expires(core):
    core.feed(*(identify("u1", name=f"Ann {number}") for number in range(LONGEST + 5)))
    trace = keys.trace(ORG, REF)
    assert core.store.llen(trace) == 50
    assert 0 < core.store.ttl(trace) <= LIFETIME_SECONDS


def test_a_number_that_must_be_unique_is_looked_up_the_first_time_and_buried_the_second_time(core):
    core.feed(order_completed("1001"))
    core.deliver()
    core.feed(order_completed("1001", time="2026-11-02T00:00:00Z", total=30, products=[{"name": "Mug", "price": 30}]))
    core.xero.refuse[core.record("Invoice", "1001").xero_id] = ("Invoice # must be unique.",)
    core.turn("invoices")
    first = core.record("Invoice", "1001")
    assert (first.disposition, first.taken, first.obstacle) == ("pending", True, Obstacle(refusal="number_taken"))
    core.turn("invoices")
    assert core.record("Invoice", "1001").disposition == "dead"
    assert [letter.key for letter in core.letters] == ["1001"]


def test_the_first_failure_stays_the_first_however_often_xero_refuses(core, record):
    core.xero.refuse["u1"] = (XERO_ERROR,)
    core.turn(QUEUE)
    first = core.record("Contact", "u1")
    core.store.hset(keys.record(ORG, REF), "failing_since", str(first.failing_since - 100))
    core.make_due("Contact", "u1")
    core.turn(QUEUE)
    second = core.record("Contact", "u1")
    assert second.failing_since == first.failing_since - 100
    assert (second.attempts, len(second.attempted)) == (2, 2)


def test_the_receipt_of_the_first_event_counts_until_xero_has_the_record(core, record):
    core.store.hset(keys.record(ORG, REF), "since", "1000")
    core.feed(identify("u1", "2026-11-02T00:00:00Z", name="Ann Lee"))
    assert core.stored("Contact", "u1")["since"] == "1000"
    core.deliver(QUEUE)
    assert "since" not in core.stored("Contact", "u1")


@pytest.mark.parametrize(
    ("object_name", "delay"),
    [("Contact", 10), ("HistoryNote", 60)],
)
def test_a_lost_answer_is_looked_up_later_where_xero_has_no_key_of_ours(core, record, object_name, delay):
    core.feed(order_completed("1001"))
    lost = core.record("Contact", "u1") if object_name == "Contact" else note(core)
    result = judge_loss(lost, "the answer is lost")
    assert (result.disposition, result.delay_seconds) == (Disposition.UNCERTAIN, delay)


def note(core):
    return replace(core.record("Contact", "u1"), object="HistoryNote")


def test_the_fifth_process_that_dies_over_a_record_buries_it(core, record):
    for deaths in range(1, MOST_DEATHS):
        result = judge_orphan(core.record("Contact", "u1"), 60, core.planner.bury)
        settled = settle(core, result)
        assert (settled.disposition, settled.deaths, settled.uncertain) == ("uncertain", deaths, True)
    assert judge_orphan(settled, 60, core.planner.bury).disposition == Disposition.DEAD


def test_parking_in_a_group_forgets_the_attempts_and_asks_xero_first_where_the_number_was_taken(core, record):
    core.store.hset(keys.record(ORG, REF), mapping={"attempts": 2, "failing_since": 9, "attempted": "9", "taken": "1"})
    settled = settle(core, results.parked_in_group(core.record("Contact", "u1"), "lock_date", "locked"))
    assert (settled.attempts, settled.failing_since, settled.attempted) == (0, 0, ())
    assert (settled.taken, settled.uncertain, settled.stuck, settled.retry_group) == (False, True, True, "lock_date")
    assert settled.obstacle == Obstacle(refusal="lock_date")


def test_a_record_on_its_way_keeps_its_group_and_loses_it_when_xero_has_it(core, record):
    settle(core, results.parked_in_group(record, "lock_date", "locked"))
    core.outbox.free(ORG, QUEUE, REF)
    looked_at = core.record("Contact", "u1")
    assert looked_at.looks
    again = settle(core, results.pending(looked_at))
    assert (again.retry_group, again.looks) == ("lock_date", True)
    core.deliver(QUEUE)
    done = core.record("Contact", "u1")
    assert (done.disposition, done.retry_group, done.looks) == ("delivered", "", False)


def test_a_new_event_removes_the_obstacle_with_the_reason(core, record):
    lacks = (("accounts", "Games"),)
    settled = settle(core, results.parked(record, "no row", obstacle=Obstacle(lacks=lacks), stuck=True))
    assert (settled.reason, settled.obstacle.lacks) == ("no row", lacks)
    core.feed(identify("u1", "2026-11-02T00:00:00Z", name="Ann Lee"))
    changed = core.record("Contact", "u1")
    assert (changed.disposition, changed.reason, changed.obstacle) == ("pending", "", Obstacle())


def test_a_target_that_arrives_removes_the_obstacle_of_those_who_wait(core, record):
    core.feed(order_completed("1001"))
    invoice = core.record("Invoice", "1001")
    wait = Wait(object="Contact", key="u1")
    parked = results.parked(invoice, "waits", obstacle=Obstacle(waits_for=REF), waits_for=[wait])
    assert settle(core, parked, "invoices").obstacle == Obstacle(waits_for=REF)
    settle(core, results.pending_adopted(core.record("Contact", "u1"), "c1", "found", {}))
    assert core.record("Invoice", "1001").obstacle == Obstacle()


def test_a_turn_takes_no_more_records_than_a_call(core):
    core.feed(*(identify(f"u{number}", name=f"Ann {number}") for number in range(MOST + 3)))
    assert len(core.outbox.load_due(ORG, QUEUE, MOST)) == 50


def test_a_ref_that_names_no_record_is_taken_out_of_the_outbox(core, record):
    core.store.zadd(keys.outbox(ORG, QUEUE), {"Contact|gone": 0})
    assert [one.ref for one in core.outbox.load_due(ORG, QUEUE, MOST)] == [REF]
    assert place(core, "Contact|gone") is None
