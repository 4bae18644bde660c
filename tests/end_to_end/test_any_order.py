"""The same end, whatever the road: order, repetition and batching of events leave no trace in Xero."""

import random
from decimal import Decimal

import pytest

from segxero.demo import LocalStack
from tests.support.segment.shop_events import group, identify, order, page, product
from tests.support.xero import books

D = Decimal

PEOPLE = [
    # Fields come one after the other and are replaced, or cleared. An address is replaced whole.
    identify("u1", at=0, name="Ann Able", email="ann@example.com", address={"city": "Napier"}),
    identify("u1", at=10, phone="+64 3 555", address={"street": "1 Main Street"}),
    identify("u1", at=20, email="able@example.com"),
    # Three want one name; k1 gives it up later. k2 has an e-mail to carry behind it, and k3 has none.
    identify("k1", at=1, name="Kim Lee", email="kim@example.com"),
    identify("k2", at=2, name="kim lee", email="lee@example.com"),
    identify("k3", at=3, name="Kim Lee"),
    identify("k1", at=30, name="Kim Long"),
    # Two want one name until the second takes another: the first has it for itself in the end.
    identify("s1", at=4, name="Sam Salt", email="sam@example.com"),
    identify("s2", at=5, name="Sam Salt", email="salt@example.com"),
    identify("s2", at=31, name="Sam Pepper"),
    # One takes the name that the other just left.
    identify("c1", at=6, name="Cas Cole", email="cas@example.com"),
    identify("c2", at=7, name="Col Case", email="col@example.com"),
    identify("c2", at=32, name="Coll Case", email=None),
    identify("c1", at=33, name="Col Case"),
    group("g1", "u1", at=8, name="Able Ltd"),
    group("g1", "k1", at=9, email="office@example.com"),
    page("u1", at=11),
]
ORDERS = [
    order("2001", "u1", at=12, affiliation="Web shop", campaign="Spring"),
    # The shop corrects this one twice; the last word is four mugs.
    order("2002", "k1", at=13, affiliation="Market stall"),
    order("2002", "k1", at=14, products=[product("Mug", "20.00", 2), product("Jar", "5.00")], total="45.00"),
    order("2002", "k1", at=15, products=[product("Mug", "20.00", 4)], total="80.00", affiliation="Web shop"),
    # Of this customer only orders are known.
    order("2003", "stranger", at=16, email="stranger@example.com", currency="AUD"),
    order("2004", "stranger", at=17, email="later@example.com", tax="3.00", total="23.00"),
]
EVENTS = PEOPLE + ORDERS


def bodies(seed):
    """Return EVENTS shuffled, a third of them twice or more, cut into bodies of one to nine."""
    chance = random.Random(seed)
    events = EVENTS + chance.choices(EVENTS, k=len(EVENTS) // 3)
    chance.shuffle(events)
    found = []
    while events:
        size = chance.randint(1, 9)
        batch, events = events[:size], events[size:]
        wrapped = [{"json": event} for event in batch] if chance.random() < 0.3 else batch
        found.append(batch[0] if size == 1 else wrapped)
    return found


def booked(road, *, pausing):
    """Return what Xero has in the end when *road* is posted; *pausing* lets each body reach Xero before the next."""
    with LocalStack() as stack:
        stack.wait_ready()
        for body in road:
            assert stack.post(body).status_code == 200
            if pausing:
                stack.settle()
        standing = stack.settle()
        assert (standing.parked, list(stack.dead_letters)) == ((), [])
        return stack.records()


@pytest.fixture(scope="module")
def in_order():
    return booked(EVENTS, pausing=False)


def test_in_order_the_latest_value_of_each_field_wins_and_the_latest_address_whole(in_order):
    assert books.contacts(in_order) == {
        "u1": {
            "Name": "Ann Able",
            "EmailAddress": "able@example.com",
            "Phones": {"DEFAULT": {"PhoneNumber": "+64 3 555"}},
            "Addresses": {"POBOX": {"AddressLine1": "1 Main Street"}},
        },
        "k1": {"Name": "Kim Long", "EmailAddress": "kim@example.com"},
        "k2": {"Name": "kim lee (lee@example.com)", "EmailAddress": "lee@example.com"},
        "k3": {"Name": "Kim Lee"},
        "s1": {"Name": "Sam Salt", "EmailAddress": "sam@example.com"},
        "s2": {"Name": "Sam Pepper", "EmailAddress": "salt@example.com"},
        "c1": {"Name": "Col Case", "EmailAddress": "cas@example.com"},
        "c2": {"Name": "Coll Case"},
        "g1": {"Name": "Able Ltd", "EmailAddress": "office@example.com"},
        "stranger": {"Name": "later@example.com", "EmailAddress": "later@example.com"},
    }
    assert books.totals(in_order) == {"2001": D("20.00"), "2002": D("80.00"), "2003": D("20.00"), "2004": D("23.00")}
    assert {number: one["Labels"] for number, one in books.invoices(in_order).items()} == {
        "2001": {"Sales channel": "Web shop", "Campaign": "Spring"},
        "2002": {"Sales channel": "Web shop"},
        "2003": {},
        "2004": {},
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shuffled_repeated_and_cut_otherwise_the_records_are_the_same(in_order, seed):
    assert books.comparable(booked(bodies(seed), pausing=False)) == books.comparable(in_order)


def test_with_a_pause_after_each_body_the_records_are_the_same(in_order):
    assert books.comparable(booked(bodies(4), pausing=True)) == books.comparable(in_order)
