"""Deliver: one turn at a time per organisation and queue, at the pace of the budget; no one waits for a stranger."""

import threading

import pytest
from redis.exceptions import LockError

from segxero.errors import RetryableError
from segxero.store import keys
from segxero.sync.delivery.gathering import BACKLOG, BACKLOG_SECONDS, POLL_SECONDS, TRAFFIC_SECONDS
from segxero.sync.delivery.lane import LOCK_SECONDS
from segxero.sync.delivery.turn import Report
from segxero.sync.waiting.wakes import ONCE_SECONDS
from segxero.xero.api.client import TIMEOUT
from segxero.xero.api.pace import LOOK_AGAIN_SECONDS
from tests.support.set_ups.core import ORG, identify

STATE = f"{keys.budget(ORG)}:state"


def day_left(core, calls, hours=24.0):
    """Let the budget have *calls* for the next *hours*."""
    seconds, micros = core.store.time()
    now = seconds * 1000 + micros // 1000
    core.store.hset(STATE, mapping={"day_left": calls, "day_began": now - int((24 - hours) * 3_600_000)})


def waiting_for(core, ref, seconds):
    core.store.zadd(keys.outbox(ORG, "contacts"), {ref: core.outbox.now() - seconds})


def test_nothing_due_is_nothing_to_do(core):
    assert core.turn("contacts") == Report(counts={}, again_seconds=None)
    assert core.xero.calls == []


def test_a_record_is_delivered_at_once_while_there_is_plenty(core):
    core.feed(identify("u1", name="Ann"))
    report = core.turn("contacts")
    assert report == Report(counts={"delivered": 1}, again_seconds=None)


def test_more_records_than_one_call_takes_mean_another_turn_at_once(core):
    core.feed(*(identify(f"u{number}", name="Ann") for number in range(51)))
    assert core.turn("contacts").again_seconds == 0.0
    assert core.turn("contacts").again_seconds is None


def test_one_turn_at_a_time(core):
    core.feed(identify("u1", name="Ann"))
    entered, leave = threading.Event(), threading.Event()

    def slow(request):
        entered.set()
        leave.wait(10)
        return core.xero.keep(request)

    core.xero.then({"Contacts": []}, slow)
    first = threading.Thread(target=core.turn, args=("contacts",))
    first.start()
    assert entered.wait(10)
    assert core.turn("contacts") == Report()
    leave.set()
    first.join()
    assert len(core.xero.writes) == 1
    assert core.stored("Contact", "u1")["disposition"] == "delivered"
    assert not core.store.exists(keys.lock(ORG, "contacts"))


def test_what_came_while_the_lock_was_held_is_seen_after_it(core):
    core.feed(identify("u1", name="Ann"))

    def meanwhile(request):
        core.feed(identify("u2", name="Bob"))
        return core.xero.keep(request)

    core.xero.then({"Contacts": []}, meanwhile)
    assert core.turn("contacts").again_seconds == 0.0


def test_queues_and_organisations_have_locks_of_their_own(core):
    core.feed(identify("u1", name="Ann"))
    core.store.set(keys.lock(ORG, "invoices"), "another turn")
    core.store.set(keys.lock("other", "contacts"), "another turn")
    assert core.turn("contacts").counts == {"delivered": 1}


def test_the_lock_is_longer_than_a_call(core):
    assert sum(TIMEOUT) < LOCK_SECONDS


def test_never_twice_a_turn_that_lost_its_lock_before_the_call_sends_nothing(core):
    core.feed(identify("u1", name="Ann"))

    def stolen(request):
        core.store.set(keys.lock(ORG, "contacts"), "the next turn")
        return {"Contacts": []}

    core.xero.then(stolen)
    with pytest.raises(LockError):
        core.turn("contacts")
    assert core.xero.writes == []
    assert core.store.get(keys.lock(ORG, "contacts")) == "the next turn"
    # The flight it left behind is looked up by whoever comes next.
    core.store.delete(keys.lock(ORG, "contacts"))
    core.deliver()
    assert [contact["Name"] for contact in core.xero.contacts] == ["Ann"]


def test_a_queue_that_rests_calls_nobody_and_says_for_how_long(core):
    core.feed(identify("u1", name="Ann"))
    core.gate.pause(ORG, "contacts", 30, "Xero asks for it")
    report = core.turn("contacts")
    assert report.counts == {}
    assert report.again_seconds == pytest.approx(30, abs=1)
    assert not core.is_due("contacts")
    assert core.xero.calls == []


