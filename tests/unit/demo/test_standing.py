import fakeredis
import pytest

from segxero.demo.standing import DemoStanding, Parked, read_standing
from segxero.store import keys


@pytest.fixture
def store():
    with fakeredis.FakeRedis(decode_responses=True) as client:
        yield client


def test_an_empty_redis_is_settled(store):
    now = read_standing(store, ["main", "other"])
    assert now == DemoStanding(inbox=0, outbox=0, flights=0, parked=())
    assert now.settled


def test_what_is_under_way_is_counted_over_all_organisations_and_queues(store):
    store.hset(keys.INBOX, "a1", "{}")
    store.zadd(keys.outbox("main", "contacts"), {"Contact|u1": 1, "Contact|u2": 2})
    store.zadd(keys.outbox("other", "invoices"), {"Invoice|1": 9_999_999_999})
    store.set(keys.flight("other", "tracking"), "f1\n{}")
    now = read_standing(store, ["main", "other"])
    assert now == DemoStanding(inbox=1, outbox=3, flights=1, parked=())
    assert not now.settled


@pytest.mark.parametrize("queue", ["contacts", "invoices", "tracking"])
def test_one_flight_alone_is_not_settled(store, queue):
    store.set(keys.flight("main", queue), "f1\n{}")
    assert not read_standing(store, ["main"]).settled


def test_a_parked_record_is_settled_and_told_with_its_reason(store):
    store.zadd(keys.parked("main", "invoices"), {"Invoice|K|7": 1})
    store.hset(keys.record("main", "Invoice|K|7"), "reason", "the sums disagree")
    now = read_standing(store, ["main"])
    assert now.parked == (Parked(organisation="main", object="Invoice", key="K|7", reason="the sums disagree"),)
    assert now.settled
