"""Orders that were booked before orders had facts are taken over: nothing is booked twice, and later events fit."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.support.set_ups.core import Core, earlier_mappings, shipped_mappings
from tests.support.xero.sandbox import SandboxXero
from tests.unit.sync.orders.test_books_of_orders import CANCELLED, COMPLETED, METHODS, REFUNDED, books, told


@pytest.fixture
def core(redis_store):
    return Core(redis_store, xero=SandboxXero(), mappings=earlier_mappings())


def upgrade(core):
    core.mappings = replace(shipped_mappings(), tables={**shipped_mappings().tables, "payment_methods": METHODS})


def test_an_order_that_is_told_again_after_the_upgrade_writes_nothing(core):
    core.feed(COMPLETED, REFUNDED)
    core.deliver()
    before, writes = books(core), len(core.xero.writes)
    upgrade(core)
    core.feed({**COMPLETED, "messageId": "again"}, {**REFUNDED, "messageId": "again too"})
    core.deliver()
    assert books(core) == before
    assert len(core.xero.writes) == writes
    assert core.record("Order", "1001").disposition == "delivered"


def test_a_refund_after_the_upgrade_credits_the_invoice_from_before(core):
    core.feed(COMPLETED)
    core.deliver()
    upgrade(core)
    core.feed(REFUNDED)
    core.deliver()
    assert books(core)[0] == {
        "1001": ("Invoice", "AUTHORISED", Decimal("20.00"), Decimal("10.00")),
        "1001-R-r1": ("CreditNote", "PAID", Decimal("10.00"), Decimal("0.00")),
    }


def test_a_payment_after_the_upgrade_takes_the_set_off_from_before_back(core):
    core.feed(COMPLETED, REFUNDED)
    core.deliver()
    upgrade(core)
    core.feed(
        told("Order Paid", "2026-11-03T09:01:00Z", order_id="1001", amount=20, payment_id="p", payment_method="card")
    )
    core.deliver()
    assert books(core) == (
        {
            "1001": ("Invoice", "PAID", Decimal("20.00"), Decimal("0.00")),
            "1001-R-r1": ("CreditNote", "PAID", Decimal("10.00"), Decimal("0.00")),
        },
        [("1001 p", Decimal("20.00")), ("1001-R-r1 r1 p", Decimal("10.00"))],
    )


def test_a_cancellation_after_the_upgrade_voids_the_invoice_from_before(core):
    core.feed(COMPLETED)
    core.deliver()
    upgrade(core)
    core.feed(CANCELLED)
    core.deliver()
    assert {number: found[1] for number, found in books(core)[0].items()} == {"1001": "VOIDED"}
