"""A month of a shop against the sandbox: orders that change, are refunded, cancelled and paid, told in any order.

`play` feeds the events in the order of their arrival, with deliveries between, and returns the books of the sandbox.
`Truth` holds the sums that the shop knows without any of our code.
"""

import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from segxero.store import keys
from tests.support.set_ups.core import ORG, Core, shipped_mappings
from tests.support.xero.sandbox import SandboxXero
from tests.support.xero.sandbox_client import SCOPES, connected

START = datetime(2026, 11, 1, 9, tzinfo=UTC)
CURRENCIES = ("USD", "USD", "USD", "NZD", "EUR")
METHODS = {"card": "090 money when_told refundable", "bank_transfer": "090 later when_told"}
CENT = Decimal("0.01")
ROUNDS = 8  # as often as a contact is tried before it is a dead letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large the month is."""

    customers: int = 300
    orders: int = 800
    changed: float = 0.08
    refunded: float = 0.06
    cancelled: float = 0.02
    paid: float = 0.90
    repeated: float = 0.05


@dataclass(slots=True)
class Truth:
    """Sums by currency, as the shop has them."""

    sales: Counter = field(default_factory=Counter)
    credits: Counter = field(default_factory=Counter)
    payments: Counter = field(default_factory=Counter)
    payouts: Counter = field(default_factory=Counter)

    @property
    def receivables(self) -> dict[str, Decimal]:
        return {
            name: self.sales[name] - self.credits[name] - self.payments[name] + self.payouts[name]
            for name in self.sales
        }


@dataclass(slots=True)
class Month:
    """The events of a month in the order in which they happened, and the truth behind them."""

    events: list[dict[str, Any]] = field(default_factory=list)
    truth: Truth = field(default_factory=Truth)


def make_month(size: Size, seed: int = 1) -> Month:
    """Make a month. Every order is changed, refunded or cancelled at most once, as its share says."""
    chance = random.Random(seed)
    month = Month()
    for number in range(size.orders):
        Story(month=month, chance=chance, size=size, number=f"{number + 1001}").tell()
    repeats = chance.sample(month.events, int(len(month.events) * size.repeated))
    month.events += repeats
    return month


@dataclass(slots=True, kw_only=True)
class Story:
    """The life of one order."""

    month: Month
    chance: random.Random
    size: Size
    number: str
    user: str = ""
    currency: str = ""
    late: Decimal | int = 0  # by how much the order changed after its payment

    def tell(self) -> None:
        chance, truth = self.chance, self.month.truth
        self.user = f"u{chance.randrange(self.size.customers) + 1}"
        self.currency = chance.choice(CURRENCIES)
        at = START + timedelta(minutes=chance.randrange(20 * 1440))
        pieces = chance.randint(1, 4)
        price = Decimal(chance.randint(500, 9000)) / 100
        total = pieces * price
        self._track("Order Completed", at, total=total, products=self._products(pieces, price))
        truth.sales[self.currency] += total
        paid_at = at + timedelta(minutes=chance.randint(1, 600))
        is_paid = chance.random() < self.size.paid
        fate = chance.random()
        if fate < self.size.changed:
            total = self._change(at, pieces, price, total)
        elif fate < self.size.changed + self.size.refunded:
            self._refund(at + timedelta(days=2), total, is_paid=is_paid)
        elif fate < self.size.changed + self.size.refunded + self.size.cancelled:
            self._cancel(at + timedelta(days=1), total, is_paid=is_paid)
        if is_paid:
            self._track("Order Paid", paid_at, amount=total, payment_id=f"ch_{self.number}", payment_method="card")
            truth.payments[self.currency] += total
        if self.late > 0 or not is_paid:
            truth.sales[self.currency] += self.late
        else:
            truth.credits[self.currency] -= self.late

    def _change(self, at: datetime, pieces: int, price: Decimal, total: Decimal) -> Decimal:
        """Change the order at once or three days later, after its payment; return what is paid."""
        is_early = self.chance.random() < 0.5
        more = pieces + 1 if self.chance.random() < 0.5 or pieces == 1 else pieces - 1
        event = self.chance.choice(["Order Updated", "Order Completed"])
        later = at + (timedelta(seconds=30) if is_early else timedelta(days=3))
        self._track(event, later, total=more * price, products=self._products(more, price))
        # A late change of an order that nobody pays changes the invoice; that its payment came first is decided later.
        self.late = 0 if is_early else (more - pieces) * price
        if is_early:
            self.month.truth.sales[self.currency] += (more - pieces) * price
        return more * price if is_early else total

    def _refund(self, at: datetime, total: Decimal, *, is_paid: bool) -> None:
        amount = total if self.chance.random() < 0.5 else (total / 2).quantize(CENT)
        self._track("Order Refunded", at, refund_id=f"r{self.number}", amount=amount)
        self.month.truth.credits[self.currency] += amount
        if is_paid:
            self.month.truth.payouts[self.currency] += amount

    def _cancel(self, at: datetime, total: Decimal, *, is_paid: bool) -> None:
        """Cancel the order; of a paid one the money is told to have gone back by a refund."""
        self._track("Order Cancelled", at)
        if not is_paid:
            self.month.truth.sales[self.currency] -= total
            return
        self._track("Order Refunded", at + timedelta(minutes=1), refund_id=f"r{self.number}", amount=total)
        self.month.truth.credits[self.currency] += total
        self.month.truth.payouts[self.currency] += total

    def _products(self, pieces: int, price: Decimal) -> list[dict[str, Any]]:
        return [{"name": "Mug", "sku": "MUG", "price": price, "quantity": pieces}]

    def _track(self, event: str, at: datetime, **properties: Any) -> None:
        known = {"order_id": self.number, "currency": self.currency, **properties}
        if "total" in known:
            known["tax"] = 0
        self.month.events.append(
            {
                "type": "track",
                "event": event,
                "userId": self.user,
                "messageId": f"m-{len(self.month.events)}",
                "timestamp": at.isoformat(),
                "properties": {
                    name: float(value) if isinstance(value, Decimal) else value for name, value in known.items()
                }
                | ({"products": _plain(known["products"])} if "products" in known else {}),
            }
        )


