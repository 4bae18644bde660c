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
    """The sums of a currency: the shop's orders, the part set aside, and the invoices in Xero."""

    currency: str
    orders: int
    ordered: Decimal
    set_aside: Decimal
    invoiced: Decimal

    @property
    def difference(self) -> Decimal:
        return self.ordered - self.set_aside - self.invoiced


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
    return [
        DaySums(
            currency=currency,
            orders=number[currency],
            ordered=ordered[currency],
            set_aside=aside[currency],
            invoiced=Decimal(invoiced.get(currency, NOTHING)),
        )
        for currency in sorted({*ordered, *invoiced})
    ]
