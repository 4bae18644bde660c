"""Outages that last: nothing is sent while Xero must not be called, nothing is buried, and all goes on by itself.

The minutes that a queue rests are ended here by hand: what holds them is changed, as the passing of time would do.
"""

import time
from datetime import datetime

import pytest

from segxero.store import keys
from tests.support.processes.command import segxero
from tests.support.processes.waiting import within
from tests.support.segment.shop_events import identify, order, person
from tests.support.xero import books

QUEUES = ("contacts", "invoices", "tracking")


@pytest.fixture(autouse=True)
def quiet(stack):
    """Leave no fault and no rest to the next test."""
    yield
    stack.control("DELETE", "faults")
    let_time_pass(stack)


def let_time_pass(stack):
    stack.store.delete(*(keys.pause("main", queue) for queue in QUEUES))
    if is_down(stack):
        rests = {f"rests:{queue}": 0 for queue in QUEUES}
        stack.store.hset(keys.breaker("main"), mapping={"probe_at": 0, **rests})


def is_down(stack):
    return stack.store.hexists(keys.breaker("main"), "open_since")


def has_noted_refusals(stack, number):
    """Whether Xero answered 500 *number* times, and the turn of the last of them is over: the breaker knows of it."""
    refused = stack.summary()["by_status"].get("500", 0) >= number
    return refused and not stack.store.exists(keys.lock("main", "contacts"))


def is_held(stack, queue="contacts"):
    return stack.store.exists(keys.pause("main", queue)) or is_down(stack)


def status(stack):
    (found,) = segxero(stack.env, "status", "--json").json
    return found


def test_while_a_retry_after_runs_no_call_is_sent_for_any_object(stack):
    stack.post([person(0), person(1)])
    stack.settle()
    stack.control("POST", "faults", {"limit": "minute", "retry_after": 6})
    before = stack.summary()["calls"]
    stack.post(identify("u0", at=1, email="new@example.com"))
    assert within(10, lambda: stack.summary()["by_status"].get("429"))
    stack.post([order("7001", "u1", at=2, affiliation="Web shop"), person(2)])
    stack.settle()
    summary = stack.summary()
    assert (summary["calls_during_retry_after"], summary["limit_breaches"]) == (0, {"minute": 1})
    refused, after, *_ = (call for call in stack.calls(before) if call["tenant"])
    assert after["arrived"] - refused["ended"] >= 6
    assert books.emails(stack.records())["u0"] == "new@example.com"
    assert books.totals(stack.records()).keys() == {"7001"}


@pytest.mark.parametrize(
    ("number", "fault"), [(10, {"offline": "organisation"}), (11, {"status": 403})], ids=["offline", "disconnected"]
)
def test_an_organisation_that_is_gone_is_left_in_peace_and_has_everything_when_it_is_back(stack, number, fault):
    before = stack.summary()["calls"]
    stack.control("POST", "faults", {**fault, "times": 0, "match": {"path": "/api.xro/"}})
    stack.post(person(number))
    assert within(20, lambda: is_held(stack))
    made = stack.summary()["calls"]
    assert made == before + 1
    stack.post([person(number), identify(f"u{number}", at=1, email="changed@example.com")])
    assert not within(3, lambda: stack.summary()["calls"] > made)
    assert stack.standing().outbox == 1
    stack.control("DELETE", "faults")
    let_time_pass(stack)
    stack.settle()
    assert books.emails(stack.records())[f"u{number}"] == "changed@example.com"
    assert list(stack.dead_letters) == []


def test_an_outage_of_many_tries_burns_no_attempt_and_buries_nothing(stack):
    tries = 10
    stack.control("POST", "faults", {"status": 500, "times": tries, "match": {"path": "/api.xro/"}})
    seen = stack.summary()["by_status"].get("500", 0)
    stack.post(person(20))
    for count in range(tries):
        assert within(30, lambda count=count: has_noted_refusals(stack, seen + count + 1))
        let_time_pass(stack)
        stack.post(person(100 + count))  # a new event wakes the queue that rests no longer
    stack.settle()
    assert {"u20", *(f"u{100 + count}" for count in range(tries))} <= books.contacts(stack.records()).keys()
    assert list(stack.dead_letters) == []


def test_a_token_that_expires_is_replaced_without_anybody_noticing(stack):
    minted = len([call for call in stack.calls() if call["path"] == "/connect/token"])
    stack.control("POST", "settings", {"expire_tokens": True})
    stack.post(person(30))
    stack.settle()
    assert books.names(stack.records())["u30"] == "Person 30"
    assert len([call for call in stack.calls() if call["path"] == "/connect/token"]) == minted + 1
    assert list(stack.dead_letters) == []


def test_an_outage_ends_for_all_queues_at_once_and_status_tells_of_it_meanwhile(stack):
    stack.control("POST", "faults", {"offline": "maintenance", "times": 0, "match": {"path": "/api.xro/"}})
    began = time.time()
    stack.post([person(number) for number in range(200, 300)])
    stack.post([order(f"8{number}", f"u{number}", at=1, affiliation="Fair") for number in range(200, 300)])
    assert within(20, lambda: is_down(stack) and not stack.standing().inbox)
    told = status(stack)
    assert told["why"] == "Xero is not available: The Xero API is currently offline for maintenance"
    assert told["waiting"] >= 100
    assert datetime.fromisoformat(told["down_since"]).timestamp() == pytest.approx(began, abs=20)
    assert 0 <= told["next_try_in_seconds"] <= 300
    before = stack.summary()
    stack.control("DELETE", "faults")
    let_time_pass(stack)
    stack.settle()
    after = stack.summary()
    calls = [call for call in stack.calls(before["calls"]) if call["tenant"] and call["status"] == 200]
    # From the probe on, nothing waits for anything but Xero: contacts, the label and the invoices.
    assert calls[-1]["arrived"] - calls[0]["arrived"] < 10
    assert after["limit_breaches"] == before["limit_breaches"]
    assert len(books.totals(stack.records()).keys() & {f"8{number}" for number in range(200, 300)}) == 100
    assert (status(stack)["down_since"], status(stack)["waiting"]) == (None, 0)


def test_a_day_without_calls_pauses_the_organisation_until_its_reset_and_it_resumes_by_itself(stack):
    stack.control("POST", "settings", {"day_remaining": 0})
    stack.post(person(400))
    assert within(20, lambda: status(stack)["calls_left_day"] == 0)
    told, made = status(stack), stack.summary()["calls"]
    assert told["waiting"] == 1
    assert 0 < told["day_ends_in_seconds"] <= 86_400
    stack.post([person(401), order("9001", "u401", at=1)])
    assert not within(12, lambda: stack.summary()["calls"] > made)  # longer than the schedule's next look
    assert list(stack.dead_letters) == []
    stack.control("POST", "settings", {"day_remaining": 1000})
    let_time_pass(stack)
    # Redis' clock reaches the reset.
    stack.store.hset(f"{keys.budget('main')}:state", mapping={"blocked_until": 0, "day_began": 1})
    stack.settle()
    assert {"u400", "u401"} <= books.contacts(stack.records()).keys()
    assert status(stack)["calls_left_day"] > 900
