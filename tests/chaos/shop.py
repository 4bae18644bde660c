"""The events of a run: people, companies, orders with corrections, page calls, and some that nobody can book.

All of it is a pure function of the seed and the number of events.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any, TypeAlias

Event: TypeAlias = dict[str, Any]
Body: TypeAlias = Event | list[Any]

BEGAN = datetime(2025, 3, 3, 9, tzinfo=UTC)
STEP = timedelta(seconds=37, milliseconds=1)  # between two events; no two of them have one time
REPEATED = 0.25  # of the events come twice
PEOPLE, COMPANIES, ORDERS = 12, 150, 5  # one of each for so many events
FIRST = ("Ann", "Ben", "Cleo", "Dora", "Emil", "Finn", "Gus", "Hana", "Ida", "Jon", "Kim", "Lea")
LAST = ("Able", "Berg", "Cole", "Dahl", "Ek", "Frost", "Gray", "Hall", "Iver", "Juhl", "Kerr", "Lund", "Moss", "Nye")
CITIES = ("Napier", "Nelson", "Otaki", "Picton")
CHANNELS = ("Web shop", "App", "Market stall", "Phone")
CAMPAIGNS = ("Spring", "Autumn", "Newsletter")
CURRENCIES = ("NZD", "AUD", "EUR", "usd")
NOT_IN_XERO = "SEK"
RATES = ("0", "0.15")
NOT_IN_THE_TABLES = "0.10"
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """*events*, each once, and the *bodies* in which they are posted, some twice and in no order."""

    events: tuple[Event, ...]
    bodies: tuple[Body, ...]

    @property
    def posted(self) -> int:
        return sum(len(events_of(body)) for body in self.bodies)


def traffic(seed: int, number: int) -> Traffic:
    """Make the traffic in which *number* events are posted."""
    random = Random(seed)
    shop = Shop(random=random, size=number)
    events = [shop.event() for _ in range(round(number / (1 + REPEATED)))]
    return shuffle_events([*events, *random.choices(events, k=number - len(events))], random)


def shuffle_events(posted: Sequence[Event], random: Random) -> Traffic:
    """Make the traffic in which the events *posted*, some of them twice, come in no order."""
    events = list({event["messageId"]: event for event in posted}.values())
    shuffled = random.sample(posted, len(posted))
    return Traffic(events=tuple(events), bodies=tuple(_cut(shuffled, random)))


def events_of(body: Body) -> list[Event]:
    """Return the events of *body* without their wrappers."""
    elements = body if isinstance(body, list) else [body]
    return [element.get("json", element) for element in elements]


def _cut(events: list[Event], random: Random) -> Iterator[Body]:
    """Cut *events* into single events, batches and batches of wrappers."""
    start = 0
    while start < len(events):
        size = random.choice((1, 1, 2, 9, 20, 50))
        chunk = events[start : start + size]
        start += size
        if size == 1:
            yield chunk[0]
        else:
            yield [{"json": event} for event in chunk] if random.random() < 0.3 else chunk


@dataclass(slots=True, kw_only=True)
class Order:
    """What stays the same over the corrections of one order."""

    number: str
    sender: dict[str, str]
    currency: str
    channel: bool
    campaign: str


@dataclass(slots=True, kw_only=True)
class Shop:
    """Makes one event after the other."""

    random: Random
    size: int
    numbers: Iterator[int] = field(default_factory=itertools.count)
    orders: list[Order] = field(default_factory=list)

    def event(self) -> Event:
        kinds = tuple(KINDS)
        (kind,) = self.random.choices(kinds, [KINDS[kind] for kind in kinds])
        return kind(self)

    def identify(self) -> Event:
        choice = self.random.choice
        person = self._person()
        first, last = choice(FIRST), choice(LAST)
        traits: dict[str, Any] = {}
        if self._chance(0.5):
            traits["name"] = f"{first} {last}"
        elif self._chance(0.3):
            traits |= {"firstName": first, "lastName": last}
        elif self._chance(0.3):
            traits["firstName"] = first
        if self._chance(0.5):
            traits["email"] = self._email(person)
        if self._chance(0.3):
            traits["phone"] = f"+64 3 {self.random.randrange(1000, 9999)}"
        if self._chance(0.3):
            parts = {"street": f"{self.random.randrange(1, 99)} Main Street", "city": choice(CITIES), "country": "NZ"}
            traits["address"] = {name: text for name, text in parts.items() if self._chance(0.7)}
        return self._event("identify", userId=person, traits=traits)

    def group(self) -> Event:
        number = self.random.randrange(max(self.size // COMPANIES, 2))
        traits = {"name": f"Company {self.random.randrange(max(self.size // COMPANIES, 2))} Ltd"}
        if self._chance(0.5):
            traits["email"] = f"office{number}@example.com"
        return self._event("group", groupId=f"g{number}", userId=self._person(), traits=traits)

    def order(self) -> Event:
        order = Order(
            number=f"S-{next(self.numbers)}",
            sender={"userId": self._person()} if self._chance(0.9) else {"anonymousId": f"a-{self._person()}"},
            currency=self.random.choice(CURRENCIES),
            channel=self._chance(0.7),
            campaign=self.random.choice(CAMPAIGNS) if self._chance(0.4) else "",
        )
        self.orders.append(order)
        return self._order(order, **self._sums())

    def correction(self) -> Event:
        """Say an order again with other products, or its label alone."""
        if not self.orders:
            return self.order()
        order = self.random.choice(self.orders)
        return self._order(order, **({} if order.channel and self._chance(0.2) else self._sums()))

    def page(self) -> Event:
        return self._event("page", userId=self._person(), properties={"path": "/"})

    def nobody(self) -> Event:
        return self._event("identify", anonymousId=f"a-{self._person()}", traits={"name": "Passer By"})

    def tester(self) -> Event:
        return self._event("track", userId=self._person(), event="Segment Test Event Name", properties={})

    def unreadable(self) -> Event:
        return self._event("identify", userId=self._person(), traits=f"name=Finn {next(self.numbers)}")

    def order_without_number(self) -> Event:
        event = self._order(self._one_off(), **self._sums())
        del event["properties"]["order_id"]
        return event

    def order_of_nobody(self) -> Event:
        event = self._order(self._one_off(), **self._sums())
        del event["userId"]
        return event

    def group_without_number(self) -> Event:
        return self._event("group", userId=self._person(), traits={"name": "Nameless Ltd"})

    def order_that_disagrees(self) -> Event:
        sums = self._sums()
        return self._order(self._one_off(), **{**sums, "total": sums["total"] + 1000})

    def order_with_a_tax_that_no_rate_makes(self) -> Event:
        return self._order(self._one_off(), **self._sums(NOT_IN_THE_TABLES))

    def order_in_a_currency_that_xero_refuses(self) -> Event:
        order = self._one_off()
        order.currency = NOT_IN_XERO
        return self._order(order, **self._sums())

    def _one_off(self) -> Order:
        """Return an order that is never corrected."""
        number, person = f"S-{next(self.numbers)}", self._person()
        return Order(number=number, sender={"userId": person}, currency="NZD", channel=False, campaign="")

    def _order(self, order: Order, **properties: Any) -> Event:
        more: dict[str, Any] = {"order_id": order.number, "currency": order.currency}
        if order.channel:
            more["affiliation"] = self.random.choice(CHANNELS)
        if self._chance(0.3):
            more["customer"] = {"name": f"{self.random.choice(FIRST)} {self.random.choice(LAST)}"}
        if self._chance(0.3):
            more["email"] = self._email(next(iter(order.sender.values())))
        context = {"campaign": {"name": order.campaign}} if order.campaign else {}
        properties = {**more, **properties}
        return self._event("track", event="Order Completed", **order.sender, context=context, properties=properties)

    def _sums(self, rate: str = "") -> dict[str, Any]:
        """Make products, shipping, discount, tax (none, on top or inside the prices) and the total they make."""
        products = [self._product(line) for line in range(self.random.randint(1, 5))]
        shipping = Decimal(self.random.choice(("0", "6.50", "12.90")))
        discount = Decimal(self.random.choice(("0", "0", "1.00")))
        lines = [_cents(product["price"] * product["quantity"]) for product in products]
        lines += [part for part in (-discount, shipping) if part]
        rate, inside = Decimal(rate or self.random.choice(RATES)), self._chance(0.4)
        net = sum(lines, Decimal(0))
        tax = _cents(net - net / (1 + rate) if inside else net * rate)
        total = net + (0 if inside else tax)
        return {"products": products, "shipping": shipping, "discount": discount, "tax": tax, "total": total}

    def _product(self, line: int) -> dict[str, Any]:
        price = Decimal(self.random.randrange(3000, 90000)) / 1000
        return {
            "name": f"Product {self.random.randrange(100)}-{line}",
            "price": price if self._chance(0.1) else _cents(price),
            "quantity": self.random.randint(1, 4),
        }

    def _person(self) -> str:
        return f"u{self.random.randrange(max(self.size // PEOPLE, 5))}"

    def _email(self, person: str) -> str:
        """Return an address of *person*, or the one of a family."""
        return "family@example.com" if self._chance(0.1) else f"{person}.{self.random.randrange(3)}@example.com"

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    def _event(self, kind: str, **members: Any) -> Event:
        number = next(self.numbers)
        moment = (BEGAN + number * STEP).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"type": kind, "messageId": f"m-{number}", "timestamp": moment, "receivedAt": moment, **members}


def _cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


KINDS: dict[Callable[[Shop], Event], float] = {
    Shop.identify: 40,
    Shop.group: 6,
    Shop.order: 20,
    Shop.correction: 10,
    Shop.page: 14,
    Shop.nobody: 2,
    Shop.tester: 1,
    Shop.unreadable: 1,
    Shop.order_without_number: 1,
    Shop.order_of_nobody: 1,
    Shop.group_without_number: 1,
    Shop.order_that_disagrees: 1,
    Shop.order_with_a_tax_that_no_rate_makes: 1,
    Shop.order_in_a_currency_that_xero_refuses: 1,
}
