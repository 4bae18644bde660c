"""The worked examples of the rulebook (L16), to the cent."""

import pytest

from tests.support.orders.telling import (
    at,
    book,
    cancelled,
    content,
    goods,
    kinds,
    ordered,
    paid,
    refunded,
    shirts,
    show,
)

INVOICE = {"1001": "115.00 03 Nov"}


def test_l16_1_a_change_before_payment_changes_the_invoice():
    books = book(ordered("115.00"), ordered("172.50", "4 Nov"))
    assert show(books) == {"documents": {"1001": "172.50 03 Nov"}, "in": [], "out": [], "set off": [], "open": "172.50"}
    (document,) = books.documents
    assert [(line.quantity, line.unit_amount, line.amount, line.tax) for line in document.lines] == [
        (3, 50, 150, content(goods("150.00")).tax)
    ]


def test_l16_2_a_paid_order_that_is_reduced_owes_the_customer():
    books = book(ordered("115.00"), paid("115.00", "3 Nov 09:01"), ordered("57.50", "12 Nov"))
    assert show(books) == {
        "documents": {**INVOICE, "1001-C2": "57.50 12 Nov"},
        "in": ["115.00 091 on 1001"],
        "out": [],
        "set off": [],
        "open": "-57.50",
    }
    assert kinds(books.findings) == ["open_credit"]
    assert books.questions == ()


def test_l16_3_a_change_and_a_refund_of_the_same_thing_are_one():
    books = book(
        ordered("115.00"), paid("115.00"), ordered("57.50", "12 Nov"), refunded("57.50", "12 Nov 12:30", refund_id="r1")
    )
    assert show(books) == {
        "documents": {**INVOICE, "1001-R-r1": "57.50 12 Nov"},
        "in": ["115.00 091 on 1001"],
        "out": ["57.50 091 of 1001-R-r1"],
        "set off": [],
        "open": "0.00",
    }
    assert (books.questions, books.findings) == ((), ())


def test_l16_4_no_money_goes_out_for_an_unpaid_order():
    books = book(ordered("115.00"), refunded("115.00", "10 Nov", refund_id="r1"))
    assert show(books) == {
        "documents": {**INVOICE, "1001-R-r1": "115.00 10 Nov"},
        "in": [],
        "out": [],
        "set off": ["115.00 of 1001-R-r1 on 1001"],
        "open": "0.00",
    }
    assert (books.questions, books.findings) == ((), ())


def test_l16_5_a_paid_order_is_refunded_by_the_way_it_was_paid():
    books = book(ordered("115.00"), paid("115.00"), refunded("57.50", "10 Nov", refund_id="r1"))
    assert show(books) == {
        "documents": {**INVOICE, "1001-R-r1": "57.50 10 Nov"},
        "in": ["115.00 091 on 1001"],
        "out": ["57.50 091 of 1001-R-r1"],
        "set off": [],
        "open": "0.00",
    }
    assert (books.questions, books.findings) == ((), ())


@pytest.mark.parametrize(
    ("method", "out", "due"), [("card", ["45.00 091 of 1001-R-r1"], "0.00"), ("bank_transfer", [], "-45.00")]
)
def test_l16_6_a_refund_of_a_part_paid_order_pays_back_only_by_card(method, out, due):
    books = book(ordered("115.00"), paid("45.00", "5 Nov", method=method), refunded("115.00", "10 Nov", refund_id="r1"))
    assert show(books) == {
        "documents": {**INVOICE, "1001-R-r1": "115.00 10 Nov"},
        "in": [f"45.00 {'091' if method == 'card' else '090'} on 1001"],
        "out": out,
        "set off": ["70.00 of 1001-R-r1 on 1001"],
        "open": due,
    }
    assert books.questions == ()


def test_l16_7_a_payment_after_the_refund_pays_the_rest():
    books = book(ordered("115.00"), refunded("57.50", "10 Nov", refund_id="r1"), paid("57.50", "15 Nov"))
    assert show(books) == {
        "documents": {**INVOICE, "1001-R-r1": "57.50 10 Nov"},
        "in": ["57.50 091 on 1001"],
        "out": [],
        "set off": ["57.50 of 1001-R-r1 on 1001"],
        "open": "0.00",
    }


