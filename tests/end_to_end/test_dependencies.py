"""What depends on something else waits for it, whichever comes first, and is booked when it is there."""

from decimal import Decimal

import pytest

from segxero.demo import LocalStack
from tests.support.people import bookkeeper
from tests.support.segment.shop_events import group, identify, order
from tests.support.xero import books

CHANGES = [
    # Orders with a company are billed to it.
    (
        "orders.yaml",
        '      key: {"@first": [$.userId, $.anonymousId]}\n',
        '      key: {"@first": [$.properties.company, $.userId, $.anonymousId]}\n',
    )
]


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with LocalStack(mappings=bookkeeper.own_mappings(tmp_path_factory.mktemp("own"), CHANGES)) as running:
        running.wait_ready()
        yield running


def waiting(stack):
    return {parked.key: parked.reason for parked in stack.standing().parked}


def test_an_order_without_identify_brings_its_contact_along_and_identify_completes_it_later(stack):
    stack.post(order("9001", "u1", email="first@example.com"))
    stack.settle()
    assert books.contacts(stack.records()) == {"u1": {"Name": "first@example.com", "EmailAddress": "first@example.com"}}
    assert books.invoices(stack.records())["9001"]["Contact"] == "u1"
    before = {contact["ContactID"] for contact in stack.records()["Contacts"]}
    stack.post(identify("u1", at=1, name="Ann Able", email="ann@example.com"))
    stack.settle()
    assert books.contacts(stack.records()) == {"u1": {"Name": "Ann Able", "EmailAddress": "ann@example.com"}}
    assert {contact["ContactID"] for contact in stack.records()["Contacts"]} == before


def test_in_one_body_the_contact_and_the_label_are_written_before_the_invoice_that_names_them(stack):
    since = stack.summary()["calls"]
    stack.post([order("9002", "u2", at=1, affiliation="Web shop"), identify("u2", name="Bo Berg")])
    stack.settle()
    written = [call["path"].rsplit("/", 1)[1] for call in stack.calls(since) if call["method"] != "GET"]
    assert sorted(written) == ["Contacts", "Invoices", "Options", "TrackingCategories"]
    assert written[-1] == "Invoices"
    assert books.invoices(stack.records())["9002"]["Labels"] == {"Sales channel": "Web shop"}


def test_an_invoice_whose_contact_has_not_come_waits_for_it_and_is_freed_when_it_comes(stack):
    stack.post(order("9003", "u3", company="g3"))
    stack.settle()
    assert waiting(stack) == {"9003": "waits for Contact g3"}
    assert "9003" not in books.totals(stack.records())
    stack.post(group("g3", "u3", at=1, name="Cy Ltd"))
    stack.settle()
    assert books.invoices(stack.records())["9003"]["Contact"] == "g3"
    assert waiting(stack) == {}


def test_an_invoice_whose_contact_xero_refuses_waits_with_xeros_reason_and_is_freed_by_the_correction(stack):
    stack.post([identify("u4", name="Di Doe", email="di@exa_mple.com"), order("9004", "u4", at=1)])
    stack.settle()
    (letter,) = stack.dead_letters
    assert (letter.object, letter.key, letter.sentences) == ("Contact", "u4", ("Email address must be valid.",))
    assert waiting(stack)["9004"].startswith("waits for Contact u4, which needs a person")
    stack.post(identify("u4", at=2, email="di@example.com"))
    stack.settle()
    assert books.emails(stack.records())["u4"] == "di@example.com"
    assert books.totals(stack.records())["9004"] == Decimal("20.00")
    assert waiting(stack) == {}
