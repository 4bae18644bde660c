"""Money back to the customer: told with its amount, or derived from refunds of paid orders (P8 to P10).

Called by `want`, after the receipts are booked.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from segxero.orders.books import BookFinding, Question, WantedPayment
from segxero.orders.documents import CANCELLATION, BookedCredit
from segxero.orders.facts import Refund, Repayment
from segxero.orders.lines import ZERO
from segxero.orders.order import Order
from segxero.orders.questions import ask_about_order
from segxero.orders.receipts import Receipt
from segxero.orders.refunds import name_refund
from segxero.orders.sentences import spell_day, spell_money
from segxero.orders.settings import GIFT_CARD, OrderSettings, PaymentMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyBack:
    """A refund with derived money: its *amount* at most goes back at *at*, on the credit note *key*."""

    key: str
    refund: str
    at: datetime
    amount: Decimal


@dataclass(slots=True)
class Payout:
    """Pays the *credits* of an order back out of its *receipts*, oldest first."""

    order: Order
    settings: OrderSettings
    receipts: Sequence[Receipt]
    credits: Sequence[BookedCredit]
    payments: list[WantedPayment] = field(default_factory=list)
    findings: list[BookFinding] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    _told: dict[str, Decimal] = field(
        default_factory=lambda: defaultdict(lambda: ZERO)
    )  # by refund, else by credit note
    _gone: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))  # by method

    def pay_back(self, refunds: Sequence[Refund]) -> None:
        """Book the told repayments, then those derived from the *refunds*."""
        for repayment in self.order.repayments:
            self._pay_told(repayment)
        if self.settings.refund_pays_back == "when_paid":
            for back in self._derive_from(refunds):
                self._pay_derived(back)

    def rest_of(self, credit: BookedCredit) -> Decimal:
        """Return the rest of *credit* after its repayments."""
        number = credit.document.number
        return credit.document.total - sum((each.amount for each in self.payments if each.document == number), ZERO)

    def _pay_told(self, repayment: Repayment) -> None:
        row = self.settings.find_method(repayment.method, self.order.currency) or self._guess_row(repayment)
        if row is None:
            self._ask(repayment, "unknown_method", f"went back with {repayment.method or 'a method that nobody names'}")
            return
        paid_out = sum((each.amount for each in self.payments), ZERO)
        # A gift card may be loaded with more than it paid: the money does not leave the shop.
        if row.counts_as != GIFT_CARD and paid_out + repayment.amount > self._received():
            self._ask(repayment, "unpaid_repayment", "is said to have gone back, but no payment of it has come in")
            return
        # The credit note of its own refund goes first; all others stay in order of time.
        notes = sorted(self.credits, key=lambda each: not repayment.refund_id or each.refund != repayment.refund_id)
        if sum((self.rest_of(credit) for credit in notes), ZERO) < repayment.amount:
            self._ask(
                repayment, "repayment_without_credit", "is said to have gone back, but nothing of it was refunded"
            )
            return
        if repayment.refund_id:
            self._told[repayment.refund_id] += repayment.amount
        key = repayment.repayment_id or f"X{repayment.at:%Y%m%d%H%M%S}"
        for number, part in self._pay(key, repayment.amount, repayment.at, repayment.method, row, notes):
            # A repayment without a refund is of the oldest credit notes.
            if not repayment.refund_id:
                self._told[number] += part

    def _guess_row(self, repayment: Repayment) -> PaymentMethod | None:
        """Return the only way in which the order was paid, for a repayment without a method."""
        rows = {id(receipt.row): receipt.row for receipt in self.receipts}
        return next(iter(rows.values())) if not repayment.method and len(rows) == 1 else None

    def _derive_from(self, refunds: Sequence[Refund]) -> Iterator[MoneyBack]:
        by_refund = {credit.refund: credit for credit in self.credits if credit.refund}
        for refund in sorted(refunds, key=lambda each: each.moment):
            key = name_refund(refund)
            credit = by_refund.get(key) or by_refund.get(CANCELLATION)
            if credit is None or (credit.refund == CANCELLATION and refund.at < credit.at):
                continue
            own = credit.refund == key
            amount = credit.document.total if own or refund.amount is None else abs(refund.amount)
            yield MoneyBack(key=credit.document.number, refund=refund.refund_id or key, at=refund.at, amount=amount)

    def _pay_derived(self, back: MoneyBack) -> None:
        credit = next(each for each in self.credits if each.document.number == back.key)
        derived = min(back.amount, self._received(refundable_until=back.at))
        if told := self._told[back.refund] or self._told[back.key]:
            # Told money replaces the derived amount, even where it is less: the shop knows the amount it sent.
            if told != derived:
                self.findings.append(self._name_difference(told, derived))
            return
        wanted = min(back.amount, self.rest_of(credit))
        out = sum((each.amount for each in self.payments), ZERO)
        wanted = min(wanted, self._received(refundable_until=back.at) - out)
        for receipt, amount in self._choose_tenders(wanted, back.at):
            self._pay(f"{back.refund} {receipt.key}", amount, back.at, receipt.method, receipt.row, [credit])

    def _choose_tenders(self, wanted: Decimal, at: datetime) -> Iterator[tuple[Receipt, Decimal]]:
        """Yield how much goes back by which tender: cards first, gift cards last, none more than came in by it."""
        open_ones = [receipt for receipt in self.receipts if receipt.row.refundable and receipt.at <= at]
        gone = dict(self._gone)
        for receipt in sorted(open_ones, key=lambda each: not each.row.is_card_like):
            came = receipt.amount or ZERO
            used = min(came, gone.get(receipt.method, ZERO))
            gone[receipt.method] = gone.get(receipt.method, ZERO) - used
            amount = min(wanted, came - used)
            if amount > 0:
                wanted -= amount
                yield receipt, amount

    def _pay(
        self, key: str, amount: Decimal, at: datetime, method: str, row: PaymentMethod, notes: Sequence[BookedCredit]
    ) -> list[tuple[str, Decimal]]:
        self._gone[method] += amount
        paid = []
        for credit in notes:
            part = min(amount, self.rest_of(credit))
            if part <= 0:
                continue
            amount -= part
            number = credit.document.number
            paid.append((number, part))
            reference = f"{number} {key}"
            self.payments.append(
                WantedPayment(
                    key=f"{number} {key}",
                    document=number,
                    amount=part,
                    account=row.account,
                    day=self.settings.tell_day(at),
                    reference=reference,
                    method=method,
                )
            )
        return paid

    def _received(self, refundable_until: datetime | None = None) -> Decimal:
        counted = self.receipts
        if refundable_until is not None:
            counted = [each for each in counted if each.row.refundable and each.at <= refundable_until]
        return sum((each.amount or ZERO for each in counted), ZERO)

    def _ask(self, repayment: Repayment, kind: str, problem: str) -> None:
        money = spell_money(repayment.amount, self.order.currency)
        sentence = (
            f"{money} {problem} for order {self.order.number} ({spell_day(self.settings.tell_day(repayment.at))})."
        )
        self.questions.append(ask_about_order(self.order, kind, sentence, repayment.amount, repayment.message_id))

    def _name_difference(self, told: Decimal, derived: Decimal) -> BookFinding:
        sentence = f"{told} went back for order {self.order.number}; its refunds let expect {derived}."
        return BookFinding(
            kind="repayment_differs", sentence=sentence, amount=told - derived, currency=self.order.currency
        )
