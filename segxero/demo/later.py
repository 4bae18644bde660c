"""The later life of three of the demo's orders: a changed basket, a part refund, a payment. The traffic adds them."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from segxero.demo.shop import round_to_cents
from segxero.demo.visits import Diary, Event

EVENING = 890.0  # minutes after the opening
METHOD = "card"
HOME, HOME_TAX = "NZD", Decimal("1.15")
EXEMPT: dict[str, Any] = {
    "product_id": "DN-01",
    "sku": "DN-01",
    "name": "Donated puzzle",
    "category": "Donated goods",
    "price": Decimal("5.00"),
    "quantity": 1,
    "tax_class": "exempt",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterEvents:
    """The events, and the shop's own figures for them, all in the currency at home."""

    events: tuple[Event, ...]
    changed: str
    changed_total: Decimal
    refunded: Decimal
    paid: Decimal


def write_later_events(diary: Diary, events: Sequence[Event]) -> LaterEvents:
    """Change, refund and pay the first three orders at home that have no discount."""
    bought = [event for event in events if event.get("event") == "Order Completed"]
    # A discount would follow the basket, so orders without it keep the sums plain.
    plain = [one for one in bought if one["properties"]["currency"] == HOME and not one["properties"]["discount"]]
    first, second, third = plain[:3]
    changed = _add_a_piece(first["properties"])
    refunded = round_to_cents(second["properties"]["total"] / 4)
    paid = third["properties"]["total"]
    who = [{name: one[name] for name in ("userId", "anonymousId") if name in one} for one in (first, second, third)]
    refund = {"order_id": second["properties"]["order_id"], "refund_id": "R-1", "amount": refunded, "currency": HOME}
    payment = {
        "order_id": third["properties"]["order_id"],
        "payment_id": "P-1",
        "payment_method": METHOD,
        "amount": paid,
        "currency": HOME,
    }
    context = first.get("context", {})
    return LaterEvents(
        events=(
            diary.event("track", EVENING, **who[0], event="Order Updated", context=context, properties=changed),
            diary.event("track", EVENING + 1, **who[1], event="Order Refunded", properties=refund),
            diary.event("track", EVENING + 2, **who[2], event="Order Paid", properties=payment),
        ),
        changed=changed["order_id"],
        changed_total=changed["total"],
        refunded=refunded,
        paid=paid,
    )


def _add_a_piece(before: dict[str, Any]) -> dict[str, Any]:
    """Return the order with a piece more and an exempt product; the other prices contain their tax."""
    after = deepcopy(before)
    line = after["products"][0]
    line["quantity"] += 1
    taxed = after["total"] + line["price"]
    after["products"].append(dict(EXEMPT))
    after["subtotal"] += line["price"] + EXEMPT["price"]
    after["total"] = taxed + EXEMPT["price"]
    after["tax"] = round_to_cents(taxed - taxed / HOME_TAX)
    return after
