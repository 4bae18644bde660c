"""The questions about an order for a person to answer, in the words of chapter W. Called by all of `orders`."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from segxero.orders.books import Question
from segxero.orders.facts import Refund, Version
from segxero.orders.order import Order
from segxero.orders.sentences import spell_day, spell_money, spell_sum
from segxero.orders.settings import OrderSettings

CHANGES = {
    "alive_again": "Order {order} was cancelled on {cancelled} and changed on {day} to {total}. Is it alive again?",
    "change_or_refund": "Order {order} was changed on {day} to {total}, and a refund of nearly the same difference is"
    " told. Is the change the refund, or does it come on top?",
    "more_than_left": "Order {order} was changed on {day} to {total}, but less than the difference is left of it. Which"
    " of its refunds and changes are true?",
}


def ask_about_change(order: Order, version: Version, kind: str, settings: OrderSettings) -> Question:
    """Ask about a *version* before it is booked."""
    cancelled = spell_day(settings.tell_day(order.cancelled_at)) if order.cancelled_at else ""
    words = {
        "order": order.number,
        "day": spell_day(settings.tell_day(version.at)),
        "cancelled": cancelled,
        "total": spell_money(version.total, version.currency),
    }
    return _ask(kind, CHANGES[kind].format(**words), version.total, version.currency, order, version.message_id)


def ask_about_refund(
    order: Order, refund: Refund, amount: Decimal, booked: Sequence[Decimal], sold: Decimal, kind: str = "over_refunded"
) -> Question:
    """Ask about a *refund* of more than was sold, or in another currency than its order."""
    number, currency = order.number, order.currency
    money = spell_money(amount, refund.currency or currency)
    if kind == "refund_currency":
        sentence = (
            f"The refund of order {number} is {money}, the order is in {currency}. How many {currency} went back?"
        )
        return _ask(kind, sentence, amount, refund.currency, order, refund.message_id)
    before = f"Credits of {spell_sum(booked)} are booked" if booked else "Nothing is credited yet"
    sentence = (
        f"Order {number} was sold for {spell_money(sold, currency)}. {before}; another {money} was reported. Is it the"
        " same refund told twice, or is it more than was sold?"
    )
    return _ask(kind, sentence, amount, currency, order, refund.message_id)


def ask_about_order(order: Order, kind: str, sentence: str, amount: Decimal, fact: str = "") -> Question:
    """Ask with *sentence* about the *fact* of an order."""
    return _ask(kind, sentence, amount, order.currency, order, fact)


def ask_later(number: str, kind: str, sentence: str, amount: Decimal, currency: str, after: datetime) -> Question:
    """Ask with *sentence*, unless the order comes until *after*."""
    return Question(
        kind=kind, sentence=sentence, amount=amount, currency=currency, data={"order": number}, ask_after=after
    )


def _ask(kind: str, sentence: str, amount: Decimal, currency: str, order: Order, fact: str) -> Question:
    data = {"order": order.number, "fact": fact}
    return Question(kind=kind, sentence=sentence, amount=amount, currency=currency, data=data)
