"""Payments against the sandbox: entered once, found again by their marker, never more than the order."""

from datetime import date
from decimal import Decimal

import pytest

from segxero.errors import UncertainError
from segxero.mapping.files.loader import load
from segxero.store import formats
from segxero.xero.books.parts import read_day
from segxero.xero.objects.table import FIELDS
from tests.support.people import bookkeeper
from tests.support.set_ups.core import Core, copy_earlier, order_completed
from tests.support.set_ups.policies import with_policies
from tests.support.xero.sandbox import SandboxXero

D = Decimal


@pytest.fixture(scope="module")
def mappings(tmp_path_factory):
    """The project's mappings with order-paid and refund-paid on, and an account for payments."""
    directory = copy_earlier(bookkeeper.own_mappings(tmp_path_factory.mktemp("paid")))
    bookkeeper.switches_on(directory, "payments.yaml", "order-paid", "refund-paid")
    table = directory / "tables" / "accounts.yaml"
    table.write_text(table.read_text().replace('# payments: "090"', 'payments: "090"\ndrawings: "880"\nsales: "200"'))
    return load(directory, FIELDS)


@pytest.fixture
def core(redis_store, mappings):
    return Core(store=redis_store, mappings=mappings, xero=SandboxXero())


def paid(order, message, **properties):
    return {
        "type": "track",
        "event": "Order Paid",
        "messageId": message,
        "userId": "u1",
        "timestamp": "2026-11-02T10:00:00Z",
        "properties": {"order_id": order, **properties},
    }


def entered(core):
    """Return the payments in Xero by reference: amount, account, and the kind of payment."""
    return {
        one["Reference"]: (one["Amount"], one["Account"]["Code"], one["PaymentType"])
        for one in core.xero.books["Payments"]
    }


def reason(core, key):
    record = core.record("Payment", key)
    return record.disposition, record.reason


def test_a_payment_is_entered_under_its_marker_and_pays_the_invoice(core):
    core.feed(
        order_completed("1001"), paid("1001", "m1", amount="15.00", payment_id="p1"), paid("1001", "m2", amount=5)
    )
    core.deliver()
    assert entered(core) == {
        "1001-P-p1": (D("15.00"), "090", "ACCRECPAYMENT"),
        "1001-P-m2": (D("5.00"), "090", "ACCRECPAYMENT"),
    }
    assert core.xero.books["Invoices"][0]["Status"] == "PAID"
    assert core.xero.writes == ["POST Contacts", "PUT Invoices", "PUT Payments"]


def test_a_payment_before_its_order_waits_for_it(core):
    core.feed(paid("1001", "m1", amount=20))
    core.deliver()
    assert reason(core, "1001-P-m1") == ("parked", "waits for Invoice 1001")
    core.feed(order_completed("1001"))
    core.deliver()
    assert core.record("Payment", "1001-P-m1").disposition == "delivered"


def test_the_way_of_paying_chooses_the_account(core):
    core.feed(order_completed("1001"), paid("1001", "m1", amount=20, payment_method="drawings"))
    core.deliver()
    assert entered(core) == {"1001-P-m1": (D("20.00"), "880", "ACCRECPAYMENT")}


def test_more_than_the_order_waits_with_the_sums(core):
    core.feed(order_completed("1001"), paid("1001", "m1", amount=15), paid("1001", "m2", amount=6))
    core.deliver()
    assert entered(core) == {}
    assert "= 21.00, and its invoice is 20.00" in reason(core, "1001-P-m1")[1]


@pytest.mark.parametrize(
    ("properties", "sentence"),
    [
        ({}, "the payment states no amount above 0.00"),
        ({"amount": -1}, "the payment states no amount above 0.00"),
        ({"amount": 5, "currency": "EUR"}, "the payment is in EUR and its order in USD"),
    ],
)
def test_what_cannot_be_booked_waits(core, properties, sentence):
    core.feed(order_completed("1001"), paid("1001", "m1", **properties))
    core.deliver()
    assert reason(core, "1001-P-m1")[1].startswith(sentence)
    assert entered(core) == {}


def test_an_account_that_takes_no_payments_makes_a_dead_letter(core):
    core.feed(order_completed("1001"), paid("1001", "m1", amount=5, payment_method="sales"))
    core.deliver()
    (letter,) = core.letters
    assert letter.message == "Xero refused it: The account does not take payments."


