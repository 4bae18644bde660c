"""The rules L1 to L15, each named by its tests."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from segxero.orders.facts import Returned, Version
from segxero.orders.order import fold_facts
from tests.support.orders.telling import (
    at,
    book,
    by_hand,
    cancelled,
    content,
    goods,
    kinds,
    money,
    ordered,
    paid,
    refunded,
    shirts,
    show,
)


def documents(books):
    return show(books)["documents"]


def lines(document):
    return [(line.account, line.tax_type, line.amount, line.tax) for line in document.lines]


def test_l1_an_older_version_that_arrives_last_changes_nothing():
    newer, older = ordered("172.50", "4 Nov"), ordered("115.00", "3 Nov")
    assert documents(book(newer, older)) == documents(book(older, newer)) == {"1001": "172.50 03 Nov"}


def test_l1_of_two_versions_of_one_time_the_later_arrival_holds():
    one = replace(ordered("115.00", message_id="m1"), received_at=at("3 Nov 10:00"))
    other = replace(ordered("57.50", message_id="m2"), received_at=at("3 Nov 09:30"))
    books = book(one, other)
    assert documents(books) == {"1001": "115.00 03 Nov"}
    assert kinds(books.findings) == ["two_versions"]


def test_l1_the_earliest_cancellation_counts():
    assert fold_facts("1001", [cancelled("12 Nov"), cancelled("10 Nov")]).cancelled_at == at("10 Nov")


def test_l3_1_browser_and_server_tell_one_order_even_where_its_payment_comes_first():
    bare = content(goods("115.00", tax="0.00", tax_type="NONE"))
    books = book(ordered(bare, "3 Nov 09:00:00"), ordered("115.00", "3 Nov 09:00:04"), paid("115.00", "3 Nov 09:00:00"))
    assert documents(books) == {"1001": "115.00 03 Nov"}
    assert lines(books.documents[0]) == [("200", "OUTPUT2", money(100), money(15))]


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ("month", {"1001": "115.00 28 Oct", "1001/2": "57.50 02 Nov"}),
        ("until_locked", {"1001": "172.50 28 Oct"}),
    ],
)
def test_l3_1_the_invoice_freezes_at_the_end_of_its_month(window, expected):
    books = book(ordered("115.00", "28 Oct"), ordered("172.50", "2 Nov"), change_window=window)
    assert documents(books) == expected


def test_l3_3_a_change_of_texts_alone_edits_the_texts():
    renamed = content(goods("100.00", quantity=2, text="Shirt, blue"))
    books = book(ordered("115.00"), paid("115.00"), ordered(renamed, "12 Nov"))
    assert documents(books) == {"1001": "115.00 03 Nov"}
    assert [line.description for line in books.documents[0].lines] == ["Shirt, blue"]


def test_l3_3_a_change_of_accounts_alone_is_an_invoice_and_a_credit_note():
    moved = content(goods("100.00", key="B", quantity=2, account="210"))
    books = book(ordered("115.00"), paid("115.00"), ordered(moved, "12 Nov"))
    assert documents(books) == {"1001": "115.00 03 Nov", "1001/2": "115.00 12 Nov", "1001-C2": "115.00 12 Nov"}
    assert [lines(document)[0][0] for document in books.documents] == ["200", "210", "200"]
    assert books.open == 0


def test_l3_5_a_receipt_before_the_cancellation_keeps_the_documents():
    books = book(ordered("115.00"), paid("115.00", "5 Nov"), cancelled("12 Nov"))
    assert show(books) == {
        "documents": {"1001": "115.00 03 Nov", "1001-R": "115.00 12 Nov"},
        "in": ["115.00 091 on 1001"],
        "out": [],
        "set off": [],
        "open": "-115.00",
    }


def test_l3_5_a_receipt_after_a_void_order_waits_as_a_whole():
    books = book(ordered("115.00"), cancelled("12 Nov"), paid("115.00", "13 Nov"))
    assert documents(books) == {"1001": "115.00 03 Nov VOIDED"}
    assert [(each.kind, each.amount) for each in books.questions] == [("overpaid", Decimal("115.00"))]


def test_l3_5_a_refund_after_a_void_order_says_nothing():
    books = book(ordered("115.00"), cancelled("12 Nov"), refunded("115.00", "12 Nov 13:00"))
    assert (documents(books), books.questions, books.repayments) == ({"1001": "115.00 03 Nov VOIDED"}, (), ())


def test_l3_5_void_never_credits_instead():
    books = book(ordered("115.00"), cancelled("12 Nov"), void_window="never")
    assert show(books)["set off"] == ["115.00 of 1001-R on 1001"]


def test_l5_a_void_that_xero_refuses_becomes_a_credit():
    books = book(ordered("115.00"), cancelled("12 Nov"), frozen=shirts("115.00"))
    assert documents(books) == {"1001": "115.00 03 Nov", "1001-R": "115.00 12 Nov"}


def test_l6_the_same_refund_of_one_second_is_one():
    books = book(
        ordered("115.00"),
        refunded("57.50", "10 Nov 10:00", message_id="browser"),
        refunded("57.50", "10 Nov 10:00", message_id="server"),
    )
    assert [document.total for document in books.documents] == [Decimal("115.00"), Decimal("57.50")]
    assert kinds(books.findings) == ["told_twice"]


def test_l6_the_same_content_within_ten_minutes_waits():
    books = book(ordered("115.00"), refunded("57.50", "10 Nov 10:00"), refunded("57.50", "10 Nov 10:04:10"))
    assert [document.total for document in books.documents] == [Decimal("115.00"), Decimal("57.50")]
    (question,) = books.questions
    assert question.sentence == (
        "A refund of 57.50 of order 1001 came twice within 10 minutes. Told twice, or two refunds?"
    )


def test_l6_the_same_content_hours_apart_is_two_refunds():
    books = book(ordered("115.00"), refunded("57.50", "10 Nov 10:00"), refunded("57.50", "10 Nov 15:00"))
    assert [document.total for document in books.documents] == [115, money("57.50"), money("57.50")]


def test_l6_a_refund_that_states_nothing_is_of_everything_left():
    books = book(
        ordered("115.00"), refunded("34.50", "8 Nov", refund_id="r1"), refunded(None, "10 Nov", refund_id="r2")
    )
    assert documents(books) == {"1001": "115.00 03 Nov", "1001-R-r1": "34.50 08 Nov", "1001-R-r2": "80.50 10 Nov"}


def test_l6_a_negative_total_means_its_absolute_value():
    assert documents(book(ordered("115.00"), refunded("-57.50", "10 Nov", refund_id="r1"))) == {
        "1001": "115.00 03 Nov",
        "1001-R-r1": "57.50 10 Nov",
    }


def test_l7_a_the_products_of_a_refund_take_their_tax_with_them():
    sold = content(goods("100.00", quantity=2), goods("30.00", key="B", tax="0.00", tax_type="ZERORATED"))
    books = book(
        ordered(sold), refunded(None, "10 Nov", refund_id="r1", products=(Returned(key="A", quantity=Decimal(1)),))
    )
    assert lines(books.documents[1]) == [("200", "OUTPUT2", money(50), money("7.50"))]


def test_l7_b_an_amount_is_spread_over_what_is_left():
    toy = goods("30.00", tax="6.00", key="toy")
    book_line = goods("15.00", tax="0.00", key="book", tax_type="ZERORATEDOUTPUT")
    books = book(ordered(content(toy, book_line)), refunded("17.00", "10 Nov", refund_id="r1"))
    assert lines(books.documents[1]) == [
        ("200", "OUTPUT2", money(10), money(2)),
        ("200", "ZERORATEDOUTPUT", money(5), money(0)),
    ]


def test_l7_c_a_restocking_fee_is_kept():
    sold = content(goods("160.00", quantity=2))
    one_back = (Returned(key="A", quantity=Decimal(1)),)
    books = book(
        ordered(sold),
        refunded("73.60", "10 Nov", refund_id="r1", products=one_back, restocking_fee=Decimal("18.40")),
        fee_account="270",
    )
    note = books.documents[1]
    assert lines(note) == [("200", "OUTPUT2", money(80), money(12)), ("270", "OUTPUT2", money(-16), money("-2.40"))]
    assert note.total == money("73.60")


def test_l7_c_a_difference_without_a_name_waits():
    one_back = (Returned(key="A", quantity=Decimal(1)),)
    books = book(ordered(content(goods("160.00", quantity=2))), refunded("73.60", "10 Nov", products=one_back))
    (question,) = books.questions
    assert question.sentence == (
        "The refund of order 1001: The goods make 92.00; 73.60 was given back. Is 18.40 a restocking fee, or a lower"
        " price for the goods?"
    )
    assert documents(books) == {"1001": "184.00 03 Nov"}


def test_l7_d_shipping_is_given_back_only_if_it_is_stated():
    sold = content(goods("100.00", quantity=2), goods("10.00", key="shipping", kind="shipping", account="260"))
    one_back = (Returned(key="A", quantity=Decimal(1)),)
    books = book(ordered(sold), refunded(None, "10 Nov", refund_id="r1", products=one_back))
    assert books.documents[1].total == money("57.50")
    with_shipping = refunded(None, "10 Nov", refund_id="r1", products=one_back, shipping=Decimal("10.00"))
    assert book(ordered(sold), with_shipping).documents[1].total == money("69.00")


def test_l7_e_products_that_repeat_the_order_beside_a_smaller_total_are_an_amount():
    whole = (Returned(key="A", quantity=Decimal(2)),)
    books = book(ordered("115.00"), refunded("57.50", "10 Nov", refund_id="r1", products=whole))
    assert lines(books.documents[1]) == [("200", "OUTPUT2", money(50), money("7.50"))]
    mixed = content(goods("100.00", quantity=2), goods("30.00", key="B", tax="0.00", tax_type="ZERORATED"))
    everything = (*whole, Returned(key="B"))
    assert kinds(book(ordered(mixed), refunded("57.50", "10 Nov", products=everything)).questions) == ["refund_unclear"]


def test_l8_the_refund_that_is_more_than_was_sold_waits():
    books = book(
        ordered("115.00"),
        refunded("57.50", "10 Nov", refund_id="r1"),
        refunded("57.50", "11 Nov", refund_id="r2"),
        refunded("30.00", "12 Nov", refund_id="r3"),
    )
    assert documents(books) == {"1001": "115.00 03 Nov", "1001-R-r1": "57.50 10 Nov", "1001-R-r2": "57.50 11 Nov"}
    (question,) = books.questions
    assert (question.kind, question.amount) == ("over_refunded", Decimal("30.00"))
    assert question.sentence == (
        "Order 1001 was sold for 115.00 NZD. Credits of 57.50 + 57.50 = 115.00 are booked; another 30.00 NZD was"
        " reported. Is it the same refund told twice, or is it more than was sold?"
    )


@pytest.mark.parametrize(
    ("totals", "expected"),
    [
        ("match", {"1001": "115.00 03 Nov", "1001-R-r1": "57.50 11 Nov"}),
        ("after_refunds", {"1001": "115.00 03 Nov", "1001-R-r1": "57.50 11 Nov"}),
        ("before_refunds", {"1001": "115.00 03 Nov", "1001-R-r1": "57.50 11 Nov", "1001-C2": "57.50 12 Nov"}),
    ],
)
def test_l9_a_reduced_total_and_a_refund(totals, expected):
    books = book(
        ordered("115.00"),
        paid("115.00"),
        refunded("57.50", "11 Nov 13:00", refund_id="r1"),
        ordered("57.50", "12 Nov 12:00"),
        updated_totals=totals,
    )
    assert documents(books) == expected


def test_l9_a_refund_of_another_day_is_another_fact():
    books = book(
        ordered("115.00"), paid("115.00"), refunded("57.50", "9 Nov", refund_id="r1"), ordered("57.50", "12 Nov")
    )
    assert documents(books) == {"1001": "115.00 03 Nov", "1001-R-r1": "57.50 09 Nov", "1001-C2": "57.50 12 Nov"}


def test_l9_a_reduction_that_is_a_cent_off_its_refund_waits():
    books = book(
        ordered("115.00"), paid("115.00"), refunded("57.49", "12 Nov", refund_id="r1"), ordered("57.50", "12 Nov")
    )
    assert kinds(books.questions) == ["change_or_refund"]
    assert documents(books) == {"1001": "115.00 03 Nov", "1001-R-r1": "57.49 12 Nov"}


def test_l9_two_refunds_that_could_each_be_the_change_wait():
    books = book(
        ordered("172.50"),
        paid("172.50"),
        refunded("57.50", "12 Nov 09:00", refund_id="r1"),
        refunded("57.50", "12 Nov 10:00", refund_id="r2"),
        ordered("115.00", "12 Nov"),
    )
    assert kinds(books.questions) == ["change_or_refund"]


def test_l10_a_payment_after_its_refund_takes_the_set_off_back():
    first = book(ordered("115.00"), refunded("57.50", "10 Nov", refund_id="r1"))
    assert show(first)["set off"] == ["57.50 of 1001-R-r1 on 1001"]
    then = book(ordered("115.00"), refunded("57.50", "10 Nov", refund_id="r1"), paid("115.00", "3 Nov 09:01"))
    assert show(then)["set off"] == []
    assert show(then)["out"] == ["57.50 091 of 1001-R-r1"]
    assert then.open == 0


def test_l11_a_further_invoice_takes_up_an_open_credit():
    books = book(ordered("115.00"), paid("115.00"), ordered("57.50", "12 Nov"), ordered("115.00", "15 Nov"))
    assert show(books) == {
        "documents": {"1001": "115.00 03 Nov", "1001/3": "57.50 15 Nov", "1001-C2": "57.50 12 Nov"},
        "in": ["115.00 091 on 1001"],
        "out": [],
        "set off": ["57.50 of 1001-C2 on 1001/3"],
        "open": "0.00",
    }


def test_l11_a_cancellation_of_what_is_fully_credited_needs_nothing():
    books = book(ordered("115.00"), refunded("115.00", "10 Nov", refund_id="r1"), cancelled("12 Nov"))
    assert documents(books) == {"1001": "115.00 03 Nov", "1001-R-r1": "115.00 10 Nov"}
    assert (books.questions, books.findings) == ((), ())


def test_l11_a_reduction_of_more_than_is_left_waits():
    books = book(
        ordered("115.00"), paid("115.00"), refunded("115.00", "6 Nov", refund_id="r1"), ordered("57.50", "12 Nov")
    )
    assert kinds(books.questions) == ["more_than_left"]


def test_l12_a_change_in_another_month_is_of_that_month():
    books = book(ordered("172.50", "28 Oct"), ordered("115.00", "2 Nov"))
    assert documents(books) == {"1001": "172.50 28 Oct", "1001-C2": "57.50 02 Nov"}
    assert [sum(line.tax for line in document.lines) for document in books.documents] == [money("22.50"), money("7.50")]


def test_l13_a_negative_order_is_a_credit_note():
    books = book(ordered(content(goods("-30.00"))))
    (note,) = books.documents
    assert (note.kind, note.number, note.total) == ("CreditNote", "1001", money("34.50"))
    assert lines(note) == [("200", "OUTPUT2", money(30), money("4.50"))]
    assert books.open == money("-34.50")


@pytest.mark.parametrize(("choice", "expected"), [("book", {"1001": "0.00 03 Nov"}), ("skip", {})])
def test_l13_a_free_order_is_an_invoice_over_nothing(choice, expected):
    free = content(goods("30.00"), goods("-30.00", key="discount", kind="discount", account="205"))
    books = book(ordered(free), paid(None, status="", method="checkout_card"), zero_orders=choice)
    assert (documents(books), books.payments, books.questions) == (expected, (), ())


def test_l14_an_order_that_is_changed_after_its_cancellation_waits():
    books = book(ordered("115.00"), cancelled("12 Nov"), ordered("57.50", "13 Nov"))
    (question,) = books.questions
    assert question.sentence == (
        "Order 1001 was cancelled on 12 Nov 2026 and changed on 13 Nov 2026 to 57.50 NZD. Is it alive again?"
    )


def test_l14_a_refund_of_an_order_that_never_came_is_asked_about_after_7_days():
    books = book(refunded("69.00", "3 Nov", currency="NZD"))
    (question,) = books.questions
    assert question.sentence == "69.00 NZD was refunded for order 1001, which never came."
    assert question.ask_after == at("3 Nov") + timedelta(days=7)
    assert books.documents == ()


def test_l15_an_order_that_a_person_voided_is_not_made_again():
    books = book(ordered("115.00"), by_hand("voided", "5 Nov", document="1001"), refunded("57.50", "6 Nov"))
    assert (books.taken_out, books.documents, books.questions) == (True, (), ())


def test_l15_money_for_an_order_that_a_person_voided_waits():
    books = book(ordered("115.00"), by_hand("voided", "5 Nov", document="1001"), paid("115.00", "6 Nov"))
    assert [(each.kind, each.amount) for each in books.questions] == [("paid_but_voided", Decimal("115.00"))]


def test_l15_a_payment_by_hand_is_the_told_receipt():
    books = book(ordered("115.00"), by_hand("paid", "5 Nov", "115.00"), paid("115.00", "6 Nov"))
    assert [(each.amount, each.found) for each in books.payments] == [(Decimal("115.00"), "p-1")]
    assert (books.open, books.questions) == (0, ())


def test_l15_a_refund_that_was_credited_by_hand_waits():
    books = book(ordered("115.00"), by_hand("credited", "5 Nov", "57.50"), refunded("57.50", "6 Nov"))
    assert kinds(books.questions) == ["credited_by_hand"]
    assert documents(books) == {"1001": "115.00 03 Nov"}


def test_b4_a_document_is_of_the_day_where_the_organisation_is():
    late = Version(
        at=at("1 Dec 00:15"), received_at=at("1 Dec 00:15"), message_id="v", currency="NZD", content=shirts("115.00")
    )
    assert documents(book(late)) == {"1001": "115.00 01 Dec"}
