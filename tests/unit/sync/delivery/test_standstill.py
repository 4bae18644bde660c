"""Never twice: a process that stands still and goes on after its time neither sends nor writes down anything."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from redis.exceptions import LockError

from segxero.store import keys
from segxero.sync.records.disposition import Disposition
from segxero.sync.records.results import Result
from tests.support.set_ups.core import ORG, identify, order_completed
from tests.support.xero.echo import EchoXero


def overtaken(core, queue, *also):
    """Let this turn's lock run out as if its process stood still, and the next turn do its work meanwhile."""
    core.store.delete(keys.lock(ORG, queue))
    if core.store.exists(keys.flight(ORG, queue)):
        core.let_flight_age(queue)
    for event in also:
        core.feed(event)
    core.deliver(queue)


@pytest.fixture
def order(core):
    """One order that waits, its contact being in Xero."""
    core.feed(identify("u1", name="Ann"))
    core.deliver()
    core.feed(order_completed("1001"))
    core.xero.calls.clear()
    return core.record("Invoice", "1001")


@dataclass(slots=True)
class SlowWay:
    """The way to *xero*, on which the first call stands still; *meanwhile* happens then."""

    xero: EchoXero
    meanwhile: Callable[[], object]
    stands: bool = True

    def call(self, organisation, request, idempotency_key="", last_look=None):
        if self.stands:
            self.stands = False
            self.meanwhile()
        return self.xero.call(organisation, request, idempotency_key, last_look)


def turn_on_a_slow_way(core, meanwhile):
    return replace(core.deliverer, xero=SlowWay(core.xero, meanwhile)).turn(ORG, "invoices")


def test_before_the_flight_departs(core, order):
    lock = core.store.lock(keys.lock(ORG, "invoices"), timeout=10, thread_local=False)
    lock.acquire()
    overtaken(core, "invoices")
    with pytest.raises(LockError):
        core.outbox.depart(ORG, "invoices", [order], lock)
    assert core.outbox.flight(ORG, "invoices") is None
    assert core.stored("Invoice", "1001")["disposition"] == "delivered"


def test_a_departure_does_not_replace_the_flight_of_the_next_turn(core, order):
    late = core.store.lock(keys.lock(ORG, "invoices"), timeout=10, thread_local=False)
    late.acquire()
    core.store.delete(keys.lock(ORG, "invoices"))
    current = core.depart("invoices", order)
    with pytest.raises(LockError):
        core.outbox.depart(ORG, "invoices", [order], late)
    assert core.outbox.flight(ORG, "invoices").id == current.id


def test_between_departure_and_body_nothing_is_sent(core, order):
    with pytest.raises(LockError):
        turn_on_a_slow_way(core, lambda: overtaken(core, "invoices"))
    assert len(core.xero.invoices) == 1
    assert [call.method for call in core.xero.calls] == ["GET", "PUT"]  # both are the next turn's
    assert core.stored("Invoice", "1001")["disposition"] == "delivered"
    assert core.outbox.flight(ORG, "invoices") is None


def test_a_lock_that_ran_out_and_that_nobody_took_stops_the_call_too(core, order):
    with pytest.raises(LockError):
        turn_on_a_slow_way(core, lambda: core.store.delete(keys.lock(ORG, "invoices")))
    assert core.xero.calls == []
    record = core.record("Invoice", "1001")
    assert (record.disposition, record.uncertain) == ("pending", False)
    assert core.outbox.flight(ORG, "invoices") is None
    core.deliver("invoices")
    assert [call.method for call in core.xero.calls] == ["PUT"]


def test_behind_the_call_its_late_answer_is_not_written(core, order):
    def late(request):
        answer = core.xero.keep(request)
        later = order_completed("1001", time="2026-11-20T00:00:00Z", total=30, products=[{"name": "Mug", "price": 30}])
        overtaken(core, "invoices", later)
        return answer

    core.xero.then(late)
    core.turn("invoices")
    core.deliver("invoices")
    assert [invoice["Total"] for invoice in core.xero.invoices] == [30]
    assert [call.method for call in core.xero.calls] == ["PUT", "GET", "POST"]
    assert core.stored("Invoice", "1001")["disposition"] == "delivered"


@pytest.mark.parametrize("is_there", [True, False])
def test_in_a_look_up_what_it_found_is_not_written(core, order, is_there):
    core.store.hset(keys.record(ORG, "Invoice|1001"), "uncertain", "1")

    def late(request):
        answer = core.xero.keep(request) if is_there else {"Invoices": []}
        overtaken(core, "invoices")
        # The next turn sent it, and lost the answer.
        core.store.hset(keys.record(ORG, "Invoice|1001"), mapping={"uncertain": "1", "xero_id": ""})
        return answer

    core.xero.then(late)
    core.turn("invoices")
    assert core.stored("Invoice", "1001")["uncertain"] == "1"


def test_results_of_no_flight_are_written_under_the_lock_only(core, order):
    late = core.store.lock(keys.lock(ORG, "invoices"), timeout=10, thread_local=False)
    late.acquire()
    core.store.set(keys.lock(ORG, "invoices"), "the next turn")
    result = Result(record=order, disposition=Disposition.DELIVERED, changes={"xero_id": "i1"})
    assert core.outbox.settle(ORG, "invoices", [result], lock=late) is None
    assert core.record("Invoice", "1001").xero_id == ""
    assert core.outbox.due(ORG, "invoices", 9) == ["Invoice|1001"]