def test_a_payment_above_what_is_due_makes_a_dead_letter_with_the_sums(core):
    core.feed(order_completed("1001"), paid("1001", "m1", amount=15))
    core.deliver()
    (invoice,) = core.xero.books["Invoices"]
    by_hand = {"Invoice": {"InvoiceID": invoice["InvoiceID"]}, "Account": {"Code": "090"}, "Amount": 3}
    core.xero.sandbox.put("Payments", {"Payments": [by_hand]})
    core.feed(paid("1001", "m2", amount=5))
    core.deliver()
    (letter,) = core.letters
    assert letter.message == (
        "Xero refused it: Payment amount exceeds the amount outstanding on this document; 2.00 is due and 5.00 was paid"
    )


def test_a_lost_answer_enters_no_second_payment(core):
    core.feed(order_completed("1001"))
    core.deliver()
    core.feed(paid("1001", "m1", amount=5))
    core.xero.losses.append(True)
    with pytest.raises(UncertainError):
        core.deliver()
    core.make_due("Payment", "1001-P-m1")
    core.deliver()
    assert entered(core) == {"1001-P-m1": (D("5.00"), "090", "ACCRECPAYMENT")}
    assert core.xero.writes[2:] == ["PUT Payments"]
    assert core.record("Payment", "1001-P-m1").disposition == "delivered"


def test_a_payment_that_changes_cannot_be_written_and_a_person_is_told(core):
    core.feed(order_completed("1001"), paid("1001", "m1", amount=5, payment_id="p1"))
    core.deliver()
    core.feed({**paid("1001", "m2", amount=6, payment_id="p1"), "timestamp": "2026-11-03T10:00:00Z"})
    core.deliver()
    (letter,) = core.letters
    assert letter.message.startswith("the payment is in Xero with 5.00, and the event says 6.00 now")
    assert entered(core) == {"1001-P-p1": (D("5.00"), "090", "ACCRECPAYMENT")}


def test_money_paid_back_is_a_payment_of_the_credit_note(core):
    core.feed(order_completed("1001"), paid("1001", "m1", amount=20))
    core.deliver()
    back = {**paid("1001", "m2", refund_id="r1", total=5), "event": "Order Refunded"}
    core.feed(back)
    core.deliver()
    assert entered(core)["1001-R-r1"] == (D("5.00"), "090", "ARCREDITPAYMENT")
    (note,) = core.xero.books["CreditNotes"]
    assert (note["Total"], note["RemainingCredit"], note["Status"]) == (D("5.00"), D("0.00"), "PAID")


@pytest.mark.parametrize("since", ["2026-11-03T00:00:00.000000", None])
def test_a_payment_from_before_what_redis_knows_is_looked_for_before_it_is_entered(core, since):
    events = [order_completed("1001"), paid("1001", "m1", amount="5.00", payment_id="p1")]
    core.feed(*events)
    core.deliver()
    core.store.flushdb()
    if since:
        formats.know_since(core.store, since)
    core.xero.calls.clear()
    core.feed(*events, paid("1001", "m2", amount="6.00", payment_id="p2"))
    core.deliver()
    assert entered(core) == {
        "1001-P-p1": (D("5.00"), "090", "ACCRECPAYMENT"),
        "1001-P-p2": (D("6.00"), "090", "ACCRECPAYMENT"),
    }
    asked = [call for call in core.xero.calls if call.path == "/Payments"]
    assert [call.method for call in asked] == ["GET", "PUT"]
    assert [payment["Reference"] for payment in asked[1].body["Payments"]] == ["1001-P-p2"]


def test_a_payment_from_after_it_is_entered_at_once(core):
    formats.know_since(core.store, "2026-11-02T09:59:59.000000")
    core.feed(order_completed("1001"), paid("1001", "m1", amount="5.00", payment_id="p1"))
    core.deliver()
    assert [call.method for call in core.xero.calls if call.path == "/Payments"] == ["PUT"]


def test_a_payment_of_a_locked_period_is_entered_on_the_first_open_day_where_the_policy_says_so(redis_store, mappings):
    chosen = with_policies(mappings, lock_date="first_open_day")
    core = Core(store=redis_store, mappings=chosen, xero=SandboxXero())
    core.feed(order_completed("1001"))
    core.deliver()
    core.xero.sandbox.control("POST", "settings", {"period_lock_date": "2026-11-10"})
    core.feed(paid("1001", "m1", amount="15.00", payment_id="p1"))
    core.deliver()
    (payment,) = core.xero.books["Payments"]
    assert (read_day(payment["Date"]), payment["Amount"]) == (date(2026, 11, 11), D("15.00"))
    assert core.xero.writes[-2:] == ["PUT Payments", "PUT Payments"]
    assert reason(core, "1001-P-p1") == ("delivered", "")
