"""Refunds of orders against the sandbox: credit notes that add up, set off once, whatever came when and how often."""

import itertools
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segxero.errors import UncertainError
from tests.support.set_ups.core import ORG, Core, identify, order_completed
from tests.support.xero.sandbox import SandboxXero

D = Decimal


@pytest.fixture
def core(redis_store):
    return Core(store=redis_store, xero=SandboxXero())


def refund(order, message, *, event="Order Refunded", time="2026-11-02T10:00:00Z", **properties):
    return {
        "type": "track",
        "event": event,
        "messageId": message,
        "userId": "u1",
        "timestamp": time,
        "properties": {"order_id": order, **properties},
    }


def cancelled(order, message):
    return refund(order, message, event="Order Cancelled")


def notes(core):
    """Return the credit notes in Xero by number: total, what remains of it, and its status."""
    return {
        note["CreditNoteNumber"]: (note["Total"], note["RemainingCredit"], note["Status"])
        for note in core.xero.books["CreditNotes"]
    }


def due(core, number="1001"):
    (invoice,) = [one for one in core.xero.books["Invoices"] if one["InvoiceNumber"] == number]
    return invoice["AmountDue"], invoice["Status"]


def standing(core, name, key):
    record = core.record(name, key)
    return record.disposition, record.reason


def test_a_refund_of_the_whole_order_is_a_credit_note_that_closes_the_invoice(core):
    core.feed(order_completed("1001", shipping=5, total=25), refund("1001", "m1"))
    core.deliver()
    assert notes(core) == {"1001-R": (D("25.00"), D("0.00"), "PAID")}
    assert due(core) == (D("0.00"), "PAID")
    (note,) = core.xero.books["CreditNotes"]
    (invoice,) = core.xero.books["Invoices"]
    assert note["Contact"]["ContactID"] == invoice["Contact"]["ContactID"]
    said = [(line["Description"], line["LineAmount"], line["TaxType"]) for line in note["LineItems"]]
    assert said == [("Mug", D("20.00"), "NONE"), ("Shipping", D("5.00"), "NONE")]
    assert (note["Reference"], note["CurrencyCode"], note["Type"]) == ("1001", "USD", "ACCRECCREDIT")
    assert core.xero.writes == ["POST Contacts", "PUT Invoices", "PUT CreditNotes", "PUT Allocations"]


def test_a_credit_note_carries_the_labels_of_its_invoice(core):
    core.feed(order_completed("1001", affiliation="Web shop"), refund("1001", "m1", total=5))
    core.deliver()
    (note,) = core.xero.books["CreditNotes"]
    assert [(label["Name"], label["Option"]) for label in note["LineItems"][0]["Tracking"]] == [
        ("Sales channel", "Web shop")
    ]


def test_partial_refunds_add_up(core):
    core.feed(
        order_completed("1001"),
        refund("1001", "m1", total=5),
        refund("1001", "m2", products=[{"name": "Mug", "price": 10, "quantity": 1}]),
        refund("1001", "m3", refund_id="r7", amount="5.00"),
    )
    core.deliver()
    assert notes(core) == {
        "1001-R-m1": (D("5.00"), D("0.00"), "PAID"),
        "1001-R-m2": (D("10.00"), D("0.00"), "PAID"),
        "1001-R-r7": (D("5.00"), D("0.00"), "PAID"),
    }
    assert due(core) == (D("0.00"), "PAID")
    assert core.xero.writes.count("PUT CreditNotes") == 1


def test_a_refund_before_its_order_waits_for_it_and_for_no_person(core):
    core.feed(refund("1001", "m1"))
    core.deliver()
    assert standing(core, "CreditNote", "1001-R") == ("parked", "waits for Invoice 1001")
    assert not core.record("CreditNote", "1001-R").stuck
    assert standing(core, "Invoice", "1001")[1].startswith("only refunds or payments of this order have come")
    assert core.xero.writes == []
    core.feed(order_completed("1001"))
    core.deliver()
    assert notes(core) == {"1001-R": (D("20.00"), D("0.00"), "PAID")}


def test_refunds_that_come_to_more_than_the_invoice_wait_with_the_sums_until_one_is_corrected(core):
    core.feed(order_completed("1001"), refund("1001", "m1", refund_id="a", total=15))
    core.feed(refund("1001", "m2", refund_id="b", total=8))
    core.deliver()
    assert notes(core) == {}
    reason = (
        "the refunds of the order come to 15.00 + 8.00 = 23.00, and its invoice is 20.00;"
        " correct the one that is wrong, or credit it in Xero"
    )
    found = {standing(core, "CreditNote", key) for key in ("1001-R-a", "1001-R-b")}
    assert {disposition for disposition, _ in found} == {"parked"}
    assert {said.partition(";")[2] for _, said in found} == {reason.partition(";")[2]}
    assert all("= 23.00, and its invoice is 20.00" in said for _, said in found)
    core.feed(refund("1001", "m3", time="2026-11-03T10:00:00Z", refund_id="b", total=5))
    core.deliver()
    assert notes(core) == {
        "1001-R-a": (D("15.00"), D("0.00"), "PAID"),
        "1001-R-b": (D("5.00"), D("0.00"), "PAID"),
    }


def test_a_refund_too_much_waits_and_what_was_credited_before_stays(core):
    core.feed(order_completed("1001"), refund("1001", "m1", total=15))
    core.deliver()
    core.feed(refund("1001", "m2", total=15))
    core.deliver()
    assert notes(core) == {"1001-R-m1": (D("15.00"), D("0.00"), "PAID")}
    assert "15.00 + 15.00 = 30.00" in standing(core, "CreditNote", "1001-R-m2")[1]


