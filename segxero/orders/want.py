"""The wanted books of an order as a function of its facts (L3). Called by the queue `orders` and by previews.

Everything depends on event times and amounts. No step asks which fact arrived first.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from segxero.orders import by_hand
from segxero.orders.books import (
    AUTHORISED,
    BookFinding,
    Question,
    WantedBooks,
    WantedDocument,
    WantedPayment,
)
from segxero.orders.documents import Walk
from segxero.orders.facts import Refund
from segxero.orders.freeze import find_freeze
from segxero.orders.lines import ZERO
from segxero.orders.order import Order
from segxero.orders.questions import ask_about_order, ask_later
from segxero.orders.receipts import Receipt, complete, find_receipts
from segxero.orders.refunds import tell_apart
from segxero.orders.repayments import Payout
from segxero.orders.sentences import spell_money
from segxero.orders.set_off import set_off
from segxero.orders.settings import OrderSettings
from segxero.xero.taxes.taxed import TaxedOrder

PATIENCE = timedelta(days=7)


def want_books(order: Order, settings: OrderSettings, frozen: TaxedOrder | None = None) -> WantedBooks:
    """Return the wanted books of *order*; with *frozen*, the content of an invoice closed to changes in Xero."""
    receipts, questions = find_receipts(order, settings)
    if not any(version.content for version in order.versions):
        problems = [version.problem for version in order.versions[-1:] if version.problem]
        return WantedBooks(questions=(*problems, *_ask_for_order(order, receipts)))
    if by_hand.is_taken_out(order):
        return WantedBooks(questions=tuple(_ask_about_money(order, receipts)), taken_out=True)
    receipts = by_hand.join_payments(order, receipts)
    refunds, doubts, repeats = tell_apart(order.refunds, order.number)
    refunds, credited = by_hand.drop_credited(order, refunds)
    first_receipt = receipts[0].at if receipts else None
    walk = Walk(order=order, settings=settings, frozen=frozen)
    walk.go(find_freeze(order, first_receipt, settings), refunds)
    unread = [version.problem for version in order.versions[-1:] if version.problem]
    questions += [*unread, *doubts, *credited, *walk.questions]
    if _is_voided(order, settings, receipts) and frozen is None:
        walk.void()
    return _add_money(walk, receipts, refunds, questions, [*order.findings, *repeats])


def _is_voided(order: Order, settings: OrderSettings, receipts: Sequence[Receipt]) -> bool:
    """Return whether *order* was cancelled early enough to need no document (L3, step 5)."""
    cancelled = order.cancelled_at
    if cancelled is None or settings.void_window != "month":
        return False
    first = order.versions[0].at
    if cancelled > settings.end_month(first) or settings.is_locked(settings.tell_day(first)):
        return False
    moments = [receipt.at for receipt in receipts] + [refund.at for refund in order.refunds]
    return not order.repayments and not by_hand.add_credits(order) and all(at > cancelled for at in moments)


def _add_money(
    walk: Walk,
    receipts: Sequence[Receipt],
    refunds: list[Refund],
    questions: list[Question],
    findings: list[BookFinding],
) -> WantedBooks:
    order, settings = walk.order, walk.settings
    invoices = [each for each in walk.invoices if each.status == AUTHORISED]
    total = sum((each.total for each in invoices), ZERO)
    booked = complete(receipts, invoices[0].total if invoices else ZERO, total)
    payments, overpayments, booked, too_much = _pay(walk, invoices, booked)
    payout = Payout(order=order, settings=settings, receipts=booked, credits=walk.credits)
    if walk.credits or invoices:
        payout.pay_back(refunds)
    due = [(each, each.total - _sum_on(each, payments)) for each in invoices]
    rests = [(credit.document, payout.rest_of(credit)) for credit in walk.credits]
    allocations, open_credits = set_off(rests, due)
    findings += [*walk.findings, *payout.findings, *_name_open(order, open_credits)]
    return WantedBooks(
        documents=(*walk.invoices, *(credit.document for credit in walk.credits)),
        payments=tuple(payments),
        repayments=tuple(payout.payments),
        allocations=tuple(allocations),
        overpayments=tuple(overpayments),
        findings=tuple(findings),
        questions=(*questions, *too_much, *payout.questions),
    )


def _pay(
    walk: Walk, invoices: Sequence[WantedDocument], receipts: Sequence[Receipt]
) -> tuple[list[WantedPayment], list[WantedPayment], list[Receipt], list[Question]]:
    """Put the *receipts* on the *invoices* in order of time (L3, step 6); more than these come to is P7."""
    payments: list[WantedPayment] = []
    overpayments: list[WantedPayment] = []
    booked: list[Receipt] = []
    questions: list[Question] = []
    rests = {invoice.number: invoice.total for invoice in invoices}
    for receipt in receipts:
        amount = receipt.amount or ZERO
        if amount > sum(rests.values(), ZERO) and not receipt.found:
            if walk.settings.overpaid == "credit" and invoices:
                overpayments.append(_make_payment(walk, receipt, invoices[0].number, amount))
                booked.append(receipt)
                rests = dict.fromkeys(rests, ZERO)
            else:
                questions.append(
                    _ask_too_much(walk.order, receipts, sum((each.total for each in invoices), ZERO), receipt)
                )
            continue
        booked.append(receipt)
        for number, rest in rests.items():
            part = min(amount, rest)
            if part > 0:
                payments.append(_make_payment(walk, receipt, number, part))
                rests[number] = rest - part
                amount -= part
    return payments, overpayments, booked, questions


def _make_payment(walk: Walk, receipt: Receipt, number: str, amount: Decimal) -> WantedPayment:
    return WantedPayment(
        key=f"{number} {receipt.key}",
        document=number,
        amount=amount,
        account=receipt.row.account,
        day=walk.settings.tell_day(receipt.at),
        reference=f"{number} {receipt.key}",
        method=receipt.method,
        bank_amount=receipt.bank_amount,
        found=receipt.found,
    )


def _sum_on(document: WantedDocument, payments: Sequence[WantedPayment]) -> Decimal:
    return sum((each.amount for each in payments if each.document == document.number), ZERO)


def _ask_too_much(order: Order, receipts: Sequence[Receipt], sold: Decimal, receipt: Receipt) -> Question:
    came = sum((each.amount or ZERO for each in receipts), ZERO)
    amount = receipt.amount or ZERO
    sentence = (
        f"Order {order.number}: {spell_money(came, order.currency)} came in, {spell_money(sold, order.currency)} was"
        f" sold. The receipt of {spell_money(amount, order.currency)} waits. Keep the rest as the customer's credit, or"
        " is the payment wrong?"
    )
    return ask_about_order(order, "overpaid", sentence, amount, receipt.key)


def _ask_for_order(order: Order, receipts: Sequence[Receipt]) -> list[Question]:
    """Ask for the missing order of told money or refunds, once it had 7 days to come (L14)."""
    if order.versions:
        return []
    told: list[tuple[datetime, Decimal | None, str, str]] = [
        (fact.at, fact.amount, fact.currency, "refunded") for fact in order.refunds
    ]
    told += [(fact.at, fact.amount, order.currency, "paid") for fact in receipts if fact.amount]
    told += [(fact.at, fact.amount, fact.currency, "paid back") for fact in order.repayments]
    return [
        ask_later(
            order.number,
            "order_missing",
            f"{_spell_told(amount, currency)} was {verb} for order {order.number}, which never came.",
            abs(amount or ZERO),
            currency,
            at + PATIENCE,
        )
        for at, amount, currency, verb in sorted(told, key=lambda each: each[0])
    ]


def _spell_told(amount: Decimal | None, currency: str) -> str:
    return "All" if amount is None else spell_money(abs(amount), currency)


def _ask_about_money(order: Order, receipts: Sequence[Receipt]) -> list[Question]:
    """Ask about money told for an order whose invoice a person voided (L15)."""
    total = order.versions[0].total
    return [
        ask_about_order(
            order,
            "paid_but_voided",
            f"{spell_money(receipt.amount or total, order.currency)} came in for order {order.number}, whose invoice"
            " was voided by hand in Xero. Where does it belong?",
            receipt.amount or total,
            receipt.key,
        )
        for receipt in receipts
    ]


def _name_open(order: Order, open_credits: Mapping[str, Decimal]) -> list[BookFinding]:
    return [
        BookFinding(
            kind="open_credit",
            sentence=f"{spell_money(amount, order.currency)} of credit note {number} is owed to the customer.",
            amount=amount,
            currency=order.currency,
        )
        for number, amount in open_credits.items()
    ]
