"""Acts of people in Xero on the documents of an order (L15): they are facts like others, and stay. Called by `want`."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from segxero.orders.books import Question
from segxero.orders.facts import HandAct, Refund
from segxero.orders.lines import ZERO
from segxero.orders.order import Order
from segxero.orders.questions import ask_about_order
from segxero.orders.receipts import Receipt
from segxero.orders.sentences import spell_money
from segxero.orders.settings import PaymentMethod

VOIDED, PAID, CREDITED = "voided", "paid", "credited"
SAME_PAYMENT = timedelta(days=5)
SAME_CREDIT = timedelta(days=10)


def is_taken_out(order: Order) -> bool:
    """Return whether a person voided the invoice of *order*."""
    return any(act.act == VOIDED and act.document in ("", order.number) for act in order.by_hand)


def join_payments(order: Order, receipts: Sequence[Receipt]) -> list[Receipt]:
    """Return *receipts* with the payments made by hand; a told receipt of the same amount within 5 days is the same."""
    joined = list(receipts)
    for act in order.by_hand:
        if act.act != PAID:
            continue
        for index, receipt in enumerate(joined):
            is_near = abs(receipt.at - act.at) <= SAME_PAYMENT
            if not receipt.found and receipt.amount in (act.amount, None) and is_near:
                joined[index] = replace(receipt, amount=act.amount, found=act.xero_id)
                break
        else:
            row = PaymentMethod(account="")
            joined.append(Receipt(key=act.xero_id, at=act.at, amount=act.amount, method="", row=row, found=act.xero_id))
    return sorted(joined, key=lambda receipt: (receipt.at, receipt.key))


def drop_credited(order: Order, refunds: Iterable[Refund]) -> tuple[list[Refund], list[Question]]:
    """Return the *refunds* not explained by a credit note by hand, the others as questions."""
    acts = [act for act in order.by_hand if act.act == CREDITED]
    kept, questions = [], []
    for refund in refunds:
        same = next((act for act in acts if _is_same(act, refund)), None)
        if same is None:
            kept.append(refund)
            continue
        acts.remove(same)
        money = spell_money(same.amount, order.currency)
        sentence = f"A refund of {money} of order {order.number} is told, and {money} was credited by hand. Is it that?"
        questions.append(ask_about_order(order, "credited_by_hand", sentence, same.amount, refund.message_id))
    return kept, questions


def add_credits(order: Order) -> Decimal:
    """Return how much people credited of *order* by hand."""
    return sum((act.amount for act in order.by_hand if act.act == CREDITED), ZERO)


def _is_same(act: HandAct, refund: Refund) -> bool:
    return refund.amount is not None and abs(refund.amount) == act.amount and abs(refund.at - act.at) <= SAME_CREDIT