def test_a_parked_refund_is_looked_at_again_when_its_order_changes(core):
    core.feed(order_completed("1001"), refund("1001", "m1", total=25))
    core.deliver()
    assert "come to 25.00, and its invoice is 20.00" in standing(core, "CreditNote", "1001-R-m1")[1]
    core.feed(order_completed("1001", time="2026-11-01T11:00:00Z", shipping=5, total=25))
    core.deliver()
    assert notes(core) == {"1001-R-m1": (D("25.00"), D("0.00"), "PAID")}


def test_a_paid_invoice_takes_no_credit_and_it_stays_open(core):
    core.feed(order_completed("1001"))
    core.deliver()
    (invoice,) = core.xero.books["Invoices"]
    paid = {"Invoice": {"InvoiceID": invoice["InvoiceID"]}, "Account": {"Code": "090"}, "Amount": 20}
    core.xero.sandbox.put("Payments", {"Payments": [paid]}).only("Payments")
    core.feed(refund("1001", "m1", total=5))
    core.deliver()
    assert notes(core) == {"1001-R-m1": (D("5.00"), D("5.00"), "AUTHORISED")}
    sentence = "the invoice is paid, so the credit of 5.00 stays open: pay it out or use it in Xero"
    assert standing(core, "Allocation", "1001-R-m1") == ("parked", sentence)
    assert len(core.letters) == 0
    assert "PUT Allocations" not in core.xero.writes


def test_of_an_invoice_that_is_paid_in_part_only_what_is_due_can_be_credited(core):
    core.feed(order_completed("1001"))
    core.deliver()
    (invoice,) = core.xero.books["Invoices"]
    paid = {"Invoice": {"InvoiceID": invoice["InvoiceID"]}, "Account": {"Code": "090"}, "Amount": 18}
    core.xero.sandbox.put("Payments", {"Payments": [paid]}).only("Payments")
    core.feed(refund("1001", "m1", total=5), refund("1001", "m2", total=2))
    core.deliver()
    assert notes(core)["1001-R-m1"] == (D("5.00"), D("5.00"), "AUTHORISED")
    assert notes(core)["1001-R-m2"] == (D("2.00"), D("0.00"), "PAID")
    assert "only 2.00 is due" in standing(core, "Allocation", "1001-R-m1")[1]


@pytest.mark.parametrize("lost", list(itertools.product([False, True], repeat=2)), ids=str)
def test_lost_answers_credit_and_allocate_once(core, lost):
    core.feed(order_completed("1001"))
    core.deliver()
    core.feed(refund("1001", "m1", total=5))
    core.xero.losses.extend(lost)
    for _ in range(8):
        try:
            core.deliver()
        except UncertainError:
            for name in ("CreditNote", "Allocation"):
                if core.store.zscore(f"segxero:outbox:{ORG}:credit_notes", f"{name}|1001-R-m1"):
                    core.make_due(name, "1001-R-m1")
    assert notes(core) == {"1001-R-m1": (D("5.00"), D("0.00"), "PAID")}
    assert due(core) == (D("15.00"), "AUTHORISED")
    assert core.xero.writes[2:] == ["PUT CreditNotes", "PUT Allocations"]


def test_a_cancelled_order_is_credited_as_a_whole_once(core):
    core.feed(order_completed("1001"), cancelled("1001", "m1"), cancelled("1001", "m2"), refund("1001", "m3"))
    core.deliver()
    assert notes(core) == {"1001-R": (D("20.00"), D("0.00"), "PAID")}


def test_a_refund_in_another_currency_waits(core):
    core.feed(order_completed("1001"), refund("1001", "m1", total=5, currency="eur"))
    core.deliver()
    assert notes(core) == {}
    assert standing(core, "CreditNote", "1001-R-m1")[1].startswith("the refund is in EUR and its order in USD")


def test_the_same_refund_again_needs_no_call(core):
    core.feed(order_completed("1001"), refund("1001", "m1", total=5))
    core.deliver()
    before = len(core.xero.calls)
    core.feed(order_completed("1001"), refund("1001", "m1", total=5), refund("1001", "m1", total=5))
    core.deliver()
    assert len(core.xero.calls) == before


ROAD = [
    identify("u1", name="Ann Able", email="ann@example.com"),
    order_completed("1001", shipping=5, total=25),
    order_completed("1001", time="2026-11-01T11:00:00Z", shipping=5, total=25, affiliation="Web shop"),
    refund("1001", "r1", total=5),
    refund("1001", "r2", time="2026-11-03T10:00:00Z", products=[{"name": "Mug", "price": 10, "quantity": 1}]),
]
END = (
    {"1001-R-r1": (D("5.00"), D("0.00"), "PAID"), "1001-R-r2": (D("10.00"), D("0.00"), "PAID")},
    (D("10.00"), "AUTHORISED"),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    road=st.permutations(list(enumerate(ROAD))).flatmap(
        lambda road: st.lists(st.sampled_from(road), max_size=3).map(lambda again: [*road, *again])
    ),
    stops=st.sets(st.integers(0, 7)),
)
def test_whatever_the_road_the_books_are_the_same(redis_store, road, stops):
    redis_store.flushall()
    core = Core(store=redis_store, xero=SandboxXero())
    for place, (number, event) in enumerate(road):
        core.feed({"messageId": f"m{number}", **event})
        if place in stops:
            core.deliver()
    core.deliver()
    assert (notes(core), due(core)) == END
    assert len(core.letters) == 0
