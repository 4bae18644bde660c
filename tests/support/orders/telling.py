"""Tells the facts of order 1001 as the rulebook does: November 2026 in Auckland, NZD, 15 % GST."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from segxero.orders.books import CREDIT_NOTE, INVOICE, WantedBooks
from segxero.orders.facts import Cancellation, Fact, HandAct, Refund, Repayment, Tender, Version
from segxero.orders.order import fold_facts
from segxero.orders.settings import AT_CHECKOUT, GIFT_CARD, LATER, STORE_CREDIT, OrderSettings, PaymentMethod
from segxero.orders.want import want_books
from segxero.xero.taxes.taxed import TaxedLine, TaxedOrder

ZONE = ZoneInfo("Pacific/Auckland")
METHODS = {
    "card": PaymentMethod(account="091", refundable=True),
    "checkout_card": PaymentMethod(account="091", paid=AT_CHECKOUT, refundable=True),
    "paypal": PaymentMethod(account="092", refundable=True),
    "gift_card": PaymentMethod(account="825", counts_as=GIFT_CARD, refundable=True),
    "store_credit": PaymentMethod(account="826", counts_as=STORE_CREDIT, refundable=True),
    "bank_transfer": PaymentMethod(account="090", counts_as=LATER),
}
SETTINGS = OrderSettings(time_zone="Pacific/Auckland", currency="NZD", methods=METHODS)


def money(value):
    return Decimal(value).quantize(Decimal("0.01"))


def at(text):
    """Read `3 Nov`, `3 Nov 09:01` or `3 Nov 09:01:05` as a time in Auckland; a day alone is its noon."""
    day, month, *clock = text.split()
    hours = (clock[0] if clock else "12:00").split(":")
    seconds = hours[2] if len(hours) > 2 else "00"
    return datetime.strptime(f"{day} {month} 2026 {hours[0]}:{hours[1]}:{seconds}", "%d %b %Y %H:%M:%S").replace(
        tzinfo=ZONE
    )


def goods(net, *, tax=None, quantity=1, key="A", account="200", tax_type="OUTPUT2", kind="goods", text="Shirt"):
    """Make a line over *net*, with 15 % on top where nothing else is said."""
    net = money(net)
    tax = money(net * Decimal("0.15")) if tax is None else money(tax)
    return TaxedLine(
        key=key,
        kind=kind,
        description=text,
        quantity=Decimal(quantity),
        unit_amount=net / quantity,
        amount=net,
        tax=tax,
        tax_type=tax_type,
        account=account,
        number=1 if kind == "goods" else 0,
    )


def content(*lines):
    return TaxedOrder(lines=lines, total=sum((line.amount + line.tax for line in lines), Decimal("0.00")))


def shirts(total):
    """Make the content of an order of shirts for 57.50 each that comes to *total*."""
    pieces = Decimal(total) / Decimal("57.50")
    assert pieces == pieces.to_integral_value()
    return content(goods(50 * pieces, quantity=int(pieces)))


def _told(when, message_id):
    return {"at": at(when), "received_at": at(when), "message_id": message_id or when}


def ordered(total, when="3 Nov 09:00", message_id=""):
    held = total if isinstance(total, TaxedOrder) else shirts(total)
    return Version(**_told(when, message_id or f"v {when}"), currency="NZD", content=held)


def cancelled(when):
    return Cancellation(**_told(when, f"k {when}"))


def refunded(amount, when, refund_id="", **more):
    stated = None if amount is None else Decimal(amount)
    message_id = more.pop("message_id", "") or f"r {when} {refund_id} {amount}"
    return Refund(**_told(when, message_id), amount=stated, refund_id=refund_id, **more)


def paid(amount, when="3 Nov 09:01", method="card", tender_id="", status="paid", **more):
    stated = None if amount is None else Decimal(amount)
    message_id = more.pop("message_id", "") or f"a {when} {method} {amount} {tender_id} {status}"
    return Tender(**_told(when, message_id), amount=stated, method=method, tender_id=tender_id, status=status, **more)


def sent_back(amount, when, method="card", repayment_id="", refund_id=""):
    return Repayment(
        **_told(when, f"x {when} {method} {amount}"),
        amount=Decimal(amount),
        method=method,
        repayment_id=repayment_id,
        refund_id=refund_id,
    )


def by_hand(act, when, amount="0.00", document="", xero_id="p-1"):
    return HandAct(
        **_told(when, f"h {when} {act}"), act=act, document=document, amount=Decimal(amount), xero_id=xero_id
    )


def book(*facts: Fact, frozen=None, **settings) -> WantedBooks:
    """Return the wanted books of order 1001."""
    return want_books(fold_facts("1001", facts), replace(SETTINGS, **settings), frozen)


def show(books):
    """Return the books in short: documents, money in, money out, set-off, and the open rest."""
    return {
        "documents": {
            document.number: f"{document.total} {document.day:%d %b}"
            + ("" if document.status == "AUTHORISED" else f" {document.status}")
            for document in books.documents
        },
        "in": [f"{each.amount} {each.account} on {each.document}" for each in books.payments],
        "out": [f"{each.amount} {each.account} of {each.document}" for each in books.repayments],
        "set off": [f"{each.amount} of {each.credit_note} on {each.invoice}" for each in books.allocations],
        "open": str(books.open),
    }


def kinds(asked):
    return [each.kind for each in asked]


__all__ = ["CREDIT_NOTE", "INVOICE"]
