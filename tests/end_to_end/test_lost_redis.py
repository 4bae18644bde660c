"""Redis is lost in the middle of a day: its links are rebuilt from Xero, and a replay makes nothing twice."""

import random
from decimal import Decimal

import pytest

from segxero.demo import LocalStack
from segxero.store import keys
from tests.support.people import bookkeeper
from tests.support.processes.command import segxero
from tests.support.processes.waiting import within
from tests.support.segment.shop_events import group, identify, order, product, tracked
from tests.support.xero import books

D = Decimal
LONG = "a user id that is longer than a contact number may be " * 2  # Xero holds it shortened
CHANGES = [
    (
        "payments.yaml",
        "- name: order-paid\n  object: Payment\n  enabled: false",
        "- name: order-paid\n  object: Payment",
    ),
    ("tables/accounts.yaml", "# payments:", "payments:"),
]
DAY = [
    identify("u1", at=0, name="Ann Able", email="ann@example.com", address={"city": "Napier"}),
    identify("k1", at=1, name="Kim Lee", email="kim@example.com"),
    identify("k2", at=2, name="kim lee", email="lee@example.com"),
    identify(LONG, at=3, name="Lea Long", email="lea@example.com"),
    group("g1", "u1", at=4, name="Able Ltd"),
    order("2001", "u1", at=5, affiliation="Web shop", campaign="Spring"),
    order("2002", "k1", at=6, products=[product("Mug", "20.00", 2), product("Jar", "5.00")], total="45.00"),
    order("2003", LONG, at=7, shipping="4.00", discount="2.00", tax="3.30", total="25.30"),
    order("2004", "guest", at=8, email="guest@example.com", currency="AUD"),
    tracked("Order Refunded", "2001", at=9, refund_id="a", total=D("5.00")),
    tracked("Order Paid", "2002", at=10, payment_id="p1", amount=D("15.00")),
    identify("u1", at=11, phone="+64 3 555", address={"street": "1 Main Street"}),
]
EVENING = [
    identify("u1", at=20, email="able@example.com"),
    identify("k1", at=21, name="Kim Long"),
    identify(LONG, at=22, phone="+64 4 666"),
    order("2002", "k1", at=12, products=[product("Mug", "20.00", 2), product("Jar", "5.00")], total="45.00"),
    order("2005", "u1", at=23, affiliation="Web shop"),
    tracked("Order Refunded", "2001", at=24, refund_id="b", total=D("4.00")),
    tracked("Order Refunded", "2003", at=25, refund_id="c", products=[product("Mug", "20.00")], total=D("20.70")),
    tracked("Order Paid", "2002", at=26, payment_id="p2", amount=D("20.00")),
    tracked("Order Paid", "2005", at=27, payment_id="p3", amount=D("20.00")),
]


@pytest.fixture(scope="module")
def mappings(tmp_path_factory):
    return bookkeeper.own_mappings(tmp_path_factory.mktemp("own"), CHANGES)


@pytest.fixture(scope="module")
def undisturbed(mappings):
    """What Xero has after the day and the evening without a mishap."""
    with LocalStack(mappings=mappings, sandbox={"minute_limit": 1000}) as running:
        running.wait_ready()
        running.post(DAY)
        running.settle()
        running.post(EVENING)
        assert running.settle().parked == ()
        return all_of(running)


@pytest.fixture(scope="module")
def stack(mappings):
    """A stack that has had its day, and then loses its Redis."""
    with LocalStack(mappings=mappings, sandbox={"minute_limit": 1000}) as running:
        running.wait_ready()
        running.post(DAY)
        running.settle()
        running.store.flushall()
        yield running


def all_of(stack):
    """Return what Xero has, payments and allocations too, without ids and times."""
    records = stack.records()
    payments = sorted((one["Reference"], one["Amount"]) for one in records["Payments"])
    notes = sorted((one["CreditNoteNumber"], one["Total"], one["RemainingCredit"]) for one in records["CreditNotes"])
    return books.comparable({**records, "Payments": [], "CreditNotes": [], "Items": []}), payments, notes