def test_nobody_waits_for_a_stranger_a_rest_holds_one_queue_of_one_organisation(core):
    core.gate.pause(ORG, "contacts", 30, "Xero asks for it")
    assert core.gate.wait_seconds(ORG, "invoices") == 0
    assert core.gate.wait_seconds("other", "contacts") == 0


def test_a_rest_ends_by_itself(core):
    core.gate.pause(ORG, "contacts", 0.001, "Xero asks for it")
    threading.Event().wait(0.02)
    assert core.gate.wait_seconds(ORG, "contacts") == 0


def test_records_gather_when_calls_are_scarce(core):
    day_left(core, 800)  # at EVEN: a call each 108 s
    core.feed(identify("u1", name="Ann"))
    waiting_for(core, "Contact|u1", 100)
    assert core.turn("contacts").again_seconds == LOOK_AGAIN_SECONDS
    assert core.xero.calls == []
    waiting_for(core, "Contact|u1", 109)
    assert core.turn("contacts").counts == {"delivered": 1}


def test_a_full_call_does_not_gather(core):
    day_left(core, 500)
    core.feed(*(identify(f"u{number}", name=f"Person {number}") for number in range(50)))
    assert core.turn("contacts").counts == {"delivered": 50}
    core.feed(*(identify(f"v{number}", name=f"Person {number}") for number in range(49)))
    assert core.turn("contacts").again_seconds == LOOK_AGAIN_SECONDS


def test_a_day_without_calls_waits_for_the_next(core):
    day_left(core, 0, hours=3)
    core.feed(identify("u1", name="Ann"))
    assert core.turn("contacts").again_seconds == pytest.approx(3 * 3600, abs=5)


def test_records_wait_for_the_events_that_are_still_to_be_folded(core):
    core.feed(identify("u1", name="Ann"))
    core.inbox.accept([core.arrival(identify("u1", name="Ann Lee"))])
    assert core.turn("contacts").again_seconds == POLL_SECONDS
    assert core.xero.calls == []


@pytest.mark.parametrize(("events", "seconds"), [(1, TRAFFIC_SECONDS), (BACKLOG, BACKLOG_SECONDS)])
def test_a_record_waits_seconds_for_traffic_and_no_more_than_a_minute_for_a_backlog(core, events, seconds):
    core.feed(identify("u1", name="Ann"))
    core.inbox.accept([core.arrival(identify("u1", name=f"Ann {number}")) for number in range(events)])
    waiting_for(core, "Contact|u1", seconds - 3)
    assert core.turn("contacts").again_seconds == POLL_SECONDS
    waiting_for(core, "Contact|u1", seconds)
    assert core.turn("contacts").counts == {"delivered": 1}


def test_a_flight_left_behind_is_due_although_nothing_else_is(core):
    core.feed(identify("u1", name="Ann"))
    core.depart("contacts", core.record("Contact", "u1"))
    core.outbox.remove(ORG, "contacts", "Contact|u1")
    assert core.is_due("contacts")
    core.deliver()
    assert core.stored("Contact", "u1")["disposition"] == "delivered"


def test_a_failed_call_gives_the_lock_back(core):
    core.feed(identify("u1", name="Ann"))
    core.xero.then(RetryableError("down"))
    with pytest.raises(RetryableError):
        core.turn("contacts")
    assert not core.store.exists(keys.lock(ORG, "contacts"))


# Wake-ups: one message, however many records wait.


def test_one_wake_up_is_on_its_way(core):
    assert core.wakes.wake(ORG, "contacts")
    assert not core.wakes.wake(ORG, "contacts")
    assert core.wakes.wake(ORG, "invoices")
    assert core.wakes.wake("other", "contacts")
    assert core.store.lrange("contacts", 0, -1) == [
        '{"queue": "contacts", "organisation": "other"}',
        '{"queue": "contacts", "organisation": "main"}',
    ]


def test_a_turn_answers_the_wake_up(core):
    core.wakes.wake(ORG, "contacts")
    core.turn("contacts")
    assert core.wakes.wake(ORG, "contacts")


def test_a_wake_up_that_nobody_answers_may_be_sent_again_soon(core):
    core.wakes.wake(ORG, "contacts")
    assert 0 < core.store.pttl(keys.awake(ORG, "contacts")) <= ONCE_SECONDS * 1000


def test_a_wake_up_that_comes_later_is_announced_until_then(core):
    assert core.wakes.claim(ORG, "contacts", 100)
    assert not core.wakes.claim(ORG, "contacts", 1)
    assert not core.wakes.wake(ORG, "contacts")
    assert core.store.pttl(keys.awake(ORG, "contacts")) == pytest.approx((100 + ONCE_SECONDS) * 1000, abs=1000)
    assert core.store.llen("contacts") == 0
