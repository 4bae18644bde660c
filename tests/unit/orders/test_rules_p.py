"""The rules P1 to P14 that concern one order, each named by its tests."""

from decimal import Decimal

import pytest

from segxero.orders.settings import PaymentMethod
from tests.support.orders.telling import METHODS, book, content, goods, kinds, ordered, paid, refunded, sent_back, show


def money_in(books):
    return show(books)["in"]


def test_p1_the_same_tender_in_two_events_is_one_receipt():
    books = book(
        ordered("115.00"),
        paid("115.00", "3 Nov 09:00", tender_id="ch_7", status="captured"),
        paid("115.00", "3 Nov 09:01", tender_id="ch_7"),
    )
    assert [(each.amount, each.reference) for each in books.payments] == [(Decimal("115.00"), "1001 ch_7")]


def test_p1_a_method_that_only_the_checkout_told_is_the_order_s():
    books = book(ordered("115.00"), paid(None, "3 Nov 08:59", method="paypal", status=""), paid("115.00", method=""))
    assert money_in(books) == ["115.00 092 on 1001"]


def test_p2_the_table_says_where_the_money_goes():
    assert money_in(book(ordered("115.00"), paid("115.00", method="PayPal"))) == ["115.00 092 on 1001"]


def test_p2_a_row_of_the_currency_goes_first():
    rows = {**METHODS, "card nzd": PaymentMethod(account="094")}
    assert money_in(book(ordered("115.00"), paid("115.00"), methods=rows)) == ["115.00 094 on 1001"]


def test_p2_an_unknown_method_books_nothing_and_is_asked_once():
    books = book(ordered("115.00"), paid("115.00", method="zip"))
    assert (books.payments, books.open) == ((), Decimal("115.00"))
    (question,) = books.questions
    assert (question.kind, question.data["method"]) == ("unknown_method", "zip")
    assert question.sentence == (
        "Order 1001 was paid with zip: 115.00 NZD. Which account does that money go to? Add a row to"
        " tables/payment_methods.yaml."
    )


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("paid", ["115.00 091 on 1001"]),
        ("captured", ["115.00 091 on 1001"]),
        ("refunded", ["115.00 091 on 1001"]),
        ("", ["115.00 091 on 1001"]),
        ("pending", []),
        ("authorized", []),
        ("awaiting_payment", []),
        ("failed", []),
        ("partially_paid", []),
    ],
)
def test_p3_status_words_decide_before_the_table(status, expected):
    books = book(ordered("115.00"), paid(None, "3 Nov 09:00", method="checkout_card", status=status))
    assert money_in(books) == expected


def test_p3_a_pending_bank_transfer_is_due():
    books = book(ordered("115.00"), paid(None, "3 Nov 09:00", method="bank_transfer", status="pending"))
    assert (money_in(books), books.open, books.questions) == ([], Decimal("115.00"), ())


def test_p4_each_tender_is_a_payment_of_its_own():
    books = book(
        ordered("115.00"),
        paid("30.00", method="gift_card", tender_id="g1"),
        paid("85.00", tender_id="ch_7"),
    )
    assert money_in(books) == ["85.00 091 on 1001", "30.00 825 on 1001"]
    assert books.open == 0


def test_p4_the_method_of_the_order_pays_what_the_other_tenders_leave():
    books = book(
        ordered("115.00"),
        paid("30.00", method="gift_card", tender_id="g1"),
        paid(None, "3 Nov 09:00", method="checkout_card", status=""),
    )
    assert sorted(money_in(books)) == ["30.00 825 on 1001", "85.00 091 on 1001"]


def test_p4_an_event_of_its_own_replaces_what_the_checkout_implied():
    books = book(
        ordered("115.00"),
        paid(None, "3 Nov 09:00", method="checkout_card", status=""),
        paid("115.00", "3 Nov 09:01", method="checkout_card"),
    )
    assert money_in(books) == ["115.00 091 on 1001"]
    assert books.questions == ()


def test_p5_a_free_order_has_no_tender_and_no_message():
    free = content(goods("30.00"), goods("-30.00", key="discount", kind="discount"))
    books = book(ordered(free), paid("0.00"), paid(None, "3 Nov 09:00", method="zip", status="pending"))
    assert (books.payments, books.questions, books.findings) == ((), (), ())


def test_p6_a_payment_has_the_day_of_its_receipt_and_the_order_in_its_reference():
    books = book(ordered("115.00", "30 Nov"), paid("115.00", "1 Dec 00:10", tender_id="ch_7"))
    (payment,) = books.payments
    assert (payment.day.isoformat(), payment.reference) == ("2026-12-01", "1001 ch_7")


def test_p7_too_little_is_a_part_payment_without_a_message():
    books = book(ordered("115.00"), paid("45.00"))
    assert (money_in(books), books.open, books.questions) == (["45.00 091 on 1001"], Decimal("70.00"), ())


def test_p7_too_much_waits_as_a_whole():
    books = book(ordered("115.00"), paid("130.00"))
    assert money_in(books) == []
    (question,) = books.questions
    assert question.sentence == (
        "Order 1001: 130.00 NZD came in, 115.00 NZD was sold. The receipt of 130.00 NZD waits. Keep the rest as the"
        " customer's credit, or is the payment wrong?"
    )


