"""The documents of an order (L3, steps 2 to 5): its facts are walked through once, in order of event time.

Called by `want`, which adds the money. The walk knows nothing of Xero but the *frozen* content of an invoice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from segxero.orders.books import CREDIT_NOTE, INVOICE, VOIDED, BookFinding, Question, WantedDocument
from segxero.orders.changes import ChangeMatch, Credited, match_refunds
from segxero.orders.credits import credit_refund
from segxero.orders.facts import Refund, Version
from segxero.orders.left import OrderRemainder
from segxero.orders.lines import ZERO, drop_empty, express, merge_types, subtract, turn
from segxero.orders.order import Order
from segxero.orders.questions import ask_about_change, ask_about_refund
from segxero.orders.refunds import name_refund
from segxero.orders.sentences import spell_day
from segxero.orders.settings import OrderSettings
from segxero.xero.taxes.credits import WantedCredit
from segxero.xero.taxes.taxed import TaxedLine, TaxedOrder

CANCELLATION = "cancellation"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedCredit:
    """A credit note in order of time, with its refund; the credit note of a change has none."""

    document: WantedDocument
    at: datetime
    refund: str = ""


@dataclass(slots=True)
class Walk:
    """Walks through the facts of *order*; the *refunds* are told apart before."""

    order: Order
    settings: OrderSettings
    frozen: TaxedOrder | None = None
    invoices: list[WantedDocument] = field(default_factory=list)
    credits: list[BookedCredit] = field(default_factory=list)
    money_only: list[Refund] = field(default_factory=list)  # refunds after the cancellation
    findings: list[BookFinding] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    left: OrderRemainder = field(init=False)
    _matched: set[str] = field(default_factory=set)
    _changes: int = 1

    def go(self, freeze: datetime, refunds: list[Refund]) -> None:
        """Make the documents of the order, whose invoice takes no version after *freeze*."""
        versions = [version for version in self.order.versions if version.content]
        first = max((index for index, version in enumerate(versions) if version.at <= freeze), default=0)
        self._sell(versions[first])
        pending = [*([versions[first]] if self.frozen else []), *versions[first + 1 :]]
        before = self.frozen or versions[first].content
        assert before is not None
        for at, rank, fact in self._line_up(pending, refunds):
            if rank == 0 and isinstance(fact, Version) and fact.content:
                self._change(fact, before, refunds)
                before = fact.content
            elif isinstance(fact, Refund):
                self._refund(fact)
            elif fact is None:
                self._cancel(at)

    def _line_up(
        self, versions: list[Version], refunds: list[Refund]
    ) -> Iterator[tuple[datetime, int, Version | Refund | None]]:
        """Yield changes, refunds and the cancellation in order of time; at the same time, in this order."""
        told: list[tuple[datetime, int, Version | Refund | None]] = [(version.at, 0, version) for version in versions]
        told += [(refund.at, 1, refund) for refund in refunds]
        if self.order.cancelled_at:
            told.append((self.order.cancelled_at, 2, None))
        yield from sorted(told, key=lambda each: each[:2])

    def _sell(self, version: Version) -> None:
        content = self.frozen or version.content
        assert content is not None
        self.left = OrderRemainder(amount_types=content.amount_types, currency=self.order.currency)
        self.left.sell(content.lines)
        day = self.settings.tell_day(self.order.versions[0].at)
        lines, kind = content.lines, INVOICE
        if content.total < 0:
            lines, kind = turn(content.lines), CREDIT_NOTE
        elif content.total == 0 and self.settings.zero_orders == "skip":
            return
        document = self._make(self.order.number, kind, day, lines, version.message_id)
        if kind == INVOICE:
            self.invoices.append(document)
        else:
            self.credits.append(BookedCredit(document=document, at=self.order.versions[0].at))

    def _change(self, version: Version, before: TaxedOrder, refunds: list[Refund]) -> None:
        """Book the difference between *version* and *before*, unless a person decides first."""
        assert version.content is not None
        cancelled = self.order.cancelled_at
        if cancelled and version.at > cancelled:
            if version.total > 0:
                self.questions.append(ask_about_change(self.order, version, "alive_again", self.settings))
            return
        delta = subtract(express(version.content, self.left.amount_types), express(before, self.left.amount_types))
        delta = self._join_refunds(delta, version, refunds)
        total = self.left.gross(delta)
        if not delta:
            self._edit_texts(version.content)
        elif total >= 0 or self._is_new(version, -total, refunds):
            self._book_change(version, delta, total)

    def _is_new(self, version: Version, reduction: Decimal, refunds: list[Refund]) -> bool:
        """Return whether the *reduction* is booked: not where a refund tells it, nor where a person decides."""
        match, keys = self._match(version, reduction, refunds)
        self._matched |= keys
        if match is ChangeMatch.SAME:
            return False
        if match is ChangeMatch.NONE and reduction <= self.left.total:
            return True
        kind = "change_or_refund" if match is ChangeMatch.DOUBTFUL else "more_than_left"
        self.questions.append(ask_about_change(self.order, version, kind, self.settings))
        return False

    def _book_change(self, version: Version, delta: tuple[TaxedLine, ...], total: Decimal) -> None:
        more = delta if total > 0 else () if total < 0 else tuple(each for each in delta if self.left.gross([each]) > 0)
        less = turn(delta) if total < 0 else () if total > 0 else turn(e for e in delta if self.left.gross([e]) <= 0)
        self._changes += 1
        day = self.settings.tell_day(version.at)
        if self.settings.is_locked(day) and self.frozen:
            assert self.settings.locked_until is not None
            moved = self.settings.locked_until + timedelta(days=1)
            note = f"change of {spell_day(day)}: "
            more, less = _note(more, note), _note(less, note)
            self.findings.append(BookFinding(kind="late", sentence=f"The {note[:-2]} is booked on {spell_day(moved)}."))
            day = moved
        self.left.sell(delta)
        number = self.order.number
        if more:
            self.invoices.append(self._make(f"{number}/{self._changes}", INVOICE, day, more, version.message_id))
        if less:
            document = self._make(f"{number}-C{self._changes}", CREDIT_NOTE, day, less, version.message_id)
            self.credits.append(BookedCredit(document=document, at=version.at))

    def _refund(self, refund: Refund) -> None:
        cancelled = self.order.cancelled_at
        if cancelled and refund.at > cancelled:
            self.money_only.append(refund)
            return
        credit = self._read(refund)
        if isinstance(credit, Question):
            self.questions.append(credit)
        elif credit.total > self.left.total:
            booked = [each.document.total for each in self.credits]
            self.questions.append(
                ask_about_refund(self.order, refund, credit.total, booked, self.left.gross(self.left.sold))
            )
        elif credit.total:
            self.left.credits.append(credit)
            key = name_refund(refund)
            number = refund.number or f"{self.order.number}-R-{key}"
            day = self.settings.tell_day(refund.at)
            document = self._make(number, CREDIT_NOTE, day, credit.lines, refund.message_id)
            self.credits.append(BookedCredit(document=document, at=refund.at, refund=key))

    def _read(self, refund: Refund) -> TaxedOrder | Question:
        if refund.currency and refund.currency != self.order.currency:
            return ask_about_refund(self.order, refund, abs(refund.amount or ZERO), [], ZERO, kind="refund_currency")
        return credit_refund(refund, self.left, self.settings, self.order.number)

    def _cancel(self, at: datetime) -> None:
        if self.left.total > 0:
            rest = self.left.read_credit(WantedCredit(order=self.order.number, currency=self.left.currency))
            day = self.settings.tell_day(at)
            document = self._make(f"{self.order.number}-R", CREDIT_NOTE, day, rest.lines, CANCELLATION)
            self.credits.append(BookedCredit(document=document, at=at, refund=CANCELLATION))
            self.left.credits.append(rest)

    def void(self) -> None:
        """Want no document at all: the order was cancelled before anything was owed or paid (L3, step 5)."""
        self.invoices = [replace(document, status=VOIDED) for document in self.invoices]
        self.credits = []

    def _match(self, version: Version, reduction: Decimal, refunds: list[Refund]) -> tuple[ChangeMatch, frozenset[str]]:
        if self.settings.updated_totals != "match":
            return ChangeMatch.NONE, frozenset()
        earlier = max((other.at for other in self.order.versions if other.at < version.at), default=version.at)
        seen = []
        for refund in refunds:
            key, credit = name_refund(refund), self._read(refund)
            if key not in self._matched and isinstance(credit, TaxedOrder):
                distance = abs(refund.at - version.at)
                since = refund.at > earlier
                amount = self._amount_of(key) or credit.total
                seen.append(Credited(key=key, at_distance=distance, is_since_before=since, amount=amount))
        return match_refunds(reduction, seen)

    def _amount_of(self, key: str) -> Decimal:
        """Return the amount of the credit note of the refund *key*, if it is booked already."""
        return next((each.document.total for each in self.credits if each.refund == key), ZERO)

    def _join_refunds(
        self, delta: tuple[TaxedLine, ...], version: Version, refunds: list[Refund]
    ) -> tuple[TaxedLine, ...]:
        """Give back to *delta* the refunds contained in the totals of this shop (`after_refunds`)."""
        if self.settings.updated_totals != "after_refunds":
            return delta
        keys = {name_refund(refund) for refund in refunds if refund.at <= version.at} - self._matched
        self._matched |= keys
        contained = [line for each in self.credits if each.refund in keys for line in each.document.lines]
        # A refund may be spread over its order, so the two are compared by account and tax type.
        return drop_empty(merge_types([*delta, *contained])) if contained else delta

    def _edit_texts(self, content: TaxedOrder) -> None:
        """Write the newest texts on the lines of the invoice: Xero takes them even when it is paid."""
        texts = {line.key: line.description for line in content.lines}
        self.invoices[:1] = [
            replace(
                document,
                lines=tuple(
                    replace(line, description=texts.get(line.key, line.description)) for line in document.lines
                ),
            )
            for document in self.invoices[:1]
        ]

    def _make(self, number: str, kind: str, day: date, lines: tuple[TaxedLine, ...], source: str) -> WantedDocument:
        return WantedDocument(
            number=number,
            kind=kind,
            day=day,
            amount_types=self.left.amount_types,
            lines=lines,
            total=self.left.gross(lines),
            currency=self.order.currency,
            source=source,
        )


def _note(lines: tuple[TaxedLine, ...], note: str) -> tuple[TaxedLine, ...]:
    return tuple(
        replace(line, description=f"{note}{line.description}") if not index else line
        for index, line in enumerate(lines)
    )
