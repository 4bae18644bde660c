"""The accounts of a run find what is wrong: each fault is put in by hand."""

from dataclasses import replace

import pytest

from segxero.dead_letters import DeadLetter
from segxero.demo.standing import DemoStanding, Parked
from tests.chaos.accounts import faults_of
from tests.chaos.play import Outcome
from tests.chaos.shop import Traffic
from tests.support.segment.shop_events import page, person

PAGE, PERSON = page("u1"), person(1)
CALL = {
    "number": 1,
    "tenant": "t1",
    "method": "POST",
    "path": "/api.xro/2.0/Contacts",
    "arrived": 100,
    "ended": 101,
    "status": 200,
    "in_flight": 1,
    "elements": 50,
    "limit": "",
    "fault": 0,
    "during_retry_after": False,
}
CONTACT = {"ContactID": "c1", "ContactNumber": "u1", "Name": "Person 1", "EmailAddress": "person1@example.com"}
LETTER = DeadLetter(error="MappingError", message="no key", next_step="fix", queue="events", key="m9")
PARKED = Parked(organisation="main", object="Invoice", key="S-1", reason="the sums disagree")
TRAFFIC = Traffic(events=(PAGE, PERSON), bodies=([PAGE, PERSON],))


@pytest.fixture
def good():
    return Outcome(
        answers={0: {"accepted": 1, "ignored": 1, "rejected": []}},
        refusals={"503": 2},
        played=[],
        standing=DemoStanding(inbox=0, outbox=0, flights=0, parked=()),
        records={"Contacts": [CONTACT], "Invoices": [], "TrackingCategories": []},
        calls=[CALL],
        letters=[],
        dispositions={"Contact|u1": "delivered"},
        waiting={"main": 0},
    )


def contacts(*found):
    return {"Contacts": list(found), "Invoices": [], "TrackingCategories": []}


def calls(**changes):
    return [{**CALL, "number": 1, "status": 429, "limit": "minute", "fault": 3}, {**CALL, "number": 2, **changes}]


def test_a_good_run_has_no_fault(good):
    assert faults_of(TRAFFIC, good) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"records": contacts()}, "contacts are missing in Xero: u1"),
        ({"records": contacts({**CONTACT, "Name": "Ann"})}, "contacts differ: u1: Name is Ann instead of Person 1"),
        ({"records": contacts(CONTACT, CONTACT)}, "Contacts twice in Xero: u1"),
        (
            {"records": contacts(CONTACT, {**CONTACT, "ContactNumber": "u2"})},
            "contacts are in Xero that nobody wanted: u2",
        ),
        ({"answers": {0: {"accepted": 2, "ignored": 0, "rejected": []}}}, "answers differ: body 0"),
        ({"refusals": {"401": 1}}, "final refusals: 401"),
        ({"letters": [LETTER]}, "dead letters for nothing: m9: no key"),
        ({"letters": [LETTER, LETTER]}, "dead letters twice: m9 (2)"),
        ({"standing": DemoStanding(inbox=0, outbox=0, flights=0, parked=(PARKED,))}, "parked or not: S-1"),
        ({"dispositions": {"Contact|u1": "pending"}}, "records without an end: Contact|u1: pending"),
        ({"waiting": {"main": -1}}, "events counted as waiting: main -1"),
        ({"calls": calls(in_flight=6)}, "too many in flight: 2 POST"),
        ({"calls": calls(elements=51)}, "too many elements: 2 POST"),
        ({"calls": calls(limit="minute")}, "limits met: 2 POST"),
        ({"calls": calls(arrived=110, during_retry_after=True)}, "calls during a Retry-After: 2 POST"),
    ],
)
def test_each_fault_is_found(good, changes, sentence):
    assert any(fault.startswith(sentence) for fault in faults_of(TRAFFIC, replace(good, **changes)))


def test_a_call_that_was_on_its_way_when_xero_refused_another_breaks_no_limit(good):
    assert faults_of(TRAFFIC, replace(good, calls=calls(arrived=101.5, during_retry_after=True))) == []
