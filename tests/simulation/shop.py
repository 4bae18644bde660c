"""A shop's day: when events come, and which records they touch. Seeded, so that a day is always the same."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

HOUR = 3600.0
DAY = 24 * HOUR
PEOPLE = 3_000
NEW_CONTACT, NEW_LABEL, CHANGED_ORDER = 0.5, 0.01, 0.05  # the share of the orders that bring one


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day with *orders* at its usual rate, and a sale of *peak* times that rate between two hours.

    Xero's day begins at the hour *reset* of the shop's; it differs from organisation to organisation.
    """

    name: str
    orders: int
    peak: float = 1.0
    sale: tuple[float, float] = (18.0, 20.0)
    reset: float = 0.0
    historical: int = 0  # records of an import that wait when the day begins

    def rate(self, second: float) -> float:
        """Return the orders a second: few at night, most in the afternoon."""
        hour = (second / HOUR + self.reset) % 24
        usual = self.orders / DAY * (1 - 0.8 * math.cos((hour - 3) * math.pi / 12))
        return usual + (self.orders / DAY * self.peak if self.peak > 1 and self.sale[0] <= hour < self.sale[1] else 0)

    @property
    def description(self) -> str:
        sale = f", for two hours {self.peak:g} times as many" if self.peak > 1 else ""
        return f"{self.name} ({self.orders:,} orders{sale})"


DAYS = (
    Day(name="quiet", orders=100, historical=5_000),
    Day(name="busy", orders=4_000, historical=5_000),
    Day(name="sale", orders=1_000, peak=20, historical=5_000),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """An event of *second* that changes a record of *queue*; it waits for *needs* when that is on its way."""

    second: float
    queue: str
    record: str
    needs: tuple[tuple[str, str], ...] = ()


def touches(day: Day, seed: int = 1) -> Iterator[Touch]:
    """Yield what the day's events change, in the order of time."""
    chance = random.Random(seed)
    top = day.orders / DAY * (1.8 + max(day.peak, 0))
    second, number = 0.0, 0
    while (second := second + chance.expovariate(top)) < DAY:
        if chance.random() * top > day.rate(second):
            continue
        number += 1
        yield from _order(chance, second, number)
        yield Touch(second=second, queue="contacts", record=f"u{int(chance.random() * PEOPLE)}")


def _order(chance: random.Random, second: float, number: int) -> Iterator[Touch]:
    needs = []
    if chance.random() < NEW_CONTACT:
        needs.append(("contacts", f"new {number}"))
    if chance.random() < NEW_LABEL:
        needs.append(("tracking", f"label {number}"))
    for queue, record in needs:
        yield Touch(second=second, queue=queue, record=record)
    order = number if chance.random() >= CHANGED_ORDER else max(number - int(chance.random() * 200), 1)
    yield Touch(second=second, queue="invoices", record=str(order), needs=tuple(needs))
    yield Touch(second=second, queue="history", record=str(number), needs=(("invoices", str(order)),))
