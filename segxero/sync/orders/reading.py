"""Reads the facts of an order from its record. Pure; called by the queue `orders` and by previews."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from dateutil import parser

from segxero.errors import ParkedError, PermanentError
from segxero.mapping.values.plain_text import plain_text
from segxero.orders.books import Question
from segxero.orders.facts import Cancellation, Fact, HandAct, Refund, Repayment, Returned, Tender, Version
from segxero.orders.receipts import ReceiptStanding, read_status
from segxero.sync.orders.contents import decide_content
from segxero.xero.objects.context import Context
from segxero.xero.objects.orders import FACTS
from segxero.xero.objects.wanted import Linked
from segxero.xero.taxes.numbers import read_amount
from segxero.xero.taxes.rounding import find_quantum, round_money

VERSION, CANCELLATION, REFUND = "version", "cancellation", "refund"
PAYMENT, METHOD, REPAYMENT, BY_HAND = "payment", "method", "repayment", "by_hand"
CARDS = {"GiftCardAmount": "gift_card", "StoreCredit": "store_credit", "Deposit": "deposit"}
UNREADABLE = "unreadable"  # the kind of a question that has no other
BACK, NOTHING = {"refund"}, {"void", "authorization"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FactReader:
    """Reads the facts of the order *number*; *items* are the items of its products in Xero."""

    number: str
    context: Context
    items: tuple[Linked, ...] = ()

    def read(self, fields: Mapping[str, Any]) -> tuple[list[Fact], list[Question]]:
        """Return the facts in *fields*, and a question for each unreadable fact."""
        facts: list[Fact] = []
        questions = []
        for told in fields.get(FACTS) or []:
            try:
                facts += self._read_fact(told)
            except (ParkedError, PermanentError) as error:
                questions.append(self._ask(error, told))
        return facts, questions

    def _read_fact(self, told: Mapping[str, Any]) -> Iterator[Fact]:
        kind = told.get("Kind")
        if kind == VERSION:
            yield self._read_version(told)
            yield from self._read_tenders(told)
        elif kind == CANCELLATION:
            yield Cancellation(**self._place(told))
        elif kind == REFUND:
            yield self._read_refund(told)
            yield from self._read_tenders(told)
        elif kind in (PAYMENT, METHOD):
            yield self._read_payment(told, "paid" if kind == PAYMENT else "")
        elif kind == BY_HAND:
            amount = self._read_money(told.get("Amount"), "Amount") or Decimal("0.00")
            yield HandAct(
                **self._place(told), act=str(told["Act"]), amount=amount, xero_id=str(told.get("XeroId") or "")
            )
        elif kind == REPAYMENT:
            yield Repayment(**self._place(told), **self._read_money_back(told))

    def _read_version(self, told: Mapping[str, Any]) -> Version:
        currency = self._read_currency(told)
        try:
            content = decide_content(told, self.context, self.number, self.items)
        except (ParkedError, PermanentError) as error:
            return Version(**self._place(told), currency=currency, problem=self._ask(error, told))
        return Version(**self._place(told), currency=content.currency or currency, content=content)

    def _read_money(self, value: Any, name: str) -> Decimal | None:
        """Read an amount, rounded to the smallest unit of the organisation's currency."""
        found = read_amount(value, name)
        return None if found is None else round_money(found, find_quantum(self.context.currency))

    def _read_currency(self, told: Mapping[str, Any]) -> str:
        return plain_text(told.get("CurrencyCode") or self.context.currency).strip().upper()

    def _read_tenders(self, told: Mapping[str, Any]) -> Iterator[Fact]:
        for entry in told.get("Payments") or []:
            if isinstance(entry, Mapping):
                yield from self._read_entry(told, entry)
        for field, method in CARDS.items():
            if amount := self._read_money(told.get(field), field):
                yield Tender(**self._place(told), tender_id=method, method=method, amount=abs(amount), status="paid")
        if told.get("Kind") == VERSION and (told.get("PaymentMethod") or told.get("PaymentStatus")):
            yield Tender(**self._place(told), **_name_method(told, ""))

    def _read_entry(self, told: Mapping[str, Any], entry: Mapping[str, Any]) -> Iterator[Fact]:
        """Read a tender of a list (P1): money in, money back, or neither."""
        kind = plain_text(entry.get("Kind")).strip().lower()
        if kind in BACK:
            if read_status(plain_text(entry.get("PaymentStatus") or "success")) is ReceiptStanding.PAID:
                place = self._place({**told, "At": entry.get("At") or told["At"]})
                yield Repayment(**place, **self._read_money_back({"RefundId": told.get("RefundId"), **entry}))
        elif kind not in NOTHING:
            yield self._read_payment({**told, "At": told["At"], **entry}, "")

    def _read_payment(self, told: Mapping[str, Any], status: str) -> Tender:
        return Tender(
            **self._place(told),
            **_name_method(told, status),
            tender_id=plain_text(told.get("PaymentId")).strip(),
            amount=self._read_money(told.get("Amount"), "Amount"),
            currency=plain_text(told.get("PaymentCurrency")).strip().upper(),
            bank_amount=read_amount(told.get("BankAmount"), "BankAmount"),
        )

    def _read_money_back(self, told: Mapping[str, Any]) -> dict[str, Any]:
        amount = self._read_money(told.get("Amount"), "Amount")
        if amount is None:
            raise PermanentError(f"money went back for order {self.number}, and its amount is missing")
        return {
            "repayment_id": plain_text(told.get("PaymentId")).strip(),
            "refund_id": plain_text(told.get("RefundId")).strip(),
            "method": plain_text(told.get("PaymentMethod")).strip(),
            "amount": abs(amount),
            "currency": self._read_currency(told),
        }

    def _read_refund(self, told: Mapping[str, Any]) -> Refund:
        stated = {name: told.get(name) for name in ("Amount", "Total")}
        amount = next(
            (found for name, value in stated.items() if (found := self._read_money(value, name)) is not None), None
        )
        return Refund(
            **self._place(told),
            refund_id=plain_text(told.get("RefundId")).strip(),
            number=str(told.get("Number") or ""),
            amount=amount,
            currency=plain_text(told.get("CurrencyCode")).strip().upper(),
            products=tuple(_read_products(told.get("LineItems") or [])),
            shipping=self._read_money(told.get("Shipping"), "Shipping") or None,
            restocking_fee=self._read_money(told.get("RestockingFee"), "RestockingFee") or None,
            fee=self._read_money(told.get("Fee"), "Fee") or None,
        )

    def _place(self, told: Mapping[str, Any]) -> dict[str, Any]:
        at = parser.isoparse(str(told["At"]))
        if at.tzinfo is None:
            # Xero's documents and some shops tell only a day: it begins at midnight where the organisation is.
            at = at.replace(tzinfo=self.context.zone)
        return {
            "at": at,
            "received_at": _read_time(told.get("Received"), at),
            "message_id": str(told.get("MessageId") or ""),
        }

    def _ask(self, error: ParkedError | PermanentError, told: Mapping[str, Any]) -> Question:
        kind = getattr(error, "kind", "") or UNREADABLE
        data = {"order": self.number, "fact": str(told.get("MessageId") or "")}
        return Question(
            kind=kind,
            sentence=str(error),
            amount=getattr(error, "amount", None) or self._find_total(told),
            currency=self._read_currency(told),
            data=data,
            lacks=tuple(getattr(error, "lacks", ())),
        )

    def _find_total(self, told: Mapping[str, Any]) -> Decimal:
        """Return the total stated by *told*; an unreadable total is the question itself."""
        with suppress(PermanentError):
            return self._read_money(told.get("Total"), "Total") or Decimal("0.00")
        return Decimal("0.00")


def _name_method(told: Mapping[str, Any], status: str) -> dict[str, Any]:
    return {
        "method": plain_text(told.get("PaymentMethod")).strip(),
        "status": plain_text(told.get("PaymentStatus") or status).strip(),
    }


def _read_time(value: Any, other: datetime) -> datetime:
    try:
        read = parser.isoparse(str(value))
    except (ValueError, OverflowError):
        return other
    return read if read.tzinfo else other


def _read_products(products: Sequence[Any]) -> Iterator[Returned]:
    for number, product in enumerate(products, start=1):
        if not isinstance(product, Mapping):
            raise PermanentError(f"product {number} of a refund is not an object; correct the event and replay it")
        of = f" of product {number}"
        quantity = read_amount(product.get("Quantity"), f"Quantity{of}")
        yield Returned(
            key=plain_text(product.get("LineId")).strip(),
            sku=plain_text(product.get("Sku")).strip(),
            description=plain_text(product.get("Description")).strip(),
            price=read_amount(product.get("UnitAmount"), f"UnitAmount{of}"),
            quantity=Decimal(1) if quantity is None else abs(quantity),
        )
