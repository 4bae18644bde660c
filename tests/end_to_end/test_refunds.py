"""Refunds through real processes, in whatever order their events come."""

import itertools
from decimal import Decimal

import pytest

from tests.support.segment.shop_events import identify, order, product, tracked

D = Decimal
ORDERS = 6


def events_of(number):
    """Return the events of one order: it is corrected once and refunded twice, in part."""
    mugs = [product("Mug", "10.00", 2, sku="MUG"), product("Jar", "5.00", sku="JAR")]
    sums = {"products": mugs, "tax": "3.75", "total": "28.75"}
    return [
        order(f"60{number}", f"r{number}", at=1, **sums),
        order(f"60{number}", f"r{number}", at=2, affiliation="Web shop", **sums),
        tracked("Order Refunded", f"60{number}", at=3, refund_id="a", products=[mugs[1]], total=D("5.75")),
        tracked("Order Refunded", f"60{number}", at=4, total="11.50"),
    ]


@pytest.fixture(scope="module")
def records(stack):
    """What Xero has of some orders, each with another order of its events, one of which comes twice."""
    roads = list(itertools.permutations(range(4)))[:: 24 // ORDERS]
    for step in range(4):
        for number, road in enumerate(roads):
            stack.post([events_of(number)[road[step]], events_of(number)[road[0]]])
    stack.post([identify(f"r{number}", name=f"Refunded {number}") for number in range(ORDERS)])
    standing = stack.settle()
    assert (standing.parked, list(stack.dead_letters)) == ((), [])
    return stack.records()


def test_whatever_came_first_the_credit_notes_are_the_same(records):
    found = {}
    for note in records["CreditNotes"]:
        lines = [(line["Description"], line["LineAmount"], line["TaxAmount"]) for line in note["LineItems"]]
        found.setdefault(note["Reference"], set()).add((note["Total"], note["RemainingCredit"], *lines))
    assert found == {
        f"60{number}": {
            (D("5.75"), D("0.00"), ("Jar", D("5.00"), D("0.75"))),
            (D("11.50"), D("0.00"), ("Refund", D("10.00"), D("1.50"))),
        }
        for number in range(ORDERS)
    }


def test_each_is_set_off_against_its_invoice_once(records):
    dues = {one["InvoiceNumber"]: (one["AmountDue"], one["Status"]) for one in records["Invoices"]}
    assert dues == {f"60{number}": (D("11.50"), "AUTHORISED") for number in range(ORDERS)}
    assert all(len(note["Allocations"]) == 1 for note in records["CreditNotes"])


def test_credit_notes_go_together_and_nothing_is_refused(stack, records):
    summary = stack.summary()
    assert summary["by_resource"]["PUT Allocations"] == {"calls": 2 * ORDERS, "elements": 2 * ORDERS}
    assert summary["by_resource"]["PUT CreditNotes"]["elements"] == 2 * ORDERS
    assert summary["by_resource"]["PUT CreditNotes"]["calls"] <= ORDERS
    assert "POST CreditNotes" not in summary["by_resource"]
    assert (summary["limit_breaches"], summary["ignored_properties"]) == ({}, {})


def test_the_calls_are_as_xeros_openapi_file_describes_them(spec, stack, records):
    for call in stack.calls():
        if call["tenant"]:
            spec.check_request(call["method"], call["path"], call["query"], call["headers"], call["body"])


def test_an_order_that_is_cancelled_after_its_refunds_is_credited_over_the_rest(stack, records):
    stack.post(tracked("Order Cancelled", "601", at=6))
    assert stack.settle().parked == ()
    notes = {note["CreditNoteNumber"]: note["Total"] for note in stack.records()["CreditNotes"]}
    assert notes["601-R"] == D("11.50")
    assert len(notes) == 2 * ORDERS + 1
