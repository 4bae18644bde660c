"""Xero fails in every way it can, once per object: in the end it has the same records as without the fault.

Most of these need some seconds until the next try, so they run side by side, each on a stack of its own.
"""

import time
from functools import partial

import pytest

from segxero.demo import LocalStack
from segxero.store import keys
from tests.support.processes.waiting import within
from tests.support.segment.shop_events import identify, order, person
from tests.support.xero import books

PEOPLE = 12
RETRY_AFTER = 3
ON_ITS_WAY = 0.3  # seconds from a grant of the budget to Xero, on a machine that plays fifteen outages at once
OBJECTS = ("Contacts", "TrackingCategories", "Invoices")
TOO_LATE = "it writes everything and answers too late"
DEAD_SLOW = "every call for invoices takes too long"
PAUSE = 3.0
ONCE = {
    "it answers 500 and has written nothing": {"status": 500},
    "it answers 500 and has written everything": {"status": 500, "after_commit": True},
    "it writes everything and its answer is lost": {"lost_answer": True},
    "it answers 502 from its gateway": {"status": 502},
    "it is offline for maintenance": {"offline": "maintenance"},
    "it is unavailable": {"offline": "unavailable"},
    "it no longer knows the token": {"status": 401},
    "too many calls are in flight": {"limit": "concurrent"},
    "the minute's calls are used up": {"limit": "minute", "retry_after": RETRY_AFTER},
    "it cannot remember idempotency keys": {"idempotency": "down"},
    "it fails for one element": {"element": {"index": 0}},
}
ALWAYS = {
    "it answers in another order": {"shuffle": True, "times": 0},
    "its dates have no zone": {"zoneless_dates": True, "times": 0},
    "its statuses are new words": {"unknown_enum": True, "times": 0},
}


def played(fault, objects=OBJECTS):
    """Let people change and order while *fault* hits each of *objects*; return what Xero has and how it came to it."""
    with LocalStack() as stack:
        stack.wait_ready()
        stack.post([person(number) for number in range(PEOPLE)])
        stack.settle()
        for name in objects:
            stack.control("POST", "faults", {**fault, "match": {"path": f"/{name}", "method": writes(name)}})
        stack.post(
            [
                *[identify(f"u{n}", at=1, email=f"new{n}@example.com") for n in range(PEOPLE)],
                *[order(f"60{n:02}", f"u{n}", at=2, affiliation="Web shop", campaign="Spring") for n in range(PEOPLE)],
            ]
        )
        standing = stack.settle(120)
        faults = [one for one in stack.control("GET", "faults") if one["times"]]
        return {
            "records": books.comparable(stack.records()),
            "summary": stack.summary(),
            "late": late(stack.control("GET", "calls?compact=1")),
            "left": (standing.parked, list(stack.dead_letters), faults),
        }


def late(calls):
    """Return the calls that were sent while a Retry-After ran, though we had been told.

    One that was granted before the refusal reached us may still arrive after it; that takes a moment, no more.
    """
    told = [call["ended"] for call in calls if call["limit"] == "minute"]
    return [
        call
        for call in calls
        if any(ON_ITS_WAY < call["arrived"] - moment < RETRY_AFTER - ON_ITS_WAY for moment in told)
    ]


def writes(name):
    return "POST" if name == "Contacts" else "PUT"


def dead_slow_invoices():
    """Let every call for invoices take longer than we wait, while people change; return how soon those were in Xero."""
    with LocalStack() as stack:
        stack.wait_ready()
        stack.post([person(number) for number in range(PEOPLE)])
        stack.settle()
        stack.control("POST", "faults", {"delay": 60.0, "times": 0, "match": {"path": "/Invoices"}})
        stack.post([order(f"70{number:02}", f"u{number}", at=1) for number in range(PEOPLE)])
        delays = []
        for number in range(PEOPLE):
            began = time.monotonic()
            email = f"slow{number}@example.com"
            stack.post(identify(f"u{number}", at=2, email=email))
            written = within(60, lambda e=email, n=number: books.emails(stack.records())[f"u{n}"] == e)
            delays.append(time.monotonic() - began if written else 60)
            time.sleep(PAUSE)  # the people's pace: they change from before the first time-out until after it
        stack.control("DELETE", "faults")
        let_breaker_rest_end(stack)
        stack.settle(120)
        totals = books.totals(stack.records())
        return {"delays": delays, "totals": totals, "letters": list(stack.dead_letters)}


def let_breaker_rest_end(stack):
    key = keys.breaker("main")
    for field in stack.store.hkeys(key):
        if field.startswith("rests:"):
            stack.store.hdel(key, field)


SCENARIOS = {
    DEAD_SLOW: dead_slow_invoices,
    TOO_LATE: partial(played, {"delay_after": 19.0}, objects=("Contacts", "Invoices")),
    "nothing": partial(played, {}, objects=()),
    **{name: partial(played, fault) for name, fault in {**ONCE, **ALWAYS}.items()},
}


@pytest.fixture
def undisturbed(scenario):
    return scenario("nothing")


def test_without_a_fault_xero_has_everybody_and_every_order(undisturbed):
    assert undisturbed["left"] == ((), [], [])
    assert [len(undisturbed["records"][name]) for name in ("Contacts", "Invoices")] == [PEOPLE, PEOPLE]
    assert {contact["EmailAddress"][:3] for contact in undisturbed["records"]["Contacts"]} == {"new"}


@pytest.mark.parametrize("name", [TOO_LATE, *ONCE, *ALWAYS])
def test_xero_has_the_same_records_in_the_end_when(scenario, undisturbed, name):
    found = scenario(name)
    assert found["left"] == ((), [], [])
    assert found["records"] == undisturbed["records"]
    assert found["late"] == []
    assert found["summary"]["max_elements"] <= 50


@pytest.mark.parametrize("name", ["it writes everything and its answer is lost", "it answers 502 from its gateway"])
def test_an_invoice_whose_fate_is_unknown_is_looked_up_before_anything_is_sent_again(scenario, name):
    resources = scenario(name)["summary"]["by_resource"]
    assert resources["GET Invoices"]["calls"] == 1
    assert resources["PUT Invoices"]["calls"] == (1 if "writes everything" in name else 2)


def test_one_endpoint_that_is_dead_slow_does_not_hold_up_the_others(scenario):
    found = scenario(DEAD_SLOW)
    assert len(found["delays"]) == PEOPLE
    assert max(found["delays"]) < 10
    assert found["totals"].keys() == {f"70{number:02}" for number in range(PEOPLE)}
    assert found["letters"] == []
