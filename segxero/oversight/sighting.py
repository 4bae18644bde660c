"""Sightings: the causes found by a look, for a person to act. Sights make them, the watch tells them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from segxero.telemetry.alerts import Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A record by its organisation and ref; *money* is its amount with the currency, such as `NZD 20.00`."""

    organisation: str
    ref: str
    money: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A cause, how many things it concerns, and the *places* of the records among them."""

    cause: Cause
    message: str
    next_step: str
    count: int
    places: tuple[Place, ...] = ()


class Sight(Protocol):
    """Looks at a kind of trouble."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its causes: gone from sight, they are over."""

    def look(self) -> Iterable[Sighting]:
        """Return the present sightings. Raise redis.RedisError."""


@dataclass(slots=True)
class Sums:
    """Money by currency, added up."""

    by_currency: dict[str, Decimal] = field(default_factory=dict)

    def add(self, currency: str, amount: Decimal | None) -> None:
        if amount is not None:
            self.by_currency[currency] = self.by_currency.get(currency, Decimal(0)) + amount

    def spell(self) -> str:
        """Write the sums as people read them: `NZD 678.50 and USD 20.00`."""
        return spell_sums(self.by_currency)


def spell_sums(sums: Mapping[str, Decimal]) -> str:
    """Write *sums* as people read them: `NZD 678.50 and USD 20.00`."""
    return " and ".join(spell_money(amount, currency) for currency, amount in sorted(sums.items()))


def spell_money(amount: Decimal, currency: str) -> str:
    """Write *amount* with two decimals at least and with commas between the thousands."""
    exact = amount.as_tuple().exponent
    decimals = max(2, -exact) if isinstance(exact, int) else 2
    return f"{currency} {amount:,.{decimals}f}".strip()
