"""Events of a made-up shop as Segment sends them: their ids and times are given, so that the same call is the same."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

BEGAN = datetime(2025, 3, 3, 9, tzinfo=UTC)
DAY, DUE = "2025-03-03T00:00:00", "2025-03-17T00:00:00"  # of every order, with the 14 days of organisations.yaml


def moment(minute):
    """Return the time *minute* minutes after the shop opened, as Segment writes it."""
    return (BEGAN + timedelta(minutes=minute)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def identify(user, *, at=0, message="", **traits):
    """Make the event by which *user* says who they are."""
    return _event("identify", at, message or f"identify-{user}-{at}", userId=user, traits=traits)


def person(number, **traits):
    """Make the identify call of one of many people, whose name nobody else has."""
    return identify(f"u{number}", **{"name": f"Person {number}", "email": f"person{number}@example.com", **traits})


def group(group_id, user, *, at=0, **traits):
    """Make the event by which *user* joins a company."""
    return _event("group", at, f"group-{group_id}-{at}", groupId=group_id, userId=user, traits=traits)


def page(user, *, at=0):
    """Make an event that no mapping wants."""
    return _event("page", at, f"page-{user}-{at}", userId=user, properties={"path": "/"})


def product(name, price, quantity=1, **more):
    return {"name": name, "price": Decimal(price), "quantity": quantity, **more}


def order(number, user, *, at=0, message="", campaign="", products=None, **properties):
    """Make a completed order; of itself it is one mug over 20.00 without tax. Amounts are given as text."""
    amounts = {name: Decimal(value) for name, value in properties.items() if name in AMOUNTS and value is not None}
    return _event(
        "track",
        at,
        message or f"order-{number}-{at}",
        event="Order Completed",
        userId=user,
        context={"campaign": {"name": campaign}} if campaign else {},
        properties={
            "order_id": number,
            "products": [product("Mug", "20.00")] if products is None else products,
            **({} if products else {"total": Decimal("20.00")}),
            **properties,
            **amounts,
        },
    )


def tracked(event, number, *, at=0, **properties):
    """Make another event of the order *number*, such as Order Refunded; the shop's server says who it is of no user."""
    message = f"{event.lower().replace(' ', '-')}-{number}-{at}"
    return _event(
        "track", at, message, event=event, anonymousId="server", properties={"order_id": number, **properties}
    )


AMOUNTS = ("shipping", "discount", "tax", "subtotal", "total")


def _event(kind, at, message, **members):
    return {"type": kind, "messageId": message, "timestamp": moment(at), "receivedAt": moment(at), **members}
