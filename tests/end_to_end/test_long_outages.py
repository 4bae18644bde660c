"""Outages that last: nothing is sent while Xero must not be called, nothing is buried, and all goes on by itself.

The minutes that a queue rests are ended here by hand: the key that holds them is deleted, as its expiry would do.
"""

import pytest

from segxero import keys
from tests.support import books
from tests.support.shop_events import identify, order, person
from tests.support.waiting import within

QUEUES = ("contacts", "invoices", "tracking")


@pytest.fixture(autouse=True)
def quiet(stack):
    """Leave no fault and no rest to the next test."""
    yield
    stack.control("DELETE", "faults")
    let_time_pass(stack)


def let_time_pass(stack):
    stack.store.delete(*(keys.hold("main", queue) for queue in QUEUES))


def is_held(stack, queue="contacts"):
    return stack.store.exists(keys.hold("main", queue))


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
    stack.post(person(20))
    seen = stack.summary()["by_status"].get("500", 0)
    for count in range(tries):
        assert within(30, lambda count=count: stack.summary()["by_status"].get("500", 0) > seen + count)
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
