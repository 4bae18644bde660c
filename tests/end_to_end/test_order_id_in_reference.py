"""With `order_id_in: Reference` Xero numbers the invoices itself; the order's id in the reference keeps them single."""

from decimal import Decimal

import pytest

from segxero.demo import LocalStack
from tests.support.people import bookkeeper
from tests.support.segment.shop_events import order, person, product
from tests.support.xero import books

CHANGES = [("organisations.yaml", "order_id_in: InvoiceNumber", "order_id_in: Reference")]
ORDERS = [order(f"Shop/{number}", "u1", at=number) for number in range(3)]


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    with LocalStack(mappings=bookkeeper.own_mappings(tmp_path_factory.mktemp("own"), CHANGES)) as running:
        running.wait_ready()
        running.post([person(1), *ORDERS])
        running.settle()
        yield running


def numbered(stack):
    """Return the total of each invoice by Xero's number and our reference."""
    return {(one["InvoiceNumber"], one["Reference"]): one["Total"] for one in stack.records()["Invoices"]}


def test_xero_gives_the_numbers_and_the_reference_carries_the_orders_id(stack):
    assert sorted(books.invoices(stack.records(), "Reference")) == ["Shop/0", "Shop/1", "Shop/2"]
    assert sorted(number for number, _ in numbered(stack)) == ["INV-0001", "INV-0002", "INV-0003"]
    sent = [call for call in stack.calls() if call["method"] == "PUT" and call["path"].endswith("/Invoices")]
    assert all("InvoiceNumber" not in invoice for call in sent for invoice in call["body"]["Invoices"])


def test_the_same_orders_again_make_no_invoice_and_no_call(stack):
    before, calls = stack.records(), stack.summary()["calls"]
    stack.post(ORDERS)
    stack.settle()
    assert (stack.records(), stack.summary()["calls"]) == (before, calls)


def test_a_correction_changes_the_invoice_and_keeps_its_number(stack):
    before = numbered(stack)
    (number,) = (number for number, reference in before if reference == "Shop/1")
    stack.post(order("Shop/1", "u1", at=9, products=[product("Mug", "20.00", 3)], total="60.00"))
    stack.settle()
    assert numbered(stack) == before | {(number, "Shop/1"): Decimal("60.00")}


def test_an_invoice_whose_answer_is_lost_is_found_by_its_reference_and_not_made_again(stack):
    # No `where` of Xero's can name a reference with quotation marks, so it gets another one.
    stack.control("POST", "faults", {"lost_answer": True, "match": {"path": "/Invoices", "method": "PUT"}})
    stack.post(order('Shop/"4"', "u1"))
    stack.settle()
    assert sorted(reference.partition("~")[0] for _, reference in numbered(stack)) == [
        f"Shop/{n}" for n in (0, 1, 2, 4)
    ]
    assert len(stack.records()["Invoices"]) == 4
    assert list(stack.dead_letters) == []
