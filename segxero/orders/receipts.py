"""The receipts of an order: which tenders count as paid, by which method, and when (P1 to P5, P13).

Called by `want`, before it knows the invoice.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum

from segxero.orders.books import Question
from segxero.orders.facts import Tender
from segxero.orders.lines import ZERO
from segxero.orders.order import Order
from segxero.orders.questions import ask_about_order
from segxero.orders.sentences import spell_money
from segxero.orders.settings import AT_CHECKOUT, OrderSettings, PaymentMethod

PAID = {"paid", "captured", "succeeded", "success", "complete", "completed", "settled"}
WAS_PAID = {"refunded", "partially_refunded"}
FAILED = {"failed", "voided", "expired", "declined", "reversed", "chargeback", "bounced"}


class ReceiptStanding(Enum):
    """The meaning of a payment status."""

    PAID = "paid"
    NOT_YET = "not yet"
    FAILED = "failed"
    UNSAID = "unsaid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Money received. Without *amount* it pays the rest, after all other receipts of the order."""

    key: str
    at: datetime
    amount: Decimal | None
    method: str
    row: PaymentMethod
    bank_amount: Decimal | None = None
    found: str = ""  # the Xero id of a payment made by hand


def read_status(word: str) -> ReceiptStanding:
    """Return the meaning of the shop's status *word* (P3)."""
    name = word.strip().lower().replace(" ", "_").replace("-", "_")
    if not name:
        return ReceiptStanding.UNSAID
    if name in PAID or name in WAS_PAID:
        return ReceiptStanding.PAID
    return ReceiptStanding.FAILED if name in FAILED else ReceiptStanding.NOT_YET


def find_receipts(order: Order, settings: OrderSettings) -> tuple[list[Receipt], list[Question]]:
    """Return the receipts of *order* in order of time, and a question for each of the others."""
    groups: dict[object, list[Tender]] = {}
    for tender in order.tenders:
        groups.setdefault(_tell_group(tender), []).append(tender)
    of_order = next(
        (tender.method for tender in reversed(order.tenders) if tender.method and tender.amount is None), ""
    )
    receipts: list[Receipt] = []
    questions: dict[str, Question] = {}
    for tenders in groups.values():
        found = _find_receipt(order, tenders, of_order, settings)
        if isinstance(found, Question):
            questions.setdefault(f"{found.kind} {found.data}", found)
        elif found is not None:
            receipts.append(found)
    return sorted(receipts, key=lambda receipt: (receipt.at, receipt.key)), list(questions.values())


def complete(receipts: Sequence[Receipt], invoice: Decimal, invoices: Decimal) -> list[Receipt]:
    """Give the receipt without amount the part of the *invoice* left by all other receipts."""
    told = sum((receipt.amount for receipt in receipts if receipt.amount is not None), ZERO)
    rest = min(invoice, invoices - told)
    completed = [replace(each, amount=rest) if each.amount is None else each for each in receipts]
    return [receipt for receipt in completed if receipt.amount and receipt.amount > 0]


def _tell_group(tender: Tender) -> object:
    if tender.amount is None and not tender.tender_id:
        return ""
    return tender.tender_id or (tender.method, tender.amount, tender.at.replace(microsecond=0))


def _find_receipt(
    order: Order, tenders: Sequence[Tender], of_order: str, settings: OrderSettings
) -> Receipt | Question | None:
    newest = tenders[-1]
    method = next((tender.method for tender in reversed(tenders) if tender.method), of_order)
    row = settings.find_method(method, order.currency)
    at = _find_time(order, tenders, row)
    if at is None or newest.amount == 0:
        return None
    if row is None:
        return _ask_method(order, method, newest.amount)
    stated = next((tender for tender in reversed(tenders) if tender.amount is not None), newest)
    if stated.currency and order.currency and stated.currency != order.currency and stated.bank_amount is None:
        money = spell_money(stated.amount or ZERO, stated.currency)
        sentence = f"{money} came in for order {order.number}, which is in {order.currency}. How many of them is that?"
        return ask_about_order(order, "payment_currency", sentence, stated.amount or ZERO, stated.message_id)
    key = stated.tender_id or _digest(stated)
    return Receipt(key=key, at=at, amount=stated.amount, method=method, row=row, bank_amount=stated.bank_amount)


def _find_time(order: Order, tenders: Sequence[Tender], row: PaymentMethod | None) -> datetime | None:
    """Return when the money came in; None while it has not, or has gone again."""
    paid_at: datetime | None = None
    said = False
    for tender in tenders:
        standing = read_status(tender.status)
        said = said or standing is not ReceiptStanding.UNSAID
        if standing is ReceiptStanding.FAILED:
            paid_at = None
        elif standing is ReceiptStanding.PAID and paid_at is None:
            paid_at = tender.at
    if said:
        return paid_at
    # Nobody says whether it is paid, so the row of the method decides; an unknown method is asked about.
    if row is not None and row.paid != AT_CHECKOUT:
        return None
    return max(tenders[0].at, order.versions[0].at) if order.versions else tenders[0].at


def _ask_method(order: Order, method: str, amount: Decimal | None) -> Question:
    name = method or "a method that nobody names"
    total = order.versions[0].total if order.versions else ZERO
    money = total if amount is None else amount
    sentence = (
        f"Order {order.number} was paid with {name}: {spell_money(money, order.currency)}. Which account does that"
        " money go to? Add a row to tables/payment_methods.yaml."
    )
    question = ask_about_order(order, "unknown_method", sentence, money)
    return replace(question, data={**question.data, "method": method}, lacks=(("payment_methods", method),))


def _digest(tender: Tender) -> str:
    if tender.amount is None:
        return tender.method
    stated = f"{tender.method} {tender.amount} {tender.at.replace(microsecond=0).isoformat()}"
    return hashlib.sha256(stated.encode()).hexdigest()[:8]