def _plain(products: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**product, "price": float(product["price"])} for product in products]


def play(store: Any, events: Sequence[dict[str, Any]], portion: int = 0) -> Core:
    """Feed *events* in their order, delivering after each *portion* (0: once, at the end)."""
    core = Core(store, xero=SandboxXero(connected()), mappings=shipped_mappings())
    # The contact index asks for changes since it was read, so the sandbox must not be behind it.
    core.xero.sandbox.clock.now = max(core.xero.sandbox.clock.now, time.time())
    core.xero.sandbox.sign_in(SCOPES)
    for code in dict.fromkeys(CURRENCIES):
        core.xero.sandbox.put("Currencies", {"Code": code})
    core.mappings = replace(core.mappings, tables={**core.mappings.tables, "payment_methods": METHODS})
    for start in range(0, len(events), portion or len(events)):
        core.feed(*events[start : start + (portion or len(events))])
        core.deliver(most=5000)
    _end_waits(core)
    return core


def _end_waits(core: Core) -> None:
    """Let the waits of contacts end whose names were taken: guests change numbers when an earlier guest is told."""
    for _ in range(ROUNDS):
        waiting = core.store.zrange(keys.outbox(ORG, "contacts"), 0, -1)
        if not waiting:
            return
        core.store.zadd(keys.outbox(ORG, "contacts"), dict.fromkeys(waiting, 0))
        core.deliver(most=5000)
    raise AssertionError(f"contacts still change names after {ROUNDS} rounds")


def read_books(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the books of the records *found* without ids and times: documents with their sums, and the money."""
    standing = [each for each in found["Invoices"] if each["Status"] != "VOIDED"]
    return {
        # An order that was void before its payment arrived is booked anew under the next free number (L3, step 5), so
        # the order's own number in the reference is compared.
        "invoices": sorted((each["Reference"], *_show(each), each["AmountDue"]) for each in standing),
        "credits": sorted(
            (each["CreditNoteNumber"], *_show(each), each["RemainingCredit"])
            for each in found["CreditNotes"]
            if each["Status"] != "VOIDED"
        ),
        "payments": sorted(
            (each["Reference"], each["Amount"], each["Date"])
            for each in found["Payments"]
            if each["Status"] != "DELETED"
        ),
    }


def find_differences(found: Mapping[str, Any], truth: Truth) -> list[str]:
    """Return a sentence for each sum of the sandbox's records *found* that the shop has otherwise."""
    booked = read_truth(found)
    return [
        f"{name}: {getattr(booked, name)} in Xero, {getattr(truth, name)} in the shop"
        for name in ("sales", "credits", "payments", "payouts", "receivables")
        if getattr(booked, name) != getattr(truth, name)
    ]


def _show(document: dict[str, Any]) -> tuple[Any, ...]:
    return document["CurrencyCode"], document["Total"], document["Date"], document["Status"]


def read_truth(found: Mapping[str, Any]) -> Truth:
    """Return the sums by currency, as the sandbox's records *found* have them."""
    truth = Truth()
    for invoice in found["Invoices"]:
        if invoice["Status"] != "VOIDED":
            truth.sales[invoice["CurrencyCode"]] += invoice["Total"]
            truth.payments[invoice["CurrencyCode"]] += invoice["AmountPaid"]
    for note in found["CreditNotes"]:
        if note["Status"] != "VOIDED":
            truth.credits[note["CurrencyCode"]] += note["Total"]
            set_off = sum(entry["Amount"] for entry in note.get("Allocations") or [])
            truth.payouts[note["CurrencyCode"]] += note["Total"] - note["RemainingCredit"] - set_off
    return truth
