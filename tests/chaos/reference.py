"""What Xero must have in the end, told from the events alone: as plain as possible and without segxero's code.

It reads like README.md and mappings/README.md: the latest event wins, field by field; what an order merely suggests
about its customer holds until an identify call says it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.chaos.debtors import Debtors, debtor_key, debtors

CENT, ZERO = Decimal("0.01"), Decimal(0)
TAX_TYPES = {"0": "NONE", "0.10": "OUTPUT", "0.15": "OUTPUT2"}
BASE_CURRENCY = "NZD"
IN_XERO = {"NZD", "AUD", "EUR", "USD", "GBP"}
DUE_DAYS = 14
SALES = "200"


@dataclass(slots=True, kw_only=True)
class Books:
    """Contacts and invoices by number, labels by category, and what cannot be booked.

    *parked* are the numbers of orders whose sums disagree or whose currency Xero does not have, *letters* the ids of
    events that no mapping can read.
    """

    contacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    invoices: dict[str, dict[str, Any]] = field(default_factory=dict)
    labels: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    parked: set[str] = field(default_factory=set)
    letters: set[str] = field(default_factory=set)


def fate(event: dict[str, Any]) -> str:
    """Return what the receiver says to *event*: rejected, ignored or accepted."""
    if not isinstance(event.get("traits", {}), dict):
        return "rejected"
    if event["type"] == "identify":
        return "accepted" if event.get("userId") else "ignored"
    if event["type"] == "track":
        return "accepted" if event["event"] == "Order Completed" else "ignored"
    return "accepted" if event["type"] == "group" else "ignored"


def is_unbookable(event: dict[str, Any]) -> bool:
    """Tell whether an accepted *event* lacks what names its record."""
    if event["type"] == "group":
        return not event.get("groupId")
    if event["type"] == "track":
        return not event["properties"].get("order_id") or not (event.get("userId") or event.get("anonymousId"))
    return False


def books(events: Iterable[dict[str, Any]]) -> Books:
    """Fold *events*, each given once and in any order."""
    found = Books()
    orders: dict[str, dict[str, Any]] = {}
    booked = []
    for event in sorted(events, key=lambda event: event["timestamp"]):
        if fate(event) == "rejected" or (fate(event) == "accepted" and is_unbookable(event)):
            found.letters.add(event["messageId"])
        elif fate(event) == "accepted":
            booked.append(event)
    people = debtors(booked)
    found.contacts = people.contacts
    for event in booked:
        if event["type"] == "track":
            _order(event, orders, people, found)
    for number, order in orders.items():
        _book(number, order, found)
    return found


def _order(event: dict[str, Any], orders: dict[str, dict[str, Any]], people: Debtors, found: Books) -> None:
    """Let *event* be the newest version of its order; the day of the order stays that of its first version."""
    properties = event["properties"]
    order = orders.setdefault(properties["order_id"], {"day": event["timestamp"][:10]})
    order |= properties | {"customer": people.numbers[debtor_key(event)]}
    labels = {
        "Sales channel": properties.get("affiliation"),
        "Campaign": event["context"].get("campaign", {}).get("name"),
    }
    order["labels"] = {category: label for category, label in labels.items() if label}
    for category, label in order["labels"].items():
        found.labels[category].add(label)


def _book(number: str, order: dict[str, Any], found: Books) -> None:
    if order["currency"].upper() not in IN_XERO:
        found.parked.add(number)
        return
    parts = [(item["name"], Decimal(item["quantity"]), item["price"]) for item in order["products"]]
    parts += [("Discount", Decimal(1), -order["discount"])] if order["discount"] else []
    parts += [("Shipping", Decimal(1), order["shipping"])] if order["shipping"] else []
    amounts = [_cents(quantity * price) for _, quantity, price in parts]
    net, tax, total = sum(amounts, ZERO), order["tax"], order["total"]
    if total not in (net + tax, net):
        found.parked.add(number)
        return
    inside = bool(tax) and total == net
    issued = date.fromisoformat(order["day"])
    found.invoices[number] = {
        "Contact": order["customer"],
        "Reference": number,
        "Status": "AUTHORISED",
        "CurrencyCode": order["currency"].upper(),
        "LineAmountTypes": "Inclusive" if inside else "Exclusive",
        "SubTotal": total - tax,
        "TotalTax": tax,
        "Total": total,
        "Date": issued.isoformat(),
        "DueDate": (issued + timedelta(days=DUE_DAYS)).isoformat(),
        "Lines": [(*part, SALES, _tax_type(tax, amounts, inside=inside)) for part in parts],
        "Labels": order["labels"],
    }


def _tax_type(tax: Decimal, amounts: list[Decimal], *, inside: bool) -> str:
    for rate, name in TAX_TYPES.items():
        factor = Decimal(rate)
        if tax == sum((_cents(part - part / (1 + factor) if inside else part * factor) for part in amounts), ZERO):
            return name
    raise AssertionError(f"The shop knows no rate that makes {tax} of {amounts}.")


def _cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)
