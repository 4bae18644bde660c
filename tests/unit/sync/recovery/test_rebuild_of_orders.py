"""After a loss: the documents and the money of an order are found in Xero, and nothing is made twice."""

from dataclasses import replace
from itertools import permutations

import pytest

from segxero.store import keys
from segxero.sync.recovery.links import Links
from segxero.sync.recovery.rebuild import Rebuild
from segxero.xero.objects.context import Context
from segxero.xero.objects.table import SCOPES, add_carriers
from tests.support.set_ups.core import ORG, Core, order_completed, shipped_mappings
from tests.support.xero.sandbox import SandboxXero

PAYING = {"card": "090 money when_told refundable"}


def told(event, time, **properties):
    values = {"order_id": "1001", **properties}
    return {"type": "track", "event": event, "userId": "u1", "timestamp": time, "properties": values}


COMPLETED = order_completed("1001", time="2026-11-03T09:00:00Z", total=20)
PAID = told("Order Paid", "2026-11-03T09:01:00Z", amount=5, payment_id="ch_7", payment_method="card")
REFUNDED = told("Order Refunded", "2026-11-10T09:00:00Z", refund_id="r1", amount=10)
DAY = (COMPLETED, PAID, REFUNDED)
DISCOUNTED = order_completed("1001", time="2026-11-03T09:00:00Z", total=22, shipping=4, discount=2)
ONE_MUG = told(
    "Order Refunded", "2026-11-10T09:00:00Z", refund_id="r1", total=9, products=[{"name": "Mug", "price": 10}]
)
LINES = (DISCOUNTED, ONE_MUG)


@pytest.fixture
def core(redis_store):
    made = Core(redis_store, xero=SandboxXero(), mappings=shipped_mappings())
    made.mappings = replace(made.mappings, tables={**made.mappings.tables, "payment_methods": PAYING})
    return made


def lose(core):
    core.store.flushdb()
    objects = add_carriers((mapping.object for mapping in core.mappings.enabled), set(SCOPES.values()))
    run = Rebuild(store=core.store, xero=core.xero, links=Links(core.store), objects=objects)
    list(run.run(ORG, Context.of(core.mappings, ORG)))
    run.outcome(ORG)
    core.xero.calls.clear()


def books(core):
    found = core.xero.books
    return {name: found[name] for name in ("Invoices", "CreditNotes", "Payments")}


def settle(core):
    """End the hold after all events are folded, and deliver."""
    core.store.delete(keys.operator_hold(ORG))
    core.deliver()
    assert core.store.zrange(keys.parked(ORG, "orders"), 0, -1) == []
    assert list(core.letters) == []


@pytest.mark.parametrize(
    "facts", [DAY, (COMPLETED, REFUNDED), (COMPLETED, PAID), LINES], ids=["all", "unpaid", "kept", "lines"]
)
def test_after_a_rebuild_a_replay_writes_nothing(core, facts):
    core.feed(*facts)
    core.deliver()
    before = books(core)
    for road in permutations(facts):
        lose(core)
        core.store.set(keys.operator_hold(ORG), "held by an operator")
        for event in road:
            core.feed(event)
            assert core.order_turns.turn(ORG) == {}
        settle(core)
        assert (books(core), core.xero.calls) == (before, [])


@pytest.mark.parametrize("facts", [DAY, LINES], ids=["all", "lines"])
def test_a_replay_without_a_hold_ends_in_the_same_books(core, facts):
    core.feed(*facts)
    core.deliver()
    before = sums(core)
    for road in permutations(facts):
        lose(core)
        for event in road:
            core.feed(event)
            core.deliver()
        settle(core)
        assert sums(core) == before


def sums(core):
    """Return the documents and the money, without the ids that Xero gives anew."""
    found = books(core)
    documents = sorted(
        (each["InvoiceNumber"], each["Status"], each["Total"], each["AmountDue"]) for each in found["Invoices"]
    )
    notes = sorted(
        (each["CreditNoteNumber"], each["Status"], each["Total"], each["RemainingCredit"], lines(each))
        for each in found["CreditNotes"]
    )
    payments = sorted((each["Reference"], each["Amount"]) for each in found["Payments"] if each["Status"] != "DELETED")
    return documents, notes, payments


def lines(note):
    return [(each["Description"], each["LineAmount"]) for each in note["LineItems"]]
