"""Orders against the sandbox: whatever the road, Xero ends with the books that the facts want."""

from dataclasses import replace
from decimal import Decimal
from itertools import permutations

import pytest

from segxero import jsontext
from segxero.errors import UncertainError
from segxero.oversight.display import entry_row
from segxero.oversight.trace import find_traces
from segxero.store import keys
from segxero.xero.objects.table import SHARERS
from tests.support.set_ups.core import ORG, Core, order_completed, shipped_mappings
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


MUG = {"name": "Mug", "price": 10, "quantity": 2}
CHANGED = {"order_id": "1001", "currency": "USD", "total": 30, "tax": 0, "products": [MUG | {"quantity": 3}]}
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


def test_a_dead_letter_of_an_invoice_holds_the_events_of_its_order_until_xero_has_it(core):
    wrong = order_completed("1002", currency="Zyxomma", email="ann@example.com")
    core.feed(COMPLETED, wrong)
    core.deliver()
    (letter,) = core.letters
    assert (letter.object, letter.key, [jsontext.loads(text)["event"] for text in letter.events]) == (
        "Invoice",
        "1002",
        ["Order Completed"],
    )
    assert list(core.store.scan_iter(keys.events(ORG, "*|1001"))) == []


def test_the_trace_of_an_invoice_says_that_its_order_computed_it(core):
    core.feed(COMPLETED)
    core.turn("orders")
    (found,) = find_traces(core.store, [ORG], ["Invoice"], "1001", [])
    row = entry_row(found.entries[0])
    assert (row["what"], row["detail"]) == (
        "order 1001",
        "computed from the facts of the order, happened 2026-11-03T09:00:00.000000Z\nsets Booked, @Contact, Reference",
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


def deliver_through_losses(core):
    """Deliver although answers are lost; what is uncertain is looked at again at once."""
    for _ in range(30):
        try:
            core.deliver()
        except UncertainError:
            for queue in SHARERS:
                outbox = keys.outbox(ORG, queue)
                for ref in core.store.zrange(outbox, 0, -1):
                    core.store.zadd(outbox, {ref: 0})
        else:
            return
    raise AssertionError("answers are lost for ever")


@pytest.mark.parametrize("first", range(7))
def test_p14_a_lost_answer_at_any_step_books_nothing_twice(core, first):
    core.feed(COMPLETED, REFUNDED)
    deliver_through_losses(core)
    assert books(core)[0]["1001"] == ("Invoice", "AUTHORISED", Decimal("20.00"), Decimal("10.00"))
    # From here on: the set-off is taken back, the payment is made, and half of it goes back.
    core.xero.losses.extend([number == first for number in range(7)])
    core.feed(PAID)
    deliver_through_losses(core)
    assert books(core) == (
        {
            "1001": ("Invoice", "PAID", Decimal("20.00"), Decimal("0.00")),
            "1001-R-r1": ("CreditNote", "PAID", Decimal("10.00"), Decimal("0.00")),
        },
        [("1001 ch_7", Decimal("20.00")), ("1001-R-r1 r1 ch_7", Decimal("10.00"))],
    )


@pytest.mark.parametrize("first", range(6))
def test_p14_a_lost_answer_while_a_paid_invoice_is_edited_books_nothing_twice(core, first):
    core.feed(COMPLETED, PAID)
    deliver_through_losses(core)
    core.xero.losses.extend([number == first for number in range(6)])
    core.feed(order_completed("1001", time="2026-11-03T09:00:30Z", total=30, products=[MUG | {"quantity": 3}]))
    deliver_through_losses(core)
    assert books(core) == (
        {"1001": ("Invoice", "AUTHORISED", Decimal("30.00"), Decimal("10.00"))},
        [("1001 ch_7", Decimal("20.00"))],
    )


def test_l11_a_paid_order_that_changes_later_gets_a_further_invoice(core):
    core.feed(COMPLETED, PAID)
    core.deliver()
    core.feed(told("Order Updated", "2026-11-05T09:00:00Z", **CHANGED))
    core.deliver()
    assert books(core)[0] == {
        "1001": ("Invoice", "PAID", Decimal("20.00"), Decimal("0.00")),
        "1001/2": ("Invoice", "AUTHORISED", Decimal("10.00"), Decimal("10.00")),
    }


def test_l3_5_an_order_cancelled_before_delivery_is_never_written(core):
    core.feed(COMPLETED, CANCELLED)
    core.deliver()
    assert books(core) == ({}, [])


def test_l3_5_a_payment_that_comes_after_the_void_books_the_order_anew(core):
    core.feed(COMPLETED, CANCELLED)
    core.deliver()
    core.feed(order_completed("1002", time="2026-11-03T09:00:00Z"))
    core.feed(told("Order Cancelled", "2026-11-12T09:00:00Z", order_id="1002"))
    core.deliver()
    core.feed({**PAID, "messageId": "p"})
    core.deliver()
    documents, payments = books(core)
    assert documents == {
        "1001": ("Invoice", "PAID", Decimal("20.00"), Decimal("0.00")),
        "1001-R": ("CreditNote", "AUTHORISED", Decimal("20.00"), Decimal("20.00")),
    }
    assert payments == [("1001 ch_7", Decimal("20.00"))]


def test_l3_5_an_invoice_that_is_void_in_xero_is_booked_anew_under_the_next_number(core):
    core.feed(COMPLETED)
    core.deliver()
    core.feed(CANCELLED)
    core.deliver()
    core.feed(PAID)
    core.deliver()
    documents, payments = books(core)
    assert documents == {
        "1001": ("Invoice", "VOIDED", Decimal("20.00"), Decimal("20.00")),
        "1001/2": ("Invoice", "PAID", Decimal("20.00"), Decimal("0.00")),
        "1001-R": ("CreditNote", "AUTHORISED", Decimal("20.00"), Decimal("20.00")),
    }
    assert payments == [("1001 ch_7", Decimal("20.00"))]


def test_l5_a_reconciled_payment_leaves_the_invoice_and_books_the_difference(core):
    core.feed(COMPLETED, PAID)
    core.deliver()
    reconcile(core, "1001 ch_7")
    core.feed(order_completed("1001", time="2026-11-03T09:00:30Z", total=30, products=[MUG | {"quantity": 3}]))
    core.deliver()
    assert books(core) == (
        {
            "1001": ("Invoice", "PAID", Decimal("20.00"), Decimal("0.00")),
            "1001/2": ("Invoice", "AUTHORISED", Decimal("10.00"), Decimal("10.00")),
        },
        [("1001 ch_7", Decimal("20.00"))],
    )


def reconcile(core, reference):
    """Let a person reconcile the payment of this *reference* in Xero."""
    found = next(each for each in core.xero.books["Payments"] if each["Reference"] == reference)
    reply = core.xero.sandbox.control("POST", "payments", {"payments": [{"PaymentID": found["PaymentID"]}]})
    assert reply.status < 300, reply.text


def test_p2_an_unknown_method_leaves_the_invoice_due_and_asks(core):
    core.feed(COMPLETED, {**PAID, "properties": {**PAID["properties"], "payment_method": "zip"}})
    core.deliver()
    assert books(core)[0]["1001"] == ("Invoice", "AUTHORISED", Decimal("20.00"), Decimal("20.00"))
    record = core.record("Order", "1001")
    assert (record.disposition, record.stuck) == ("parked", True)
    assert record.reason == (
        "Order 1001 was paid with zip: 20.00 USD. Which account does that money go to? Add a row to"
        " tables/payment_methods.yaml."
    )
