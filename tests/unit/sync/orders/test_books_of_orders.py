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
from segxero.sync.delivery.gathering import POLL_SECONDS
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
    standing = [each for each in found["Payments"] if each["Status"] != "DELETED"]
    payments = sorted((each.get("Reference", "by hand"), each["Amount"]) for each in standing)
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


def tracking(core):
    """Return the tracking of the lines of each invoice, as Xero has it."""
    return {
        each["InvoiceNumber"]: [[label["Option"] for label in line["Tracking"]] for line in each["LineItems"]]
        for each in core.xero.books["Invoices"]
    }


def test_a_newer_version_that_changes_only_the_tracking_is_written(core):
    core.feed(order_completed("1001", time="2026-11-03T09:00:00Z", affiliation="Web shop"))
    core.deliver()
    assert tracking(core) == {"1001": [["Web shop"]]}
    core.feed(order_completed("1001", time="2026-11-03T09:00:30Z", affiliation="App"))
    core.deliver()
    assert tracking(core) == {"1001": [["App"]]}
    assert books(core)[0] == {"1001": ("Invoice", "AUTHORISED", Decimal("20.00"), Decimal("20.00"))}
    assert core.outbox.due(ORG, "orders", 10) == core.outbox.due(ORG, "invoices", 10) == []


def test_a_newer_version_that_changes_only_the_customer_moves_the_invoice(core):
    core.feed(COMPLETED)
    core.deliver()
    core.feed(order_completed("1001", user="u2", time="2026-11-03T09:00:30Z"))
    core.deliver()
    (invoice,) = core.xero.books["Invoices"]
    numbers = {each["ContactID"]: each["ContactNumber"] for each in core.xero.books["Contacts"]}
    assert numbers[invoice["Contact"]["ContactID"]] == "u2"


def test_other_tracking_leaves_a_paid_invoice_and_its_payment_as_they_are(core):
    core.feed(order_completed("1001", time="2026-11-03T09:00:00Z", affiliation="Web shop"), PAID)
    core.deliver()
    core.feed(order_completed("1001", time="2026-11-03T09:02:00Z", affiliation="App"))
    core.deliver()
    assert tracking(core) == {"1001": [["Web shop"]]}
    assert books(core) == (
        {"1001": ("Invoice", "PAID", Decimal("20.00"), Decimal("0.00"))},
        [("1001 ch_7", Decimal("20.00"))],
    )
    assert core.outbox.due(ORG, "orders", 10) == core.outbox.due(ORG, "invoices", 10) == []


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


def pay_by_hand(core, amount, day="2026-11-05"):
    (invoice,) = core.xero.books["Invoices"]
    core.xero.sandbox.put(
        "Payments",
        {"Invoice": {"InvoiceID": invoice["InvoiceID"]}, "Account": {"Code": "090"}, "Date": day, "Amount": amount},
    )


def test_l15_money_that_a_person_entered_is_not_entered_again(core):
    core.feed(COMPLETED)
    core.deliver()
    pay_by_hand(core, 20)
    core.feed(PAID)
    core.deliver()
    assert [each["Amount"] for each in core.xero.books["Payments"]] == [Decimal("20.00")]
    assert core.store.llen("dead_letters") == 0
    assert core.store.zcard(keys.parked(ORG, "payments")) == 0
    core.feed(REFUNDED)
    core.deliver()
    assert books(core)[0]["1001-R-r1"] == ("CreditNote", "PAID", Decimal("10.00"), Decimal("0.00"))


@pytest.mark.parametrize(("amount", "day"), [(15, "2026-11-05"), (20, "2026-11-20")], ids=["another sum", "later"])
def test_l15_money_that_may_be_entered_by_hand_is_asked_about(core, amount, day):
    core.feed(COMPLETED)
    core.deliver()
    pay_by_hand(core, amount, day)
    core.feed(PAID)
    core.deliver()
    assert [each["Amount"] for each in core.xero.books["Payments"]] == [Decimal(amount)]
    assert reason(core, "Payment", "1001 ch_7") == (
        f"20.00 of 2026-11-03 was paid for 1001, and only {20 - amount}.00 of it is open in Xero. Was it entered by"
        " hand, in parts or with another day? Then discard this payment; else correct the document and replay it."
    )


