"""The traffic that is measured with: people, orders with labels, and page calls that nobody wants."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any, TypeAlias

Event: TypeAlias = dict[str, Any]

CHANNELS = ("Web shop", "App", "Pop-up store")
CAMPAIGNS = ("Spring", "Newsletter", "")
GST = Decimal("0.15")
CENT = Decimal("0.01")
ORDERS, PAGE = 3, 9  # of every ten events, the first three are orders and the last is a page call

_numbers = itertools.count(1)


def identify(person: str, **traits: str) -> Event:
    """Make an identify call of *person* that names, mails and phones."""
    number = next(_numbers)
    return {
        **_common("identify", number, person),
        "traits": {
            "name": f"Person {person}",
            "email": f"{person}@example.com",
            "phone": f"+64 21 {number:07}",
            "address": {"street": f"{number} Queen Street", "city": "Auckland", "postalCode": "1010", "country": "NZ"},
            **traits,
        },
    }


def order(person: str, *, lines: int = 3, labels: bool = True, number: int | None = None) -> Event:
    """Make an Order Completed of *person* whose sums agree to the cent; its *number* decides its amounts."""
    number = next(_numbers) if number is None else number
    products = [_product(number, line) for line in range(lines)]
    subtotal = sum((product["price"] * product["quantity"] for product in products), Decimal(0))
    tax = (subtotal * GST).quantize(CENT, ROUND_HALF_UP)
    properties = {
        "order_id": f"B-{number}",
        "currency": "NZD",
        "subtotal": subtotal,
        "tax": tax,
        "total": subtotal + tax,
        "products": products,
    }
    campaign = CAMPAIGNS[number % len(CAMPAIGNS)]
    event = {**_common("track", number, person), "event": "Order Completed", "properties": properties}
    if labels:
        properties["affiliation"] = CHANNELS[number % len(CHANNELS)]
        event["context"] = {**event["context"], **({"campaign": {"name": campaign}} if campaign else {})}
    return event


def page(person: str) -> Event:
    """Make a page call, which the mappings do not want."""
    return {**_common("page", next(_numbers), person), "name": "Home", "properties": {"url": "https://shop.example/"}}


def mix(number: int, people: int, *, pages: bool = True) -> list[Event]:
    """Make *number* events of *people*, shuffled: six identify calls, three orders and a page call of every ten.

    Without *pages* there are seven identify calls.
    """
    random = Random(number)
    events = []
    for index in range(number):
        person = f"p{random.randrange(people)}"
        tenth = index % 10
        events.append(
            order(person, lines=random.randint(1, 6))
            if tenth < ORDERS
            else page(person)
            if tenth == PAGE and pages
            else identify(person)
        )
    random.shuffle(events)
    return events


def bodies(events: Sequence[Event], size: int) -> Iterator[Sequence[Event]]:
    """Cut *events* into batches of *size*."""
    for start in range(0, len(events), size):
        yield events[start : start + size]


def _common(kind: str, number: int, person: str) -> Event:
    now = datetime.now(UTC) - timedelta(minutes=1)
    return {
        "type": kind,
        "messageId": f"bench-{number}-{person}",
        "userId": person,
        "projectId": "shop",
        "timestamp": now.isoformat(),
        "receivedAt": now.isoformat(),
        "context": {
            "library": {"name": "analytics.js", "version": "2.1.0"},
            "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Safari/537.36",
            "locale": "en-NZ",
        },
    }


def _product(number: int, line: int) -> Event:
    return {
        "product_id": f"{number}-{line}",
        "sku": f"SKU-{line}",
        "name": f"Product number {line}",
        "category": "Games",
        "price": Decimal(500 + 35 * line + number % 10) / 100,
        "quantity": 1 + (number + line) % 3,
    }
