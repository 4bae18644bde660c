"""Telling: a record that got its Xero id is told once; what Segment does not take stays."""

from dataclasses import dataclass, field, replace

import pytest

from segxero.errors import RetryableError
from segxero.store import keys
from segxero.sync.waiting.outbox import WRITE_BACK
from segxero.sync.write_back import WriteBacks
from tests.support.set_ups.core import ORG, identify, order_completed


@dataclass
class Segment:
    """Stands for WriteBack; *error* is raised instead of taking a link."""

    links: list = field(default_factory=list)
    error: Exception | None = None

    def tell(self, link):
        if self.error:
            raise self.error
        self.links.append(link)


@pytest.fixture
def segment():
    return Segment()


@pytest.fixture
def write_backs(core, segment):
    return WriteBacks(store=core.store, outbox=core.outbox, write_back=segment)


def deliver(core, *queues):
    deliverer = replace(core, writes_back=True).deliverer
    for queue in queues:
        deliverer.turn(ORG, queue)


def test_new_records_are_told_and_known_ones_are_not_told_again(core, write_backs, segment):
    core.feed({"type": "group", "groupId": "g1", "traits": {"name": "Acme"}}, identify("u1", name="Ann"))
    core.feed(order_completed("1001"))
    deliver(core, "contacts", "invoices")
    assert write_backs.take_turn(ORG) == 3
    assert {(link.object, link.key, link.told_as, link.sender) for link in segment.links} == {
        ("Contact", "g1", "groupId", ""),
        ("Contact", "u1", "userId", ""),
        ("Invoice", "1001", "userId", "u1"),
    }
    assert {link.xero_id for link in segment.links} == {
        core.record("Contact", "g1").xero_id,
        core.record("Contact", "u1").xero_id,
        core.record("Invoice", "1001").xero_id,
    }
    core.feed(identify("u1", time="2026-11-02T10:00:00Z", name="Ann Lee"))
    deliver(core, "contacts")
    assert write_backs.take_turn(ORG) == 0


def test_without_a_write_key_nothing_waits_to_be_told(core):
    core.feed(identify("u1", name="Ann"))
    core.turn("contacts")
    assert core.outbox.waiting(ORG, WRITE_BACK) == 0


def test_what_segment_does_not_take_stays(core, write_backs, segment):
    core.feed(identify("u1", name="Ann"))
    deliver(core, "contacts")
    segment.error = RetryableError("down")
    with pytest.raises(RetryableError):
        write_backs.take_turn(ORG)
    segment.error = None
    assert write_backs.take_turn(ORG) == 1


def test_one_turn_at_a_time(core, write_backs):
    core.feed(identify("u1", name="Ann"))
    deliver(core, "contacts")
    with core.store.lock(keys.lock(ORG, WRITE_BACK), timeout=10):
        assert write_backs.take_turn(ORG) == 0
    assert write_backs.take_turn(ORG) == 1


def linked(core, object_name, key, xero_id):
    """Give a record its Xero id, as its queue would."""
    ref = keys.reference(object_name, key)
    core.store.hset(keys.record(ORG, ref), "xero_id", xero_id)
    core.outbox.put(ORG, WRITE_BACK, ref)


def refund(order, user="u1"):
    return {
        "type": "track",
        "event": "Order Refunded",
        "userId": user,
        "messageId": "refund-1",
        "properties": {"order_id": order, "total": 20, "currency": "USD"},
    }


def credit_note_key(core):
    (found,) = core.store.keys(keys.record(ORG, "CreditNote|*"))
    return found.rpartition("|")[2]


def test_a_refund_is_told_as_that_of_its_orders_customer(core, write_backs, segment):
    core.feed(order_completed("1001"), refund("1001"))
    key = credit_note_key(core)
    linked(core, "CreditNote", key, "n1")
    assert write_backs.take_turn(ORG) == 1
    (link,) = segment.links
    assert (link.object, link.key, link.xero_id, link.sender) == ("CreditNote", key, "n1", "u1")


def test_a_refund_of_an_order_that_is_not_known_makes_no_user_in_segment(core, write_backs, segment):
    core.feed(refund("unknown"))
    linked(core, "CreditNote", credit_note_key(core), "n1")
    assert write_backs.take_turn(ORG) == 1
    assert segment.links == []
