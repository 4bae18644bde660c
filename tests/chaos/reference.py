"""What Xero must have in the end, told from the events alone: as plain as possible and without segxero's code.

It reads like README.md and mappings/README.md: each event of an order is a version of it, and the newest one is booked
on the day of the first. `debtors` says who owes it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.chaos.debtors import Debtors, debtor_key, debtors

CENT, ZERO = Decimal("0.01"), Decimal(0)
TAX_TYPES = {"0": "NONE", "0.15": "OUTPUT2"}
IN_XERO = {"NZD", "AUD", "EUR", "USD", "GBP"}
DUE_DAYS = 14
SALES = "200"


@dataclass(slots=True, kw_only=True)
class Books:
    """Contacts and invoices by number, labels by category, and what cannot be booked.

    *parked* are the numbers of orders that are a question: their sums disagree, no rate makes their tax, their newest
    version states no products, or Xero does not have their currency. *letters* are the ids of events that no mapping
    can read.
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
    accepted = []
    for event in sorted(events, key=lambda event: event["timestamp"]):
        if fate(event) == "rejected" or (fate(event) == "accepted" and is_unbookable(event)):
            found.letters.add(event["messageId"])
        elif fate(event) == "accepted":
            accepted.append(event)
    people = debtors(accepted)
    found.contacts = people.contacts
    orders: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in accepted:
        if event["type"] == "track":
            orders[event["properties"]["order_id"]].append(event)
            for category, label in _labels(event).items():
                found.labels[category].add(label)
    for number, versions in orders.items():
        _book(number, versions, people, found)
    return found


def _book(number: str, versions: list[dict[str, Any]], people: Debtors, found: Books) -> None:
    """Book the newest version that states its sums; an order whose newest version cannot be booked is a question."""
    newest = versions[-1]
    if newest["properties"]["currency"].upper() not in IN_XERO:
        found.parked.add(number)
        return
    invoices = [invoice for version in versions if (invoice := _invoice(version["properties"]))]
    if not invoices or _invoice(newest["properties"]) is None:
        found.parked.add(number)
    if invoices:
        issued = date.fromisoformat(versions[0]["timestamp"][:10])
        found.invoices[number] = invoices[-1] | {
            "Contact": people.numbers[debtor_key(newest)],
            "Reference": number,
            "Date": issued.isoformat(),
            "DueDate": (issued + timedelta(days=DUE_DAYS)).isoformat(),
            "Labels": _labels(newest),
        }


def _labels(event: dict[str, Any]) -> dict[str, str]:
    labels = {
        "Sales channel": event["properties"].get("affiliation"),
        "Campaign": event["context"].get("campaign", {}).get("name"),
    }
    return {category: label for category, label in labels.items() if label}


def _invoice(stated: dict[str, Any]) -> dict[str, Any] | None:
    """Return the lines and sums that one version of an order states; None where they cannot be booked."""
    if "products" not in stated:
        return None
    parts = [(item["name"], Decimal(item["quantity"]), item["price"]) for item in stated["products"]]
    parts += [("Shipping", Decimal(1), stated["shipping"])] if stated["shipping"] else []
    parts += [("Discount", Decimal(1), -stated["discount"])] if stated["discount"] else []
    amounts = [_cents(quantity * price) for _, quantity, price in parts]
    net, tax, total = sum(amounts, ZERO), stated["tax"], stated["total"]
    inside = bool(tax) and total == net
    tax_type = _tax_type(tax, net, inside=inside)
    if total not in (net + tax, net) or not tax_type:
        return None
    return {
        "Status": "AUTHORISED",
        "CurrencyCode": stated["currency"].upper(),
        "LineAmountTypes": "Inclusive" if inside else "Exclusive",
        "SubTotal": total - tax,
        "TotalTax": tax,
        "Total": total,
        "Lines": [(*part, SALES, tax_type) for part in parts],
    }


def _tax_type(tax: Decimal, net: Decimal, *, inside: bool) -> str:
    """Return the type of the rate that makes *tax*, or '' where no rate does."""
    for rate, name in TAX_TYPES.items():
        factor = Decimal(rate)
        if tax == _cents(net - net / (1 + factor) if inside else net * factor):
            return name
    return ""


def _cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)
