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

CENT, ZERO = Decimal("0.01"), Decimal(0)
TAX_TYPES = {"0": "NONE", "0.10": "OUTPUT", "0.15": "OUTPUT2"}
BASE_CURRENCY = "NZD"
IN_XERO = {"NZD", "AUD", "EUR", "USD", "GBP"}
DUE_DAYS = 14
SALES = "200"
MEMBERS = ("street", "city", "country")
ADDRESS = {"street": "AddressLine1", "city": "City", "country": "Country"}


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
    people: dict[str, dict[str, Any]] = defaultdict(dict)
    suggested: dict[str, dict[str, Any]] = defaultdict(dict)
    orders: dict[str, dict[str, Any]] = defaultdict(dict)
    for event in sorted(events, key=lambda event: event["timestamp"]):
        if fate(event) == "rejected" or (fate(event) == "accepted" and is_unbookable(event)):
            found.letters.add(event["messageId"])
        elif fate(event) == "ignored":
            continue
        elif event["type"] == "track":
            _order(event, orders, suggested, found)
        else:
            key = event.get("groupId") or event["userId"]
            _person(event["traits"], key, people[key], suggested[key])
    found.contacts = _contacts(people, suggested)
    for number, order in orders.items():
        _book(number, order, found)
    return found


def _person(traits: dict[str, Any], key: str, said: dict[str, Any], suggested: dict[str, Any]) -> None:
    first, last = traits.get("firstName"), traits.get("lastName")
    name = traits.get("name") or (f"{first} {last}" if first and last else None)
    given = {"Name": name, "FirstName": first, "LastName": last, "EmailAddress": traits.get("email")}
    said |= {field: value for field, value in given.items() if value}
    suggested["Name"] = first or last or traits.get("email") or key
    if traits.get("phone"):
        said["Phone"] = traits["phone"]
    said |= {ADDRESS[member]: traits["address"][member] for member in MEMBERS if member in traits.get("address", {})}


def _order(event: dict[str, Any], orders: Any, suggested: Any, found: Books) -> None:
    properties, customer = event["properties"], event.get("userId") or event["anonymousId"]
    email = properties.get("email")
    suggested[customer]["Name"] = properties.get("customer", {}).get("name") or email or customer
    if email:
        suggested[customer]["EmailAddress"] = email
    order = orders[properties["order_id"]]
    order |= properties | {"customer": customer, "day": event["timestamp"][:10]}
    labels = {
        "Sales channel": properties.get("affiliation"),
        "Campaign": event["context"].get("campaign", {}).get("name"),
    }
    order["labels"] = {category: label for category, label in labels.items() if label}
    for category, label in order["labels"].items():
        found.labels[category].add(label)


def _contacts(people: dict[str, Any], suggested: dict[str, Any]) -> dict[str, dict[str, Any]]:
    fields = {key: suggested[key] | people.get(key, {}) for key in suggested}
    plain = {key: said["Name"] for key, said in fields.items()}
    behind = {key: f"{plain[key]} ({said.get('EmailAddress') or key})" for key, said in fields.items()}
    contacts = {}
    for key, said in fields.items():
        # Two people, one name: each carries its e-mail, or its id where that is shared as well.
        if _count(plain[key], plain) == 1:
            name = plain[key]
        elif _count(behind[key], behind) == 1:
            name = behind[key]
        else:
            name = f"{plain[key]} ({key})"
        contact = {"Name": name}
        contact |= {field: said[field] for field in ("FirstName", "LastName", "EmailAddress") if field in said}
        if "Phone" in said:
            contact["Phones"] = {"DEFAULT": {"PhoneNumber": said["Phone"]}}
        address = {part: said[part] for part in ADDRESS.values() if part in said}
        if address:
            contact["Addresses"] = {"POBOX": address}
        contacts[key] = contact
    return contacts


def _count(name: str, names: dict[str, str]) -> int:
    return sum(other.casefold() == name.casefold() for other in names.values())


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
