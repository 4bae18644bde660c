"""One bad element harms only itself: the others of its call are booked, and it waits for a person with Xero's words."""

import pytest

from segxero.demo import LocalStack
from tests.support.people import bookkeeper
from tests.support.segment.shop_events import identify, order, person
from tests.support.xero import books

# Payment terms are passed on as they are, so that an event can hold what Xero's parser does not read.
CHANGES = [
    (
        "contacts.yaml",
        "    EmailAddress: $.traits.email\n    Phones:",
        "    EmailAddress: $.traits.email\n    PaymentTerms: $.traits.terms\n    Phones:",
    )
]
REFUSED = {"element": {"contains": "exa_mple"}, "message": "Not today.", "times": 0}
NAME_OF_ALL = {f"u{number}": f"Person {number}" for number in range(50)}


@pytest.fixture
def stack(tmp_path):
    with LocalStack(mappings=bookkeeper.own_mappings(tmp_path, CHANGES)) as running:
        running.wait_ready()
        yield running


def posted(stack, events):
    """Post *events* in one body and return the writes and dead letters that came of them."""
    since = stack.summary()["calls"]
    stack.post(events)
    stack.settle()
    return [call for call in stack.calls(since) if call["method"] != "GET" and call["tenant"]], list(stack.dead_letters)


def test_a_refused_contact_becomes_a_dead_letter_with_xeros_sentence_and_the_other_49_are_written(stack):
    events = [person(number) for number in range(50)]
    events[31] = person(31, email="person31@exa_mple.com")
    stack.control("POST", "faults", REFUSED)
    writes, (letter,) = posted(stack, events)
    assert [call["elements"] for call in writes] == [50]
    assert books.names(stack.records()) == {key: name for key, name in NAME_OF_ALL.items() if key != "u31"}
    assert (letter.queue, letter.object, letter.key) == ("contacts", "Contact", "u31")
    assert (letter.error, letter.sentences) == ("XeroValidationError", ("Not today.",))
    assert letter.next_step
    assert "person31@exa_mple.com" in letter.events[0]
    # The person is corrected at the source, and the letter's replay brings back nothing old.
    writes, _ = posted(stack, identify("u31", at=1, email="person31@example.com"))
    assert [call["elements"] for call in writes] == [1]
    assert books.names(stack.records()) == NAME_OF_ALL
    assert books.emails(stack.records())["u31"] == "person31@example.com"


def test_a_refused_invoice_becomes_a_dead_letter_with_xeros_sentence_and_the_others_are_written(stack):
    stack.post(person(1))
    stack.settle()
    stack.control(
        "POST", "faults", {"element": {"contains": "4404"}, "message": "Not today.", "match": {"method": "PUT"}}
    )
    writes, (letter,) = posted(stack, [order(f"44{number:02}", "u1", at=number) for number in range(10)])
    assert [call["elements"] for call in writes] == [10]
    assert books.totals(stack.records()).keys() == {f"44{number:02}" for number in range(10)} - {"4404"}
    assert (letter.object, letter.key, letter.sentences) == ("Invoice", "4404", ("Not today.",))


def test_a_body_that_xero_cannot_read_is_halved_until_its_culprit_is_alone(stack):
    events = [person(number) for number in range(50)]
    events[17] = person(17, terms={"Sales": {"Day": "soon", "Type": "OFCURRENTMONTH"}})
    writes, (letter,) = posted(stack, events)
    assert books.names(stack.records()) == {key: name for key, name in NAME_OF_ALL.items() if key != "u17"}
    assert (letter.object, letter.key) == ("Contact", "u17")
    assert "Xero cannot read the body" in letter.message
    assert "System.Decimal" in letter.message
    assert len(writes) <= 14
    assert [call["elements"] for call in writes if call["status"] == 400][-1] == 1


def test_two_poisons_in_one_body_are_both_found_and_the_rest_is_written(stack):
    for culprit in ("Person 3 ", "Person 40 "):
        fault = {"status": 400, "times": 0, "match": {"body": f"{culprit}Poison", "method": "POST"}}
        stack.control("POST", "faults", fault)
    events = [person(number) for number in range(50)]
    events[3], events[40] = person(3, name="Person 3 Poison"), person(40, name="Person 40 Poison")
    writes, letters = posted(stack, events)
    assert {letter.key for letter in letters} == {"u3", "u40"}
    assert books.names(stack.records()) == {key: name for key, name in NAME_OF_ALL.items() if key not in ("u3", "u40")}
    assert len(writes) <= 28