def test_l15_money_for_an_invoice_that_a_person_voided_waits(core):
    core.feed(COMPLETED)
    core.deliver()
    (invoice,) = core.xero.books["Invoices"]
    core.xero.sandbox.post("Invoices", {"InvoiceID": invoice["InvoiceID"], "Status": "VOIDED"})
    core.feed(PAID)
    core.deliver()
    assert core.xero.books["Payments"] == []
    assert core.store.llen("dead_letters") == 0
    assert reason(core, "Payment", "1001 ch_7") == (
        "20.00 of 2026-11-03 was paid for 1001, which somebody took out of Xero by hand. Enter the money in Xero, or"
        " send it back; then discard this payment."
    )


UPDATED = order_completed("1001", time="2026-11-03T09:00:30Z", total=30, products=[MUG | {"quantity": 3}])


def void_by_hand(core):
    (invoice,) = core.xero.books["Invoices"]
    core.xero.sandbox.post("Invoices", {"InvoiceID": invoice["InvoiceID"], "Status": "VOIDED"})


@pytest.mark.parametrize("later", [UPDATED, CANCELLED], ids=["changed", "cancelled"])
def test_l15_an_invoice_that_a_person_voided_is_not_made_again(core, later):
    core.feed(COMPLETED)
    core.deliver()
    void_by_hand(core)
    core.feed(later)
    core.deliver()
    assert books(core) == ({"1001": ("Invoice", "VOIDED", Decimal("20.00"), Decimal("20.00"))}, [])
    assert core.store.llen("dead_letters") == 0
    for queue in ("orders", "invoices"):
        assert core.store.zcard(keys.parked(ORG, queue)) == core.store.zcard(keys.outbox(ORG, queue)) == 0


def reason(core, name, key):
    return core.store.hget(keys.record(ORG, keys.reference(name, key)), "reason")


def test_l15_money_for_an_order_that_is_known_to_be_taken_out_is_a_question_of_the_order(core):
    core.feed(COMPLETED)
    core.deliver()
    void_by_hand(core)
    core.feed(UPDATED)
    core.deliver()
    core.feed(PAID)
    core.deliver()
    assert books(core) == ({"1001": ("Invoice", "VOIDED", Decimal("20.00"), Decimal("20.00"))}, [])
    assert "1001" in reason(core, "Order", "1001")
    assert "20.00 USD" in reason(core, "Order", "1001")


def test_l15_a_credit_for_an_invoice_that_a_person_paid_stays_open_and_says_so(core):
    core.feed(COMPLETED)
    core.deliver()
    pay_by_hand(core, 20)
    core.feed(REFUNDED)
    core.deliver()
    assert books(core)[0]["1001-R-r1"] == ("CreditNote", "AUTHORISED", Decimal("10.00"), Decimal("10.00"))
    assert core.store.llen("dead_letters") == 0
    said = reason(core, "Allocation", "1001-R-r1")
    assert said == "the invoice is paid, so the credit of 10.00 stays open: pay it out or use it in Xero"


def test_the_documents_of_orders_that_are_due_together_go_in_one_call(core):
    core.feed(COMPLETED)
    core.turn("orders")
    core.deliver("contacts")
    core.feed(order_completed("1002", time="2026-11-03T10:00:00Z"))
    assert core.turn("invoices").again_seconds == POLL_SECONDS
    core.deliver()
    sent = [each for each in core.xero.calls if (each.method, each.path) == ("PUT", "/Invoices")]
    assert [len(each.body["Invoices"]) for each in sent] == [2]


@pytest.mark.parametrize(
    ("told", "due"),
    [
        ({"payment_method": "card", "payment_status": "paid"}, "2026-11-03"),
        ({"payment_method": "card"}, "2026-11-17"),
        ({"payments": [{"id": "c1", "method": "card", "amount": 5, "status": "paid"}]}, "2026-11-17"),
    ],
    ids=["paid", "not yet paid", "paid in part"],
)
def test_d9_an_order_that_is_paid_at_checkout_is_due_on_its_own_day(core, told, due):
    core.feed(order_completed("1001", time="2026-11-03T09:00:00Z", total=20, **told))
    core.deliver()
    (invoice,) = core.xero.books["Invoices"]
    assert invoice["DueDateString"] == f"{due}T00:00:00"
