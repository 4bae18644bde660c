"""The steps of L4, from the books that are there to the books that are wanted."""

from segxero.orders.steps import FoundBooks, Step, plan_steps
from tests.support.orders.telling import book, cancelled, ordered, paid, refunded


def found(books):
    standing = tuple(each for each in books.documents if each.status == "AUTHORISED")
    return FoundBooks(
        documents=standing, payments=books.payments, repayments=books.repayments, allocations=books.allocations
    )


def steps(before, after):
    return [(each.step, each.name) for each in plan_steps(found(before), after)]


ORDER = ordered("115.00")
REFUND = refunded("57.50", "10 Nov", refund_id="r1")
PAYMENT = paid("115.00", tender_id="ch_7")


def test_l4_books_that_agree_need_no_step():
    books = book(ORDER, REFUND, PAYMENT)
    assert steps(books, books) == []


def test_l4_the_second_road_of_l10_takes_the_set_off_back_first():
    assert steps(book(ORDER, REFUND), book(ORDER, REFUND, PAYMENT)) == [
        (Step.DELETE_ALLOCATION, "1001-R-r1 on 1001"),
        (Step.PAY, "1001 ch_7"),
        (Step.PAY_BACK, "1001-R-r1 r1 ch_7"),
    ]


def test_l4_a_paid_invoice_is_edited_between_the_deletion_and_the_return_of_its_payment():
    change = ordered("172.50", "3 Nov 09:00:30")
    assert steps(book(ORDER, PAYMENT), book(ORDER, PAYMENT, change)) == [
        (Step.DELETE_PAYMENT, "1001 ch_7"),
        (Step.EDIT, "1001"),
        (Step.PAY, "1001 ch_7"),
    ]


def test_l4_surplus_documents_are_voided_after_their_set_off_is_gone():
    early = cancelled("9 Nov")
    assert steps(book(ORDER, REFUND), book(ORDER, early, REFUND)) == [
        (Step.DELETE_ALLOCATION, "1001-R-r1 on 1001"),
        (Step.VOID, "1001"),
        (Step.VOID, "1001-R-r1"),
    ]


def test_l4_missing_documents_are_made_before_money_moves():
    assert steps(book(), book(ORDER, REFUND, PAYMENT)) == [
        (Step.CREATE, "1001"),
        (Step.CREATE, "1001-R-r1"),
        (Step.PAY, "1001 ch_7"),
        (Step.PAY_BACK, "1001-R-r1 r1 ch_7"),
    ]
