"""Orders against the sandbox: whatever the road, Xero ends with the books that the facts want."""

from dataclasses import replace
from decimal import Decimal
from itertools import permutations

import pytest

from tests.support.set_ups.core import Core, order_completed, shipped_mappings
from tests.support.xero.sandbox import SandboxXero

METHODS = {"card": "090 money when_told refundable", "bank_transfer": "090 later when_told"}


@pytest.fixture
def core(redis_store):
    return make_core(redis_store)


def make_core(store):
    made = Core(store, xero=SandboxXero(), mappings=shipped_mappings())
    tables = {**made.mappings.tables, "payment_methods": METHODS}
    made.mappings = replace(made.mappings, tables=tables)
    return made


def told(event, time, **properties):
    return {"type": "track", "event": event, "userId": "u1", "timestamp": time, "properties": properties}


COMPLETED = order_completed("1001", time="2026-11-03T09:00:00Z", total=20)
PAID = told("Order Paid", "2026-11-03T09:01:00Z", order_id="1001", amount=20, payment_id="ch_7", payment_method="card")
REFUNDED = told("Order Refunded", "2026-11-10T09:00:00Z", order_id="1001", refund_id="r1", amount=10)
CANCELLED = told("Order Cancelled", "2026-11-12T09:00:00Z", order_id="1001")


def books(core):
    """Return the documents with their sums, and the money, as Xero has them."""
    found = core.xero.books
    documents = {
        each["InvoiceNumber"]: ("Invoice", each["Status"], each["Total"], each["AmountDue"])
        for each in found["Invoices"]
    }
    for note in found["CreditNotes"]:
        documents[note["CreditNoteNumber"]] = ("CreditNote", note["Status"], note["Total"], note["RemainingCredit"])
    payments = sorted((each["Reference"], each["Amount"]) for each in found["Payments"] if each["Status"] != "DELETED")
    return documents, payments


def test_an_order_is_an_invoice_and_its_payment(core):
    core.feed(COMPLETED, PAID)
    core.deliver()
    assert books(core) == (
        {"1001": ("Invoice", "PAID", Decimal("20.00"), Decimal("0.00"))},
        [("1001 ch_7", Decimal("20.00"))],
    )


@pytest.mark.parametrize(
    "road",
    list(permutations([COMPLETED, PAID, REFUNDED])),
    ids=lambda road: "-".join(e["event"].split()[1] for e in road),
)
def test_l10_every_road_ends_in_the_same_books_with_deliveries_between(core, road):
    for event in road:
        core.feed(event)
        core.deliver()
    assert books(core) == (
        {
            "1001": ("Invoice", "PAID", Decimal("20.00"), Decimal("0.00")),
            "1001-R-r1": ("CreditNote", "PAID", Decimal("10.00"), Decimal("0.00")),
        },
        [("1001 ch_7", Decimal("20.00")), ("1001-R-r1 r1 ch_7", Decimal("10.00"))],
    )
