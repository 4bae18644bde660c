"""The outcome of the traffic by the receiver, Redis and the sandbox. Report and promises read it."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from segxero.dead_letters import DeadLetter
from segxero.demo.stack import LocalStack
from segxero.demo.standing import DemoStanding
from segxero.demo.traffic import Traffic

NOTHING = Decimal("0.00")
TAKEN_BACK = {"VOIDED", "DELETED"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOutcome:
    """A look at receiver, Redis and sandbox after the traffic has settled."""

    standing: DemoStanding
    counts: Mapping[str, int]
    letters: tuple[DeadLetter, ...]
    records: Mapping[str, Any]
    summary: Mapping[str, Any]

    @classmethod
    def look(cls, stack: LocalStack, standing: DemoStanding) -> "DayOutcome":
        return cls(
            standing=standing,
            counts=stack.counts,
            letters=tuple(stack.dead_letters),
            records=stack.records(),
            summary=stack.summary(),
        )

    @property
    def contacts(self) -> Mapping[str, Mapping[str, Any]]:
        """The contacts in Xero by their number."""
        return {contact.get("ContactNumber", ""): contact for contact in self.records["Contacts"]}

    @property
    def refused(self) -> int:
        """The number of calls over a limit or with too many elements."""
        figures = self.summary
        breaches = sum(figures["limit_breaches"].values())
        return int(breaches + figures["calls_over_50_elements"] + figures["calls_during_retry_after"])


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySums:
    """The sums of a currency: the shop's orders, its refunds and payments, and the documents in Xero."""

    currency: str
    orders: int
    ordered: Decimal
    set_aside: Decimal
    refunded: Decimal
    paid: Decimal
    invoiced: Decimal
    credited: Decimal
    received: Decimal

    @property
    def difference(self) -> Decimal:
        """The gap in the sales, else the gap in the money: a sum of both could hide either."""
        sales = self.ordered - self.set_aside - self.refunded - self.invoiced + self.credited
        return sales or self.paid - self.received


def add_up(traffic: Traffic, outcome: DayOutcome) -> list[DaySums]:
    """Return the sums by currency; only parked orders count as set aside."""
    # Contacts and options can be parked as well, but only orders hold money.
    parked = {one.key for one in outcome.standing.parked if one.object == "Order"}
    ordered: dict[str, Decimal] = defaultdict(lambda: NOTHING)
    aside: dict[str, Decimal] = defaultdict(lambda: NOTHING)
    number: Counter[str] = Counter()
    for order in traffic.orders:
        ordered[order.currency] += order.total
        aside[order.currency] += order.total if order.number in parked else NOTHING
        number[order.currency] += 1
    invoiced = {name: row["Total"] for name, row in outcome.summary["invoices_by_currency"].items()}
    credited = _sum_records(outcome, "CreditNotes", "Total")
    received = _sum_records(outcome, "Payments", "Amount")
    return [
        DaySums(
            currency=currency,
            orders=number[currency],
            ordered=ordered[currency],
            set_aside=aside[currency],
            refunded=traffic.refunded.get(currency, NOTHING),
            paid=traffic.paid.get(currency, NOTHING),
            invoiced=Decimal(invoiced.get(currency, NOTHING)),
            credited=credited[currency],
            received=received[currency],
        )
        for currency in sorted({*ordered, *invoiced})
    ]


def _sum_records(outcome: DayOutcome, name: str, amount: str) -> dict[str, Decimal]:
    """Add up *amount* of the records *name* by currency."""
    invoices = {invoice["InvoiceID"]: invoice["CurrencyCode"] for invoice in outcome.records["Invoices"]}
    sums: dict[str, Decimal] = defaultdict(lambda: NOTHING)
    for record in outcome.records.get(name, ()):
        # Xero keeps the amounts of records that were taken back.
        if record["Status"] not in TAKEN_BACK:
            # A payment has no currency of its own: its amount is in that of its invoice.
            currency = record.get("CurrencyCode") or invoices[record["Invoice"]["InvoiceID"]]
            sums[currency] += Decimal(record[amount])
    return sums
