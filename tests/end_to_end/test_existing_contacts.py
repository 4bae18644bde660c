"""Contacts that Xero had before us: taken over in few calls, followed when merged, waited for when archived."""

import pytest

from segxero.demo import LocalStack
from tests.support.segment.shop_events import identify, order
from tests.support.xero import books

MANY = 10_000
MOST_CALLS = 12


@pytest.fixture(scope="module")
def stack():
    with LocalStack() as running:
        running.wait_ready()
        people = [{"Name": f"Client {n}", "EmailAddress": f"client{n}@example.com"} for n in range(MANY)]
        running.control("POST", "contacts", {"contacts": people})
        yield running


def by_number(stack):
    return {contact.get("ContactNumber"): contact for contact in stack.records()["Contacts"]}


def change(stack, contact, **changes):
    stack.control("POST", "contacts", {"contacts": [{"ContactID": contact["ContactID"], **changes}]})


def test_ten_thousand_contacts_are_known_within_twelve_calls_and_none_is_doubled(stack):
    people = [identify(f"u{n}", name=f"Client {n}", email=f"Client{n}@example.com") for n in range(0, MANY, 200)]
    stack.post(people)
    stack.settle()
    calls = stack.calls()
    reads = [call for call in calls if call["method"] == "GET" and call["path"].endswith("/Contacts")]
    assert len(reads) <= MOST_CALLS
    assert len([call for call in calls if call["method"] == "POST" and call["path"].endswith("/Contacts")]) == 1
    records = stack.records()
    assert len(records["Contacts"]) == MANY
    assert {number for number in books.emails(records) if number.startswith("u")} == {
        f"u{n}" for n in range(0, MANY, 200)
    }


def test_orders_of_a_merged_contact_go_to_the_one_that_is_left(stack):
    stack.post(identify("loser", name="Lou Ser"))
    stack.settle()
    contacts = by_number(stack)
    winner = next(found for found in stack.records()["Contacts"] if found["Name"] == "Client 1")
    change(stack, contacts["loser"], ContactStatus="ARCHIVED", MergedToContactID=winner["ContactID"])
    stack.post(order("m1", "loser", at=1))
    stack.settle()
    invoices = {invoice["InvoiceNumber"]: invoice for invoice in stack.records()["Invoices"]}
    assert invoices["m1"]["Contact"]["ContactID"] == winner["ContactID"]
    assert list(stack.dead_letters) == []


def test_an_archived_contact_and_its_order_wait_for_a_person_and_nobody_else_does(stack):
    stack.post(identify("gone", name="Go Ne"))
    stack.settle()
    change(stack, by_number(stack)["gone"], ContactStatus="ARCHIVED")
    stack.post([order("a1", "gone", at=1), order("a2", "u200", at=1)])
    stack.settle()
    sentence = "the contact is archived in Xero; restore it there (policy archived_contact)"
    assert {parked.key: parked.reason for parked in stack.standing().parked} == {
        "gone": sentence,
        "a1": f"waits for Contact gone, which needs a person: {sentence}",
    }
    numbers = {invoice["InvoiceNumber"] for invoice in stack.records()["Invoices"]}
    assert "a2" in numbers
    assert "a1" not in numbers