def test_p7_too_much_is_an_overpayment_where_that_is_chosen():
    books = book(ordered("115.00"), paid("130.00"), overpaid="credit")
    assert [(each.amount, each.document) for each in books.overpayments] == [(Decimal("130.00"), "1001")]
    assert (books.open, books.questions) == (Decimal("-15.00"), ())


def test_p8_money_goes_back_to_cards_first_and_to_gift_cards_last():
    books = book(
        ordered("115.00"),
        paid("30.00", method="gift_card", tender_id="g1"),
        paid("85.00", tender_id="ch_7"),
        refunded("100.00", "10 Nov", refund_id="r1"),
    )
    assert show(books)["out"] == ["85.00 091 of 1001-R-r1", "15.00 825 of 1001-R-r1"]


def test_p8_told_money_replaces_the_derived():
    books = book(
        ordered("115.00"),
        paid("115.00"),
        refunded("57.50", "10 Nov", refund_id="r1"),
        sent_back("57.50", "11 Nov", repayment_id="re_1", refund_id="r1"),
    )
    assert [(each.amount, each.day.day, each.reference) for each in books.repayments] == [
        (Decimal("57.50"), 11, "1001-R-r1 re_1")
    ]
    assert (books.questions, books.findings) == ((), ())


def test_p8_a_difference_between_told_and_derived_is_a_finding():
    books = book(
        ordered("115.00"),
        paid("115.00"),
        refunded("57.50", "10 Nov", refund_id="r1"),
        sent_back("50.00", "11 Nov", refund_id="r1"),
    )
    assert show(books)["out"] == ["50.00 091 of 1001-R-r1"]
    assert kinds(books.findings) == ["repayment_differs", "open_credit"]


def test_p8_nothing_is_derived_where_that_is_chosen():
    books = book(
        ordered("115.00"), paid("115.00"), refunded("57.50", "10 Nov", refund_id="r1"), refund_pays_back="never"
    )
    assert (show(books)["out"], books.open) == ([], Decimal("-57.50"))


def test_p9_money_that_never_came_in_does_not_go_out():
    told = [ordered("115.00"), refunded("57.50", "10 Nov", refund_id="r1"), sent_back("57.50", "10 Nov 13:00")]
    books = book(*told)
    assert show(books)["out"] == []
    (question,) = books.questions
    assert question.sentence == (
        "57.50 NZD is said to have gone back, but no payment of it has come in for order 1001 (10 Nov 2026)."
    )
    later = book(*told, paid("115.00", "12 Nov"))
    assert (show(later)["out"], later.questions, later.open) == (["57.50 091 of 1001-R-r1"], (), 0)


def test_p10_a_refund_as_store_credit_moves_no_bank():
    books = book(
        ordered("115.00"),
        paid("115.00"),
        refunded("57.50", "10 Nov", refund_id="r1"),
        sent_back("57.50", "10 Nov", method="store_credit", refund_id="r1"),
    )
    assert show(books)["out"] == ["57.50 826 of 1001-R-r1"]


def test_g5_a_refund_of_an_order_paid_with_a_gift_card_loads_the_card_again():
    told = [ordered("115.00"), paid("115.00", method="gift_card"), refunded("57.50", "10 Nov", refund_id="r1")]
    assert show(book(*told))["out"] == ["57.50 825 of 1001-R-r1"]


def test_g7_store_credit_given_for_a_refund_is_a_liability():
    told = [ordered("115.00"), paid("115.00"), refunded("115.00", "10 Nov", refund_id="r1")]
    given = sent_back("115.00", "10 Nov", method="store_credit", refund_id="r1")
    assert show(book(*told, given))["out"] == ["115.00 826 of 1001-R-r1"]


def test_p11_a_receipt_in_another_currency_states_both_amounts_or_waits():
    both = book(ordered("115.00"), paid("115.00", currency="USD", bank_amount=Decimal("69.00")))
    assert [(each.amount, each.bank_amount) for each in both.payments] == [(Decimal("115.00"), Decimal("69.00"))]
    assert kinds(book(ordered("115.00"), paid("69.00", currency="USD")).questions) == ["payment_currency"]


def test_p12_nobody_is_asked_about_what_is_settled():
    settled = [
        book(ordered("115.00"), paid("115.00"), refunded("57.50", "10 Nov", refund_id="r1")),
        book(ordered("115.00"), refunded("115.00", "10 Nov", refund_id="r1")),
        book(ordered("115.00"), paid("115.00"), ordered("57.50", "12 Nov")),
    ]
    assert [books.questions for books in settled] == [(), (), ()]


def test_p13_a_receipt_that_failed_later_is_gone():
    books = book(
        ordered("115.00"), paid("115.00", tender_id="ch_7"), paid("115.00", "9 Nov", tender_id="ch_7", status="failed")
    )
    assert (money_in(books), books.open) == ([], Decimal("115.00"))


def test_p14_two_receipts_of_one_amount_have_different_references():
    books = book(
        ordered("115.00"),
        paid("57.50", tender_id="ch_7"),
        paid("57.50", "4 Nov", tender_id="ch_8"),
    )
    assert [each.reference for each in books.payments] == ["1001 ch_7", "1001 ch_8"]