def test_l16_8_a_refund_after_the_cancellation_is_money_only():
    books = book(
        ordered("115.00"),
        paid("115.00"),
        refunded("57.50", "10 Nov", refund_id="r1"),
        cancelled("12 Nov 12:00:00"),
        refunded("57.50", "12 Nov 12:00:01", refund_id="r2"),
    )
    assert show(books) == {
        "documents": {**INVOICE, "1001-R-r1": "57.50 10 Nov", "1001-R": "57.50 12 Nov"},
        "in": ["115.00 091 on 1001"],
        "out": ["57.50 091 of 1001-R-r1", "57.50 091 of 1001-R"],
        "set off": [],
        "open": "0.00",
    }
    assert (books.questions, books.findings) == ((), ())


def test_l16_9_an_unpaid_order_that_is_refunded_and_cancelled_is_set_off():
    books = book(ordered("115.00"), refunded("57.50", "10 Nov", refund_id="r1"), cancelled("12 Nov"))
    assert show(books) == {
        "documents": {**INVOICE, "1001-R-r1": "57.50 10 Nov", "1001-R": "57.50 12 Nov"},
        "in": [],
        "out": [],
        "set off": ["57.50 of 1001-R-r1 on 1001", "57.50 of 1001-R on 1001"],
        "open": "0.00",
    }


def test_l16_10_an_order_cancelled_in_another_month_is_credited_there():
    books = book(ordered("115.00", "28 Oct"), cancelled("2 Nov"))
    assert show(books) == {
        "documents": {"1001": "115.00 28 Oct", "1001-R": "115.00 02 Nov"},
        "in": [],
        "out": [],
        "set off": ["115.00 of 1001-R on 1001"],
        "open": "0.00",
    }
    assert [sum(line.tax for line in document.lines) for document in books.documents] == [15, 15]


def test_l16_11_an_order_cancelled_in_its_month_is_void():
    books = book(ordered("115.00"), cancelled("12 Nov"))
    assert show(books) == {
        "documents": {"1001": "115.00 03 Nov VOIDED"},
        "in": [],
        "out": [],
        "set off": [],
        "open": "0.00",
    }
    assert (books.questions, books.findings) == ((), ())


def test_l16_12_a_late_change_of_a_locked_month_is_dated_the_first_open_day():
    books = book(
        ordered("115.00", "28 Oct"),
        ordered("57.50", "30 Oct"),
        frozen=shirts("115.00"),
        locked_until=at("31 Oct").date(),
    )
    assert show(books) == {
        "documents": {"1001": "115.00 28 Oct", "1001-C2": "57.50 01 Nov"},
        "in": [],
        "out": [],
        "set off": ["57.50 of 1001-C2 on 1001"],
        "open": "57.50",
    }
    assert kinds(books.findings) == ["late"]
    assert books.documents[1].lines[0].description == "change of 30 Oct 2026: Shirt"


def test_l16_13_a_corrected_refund_replaces_the_first():
    books = book(
        ordered("115.00"),
        refunded("34.50", "10 Nov 09:00", refund_id="r1"),
        refunded("57.50", "10 Nov 10:00", refund_id="r1"),
    )
    assert show(books) == {
        "documents": {**INVOICE, "1001-R-r1": "57.50 10 Nov"},
        "in": [],
        "out": [],
        "set off": ["57.50 of 1001-R-r1 on 1001"],
        "open": "57.50",
    }


def test_l16_14_a_reconciled_payment_leaves_the_invoice_and_books_the_difference():
    books = book(ordered("115.00"), ordered("172.50", "4 Nov"), paid("115.00", "5 Nov"), frozen=shirts("115.00"))
    assert show(books) == {
        "documents": {**INVOICE, "1001/2": "57.50 04 Nov"},
        "in": ["115.00 091 on 1001"],
        "out": [],
        "set off": [],
        "open": "57.50",
    }