def shuffled(events, seed):
    events = events + events[::3]
    random.Random(seed).shuffle(events)
    return events


def calls_of(stack, since):
    """Return the calls to Xero after number *since*: reads and writes."""
    methods = [call["method"] for call in stack.calls(since) if call["tenant"]]
    return methods.count("GET"), len(methods) - methods.count("GET")


def replay(stack, events):
    """Send *events* again while deliveries are held, and let them go when all are folded."""
    for start in range(0, len(events), 5):
        assert stack.post(events[start : start + 5]).status_code == 200
    assert within(30, lambda: not stack.store.hlen(keys.INBOX))
    assert segxero(stack.env, "links", "release").status == 0
    return stack.settle()


def rebuilt(stack, *arguments):
    said = segxero(stack.env, "links", "rebuild", "--json", *arguments)
    assert said.status == 0, said.err
    (found,) = said.json
    return found


def last(stack):
    return stack.calls()[-1]["number"]


def test_a_dry_run_says_what_would_be_linked_and_writes_nothing(stack):
    found = rebuilt(stack, "--dry-run")
    figures = {name: (one["found"], one["linked"], one["calls"]) for name, one in found["objects"].items()}
    assert figures == {
        "Allocation": (1, 1, 0),
        "Contact": (6, 6, 1),
        "CreditNote": (1, 1, 1),
        "Invoice": (4, 4, 1),
        "Payment": (1, 1, 1),
        "TrackingCategory": (2, 2, 1),
        "TrackingOption": (2, 2, 0),
    }
    assert found["contradictions"] == []
    assert list(stack.store.scan_iter(match=keys.record("main", "*"))) == []


def test_an_organisation_that_does_not_exist_is_refused_with_the_names_of_those_that_do(stack):
    said = segxero(stack.env, "links", "rebuild", "--organisation", "nobody")
    assert (said.status, "there are main" in said.err) == (2, True)


def test_deliveries_stay_held_while_events_are_still_to_be_folded(stack):
    stack.store.hset(keys.INBOX_WAITING, "main", 7)
    said = segxero(stack.env, "links", "release")
    assert (said.status, said.err) == (1, "main: 7 events are not processed yet; deliveries stay on hold\n")
    stack.store.hdel(keys.INBOX_WAITING, "main")


def test_after_a_rebuild_the_rest_of_the_day_and_a_replay_of_all_of_it_end_as_if_nothing_had_been(stack, undisturbed):
    rebuilt(stack, "--hold")
    standing = replay(stack, shuffled(DAY + EVENING, 1))
    assert (standing.parked, list(stack.dead_letters)) == ((), [])
    assert all_of(stack) == undisturbed


def test_a_second_loss_and_a_replay_in_another_order_cost_no_call_but_those_of_the_rebuild(stack, undisturbed):
    stack.store.flushall()
    began = last(stack)
    rebuilt(stack, "--hold")
    assert calls_of(stack, began) == (5, 0)
    began = last(stack)
    standing = replay(stack, shuffled(DAY + EVENING, 2))
    assert (standing.parked, list(stack.dead_letters)) == ((), [])
    assert calls_of(stack, began) == (0, 0)
    assert all_of(stack) == undisturbed


def test_without_a_rebuild_nothing_is_doubled_either_but_xero_is_asked_record_by_record(stack, undisturbed):
    stack.store.flushall()
    began = last(stack)
    stack.post(DAY + EVENING)
    standing = stack.settle()
    assert (standing.parked, list(stack.dead_letters)) == ((), [])
    assert all_of(stack) == undisturbed
    # With the rebuild it was 5 calls; how many these are depends on which records go together.
    reads, writes = calls_of(stack, began)
    assert (10 <= reads <= 20, 3 <= writes <= 8) == (True, True)
