"""A day of webhook calls as a shop sees it: in all body forms, partly late, partly twice, and with three surprises."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import cycle
from typing import Any, TypeAlias

from segxero.demo.visits import Diary, Event, make_visits

Body: TypeAlias = Event | list[Any]

FORMS = ("event", "batch", "event", "wrappers", "event", "batch of one", "batch")
SIZES = {"event": 1, "batch of one": 1, "batch": 12, "wrappers": 9}
MISSING = Decimal("10.00")
PHONE, OLD_PHONE = {"phone"}, "+64 4 555 0000"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOrder:
    """An order in the shop's own books; *agrees* tells of its sums."""

    number: str
    currency: str
    total: Decimal
    agrees: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """The user of an old telephone number that arrives last, and the number to keep."""

    user_id: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """The calls of a day in order of arrival, and the oddities hidden in them."""

    bodies: tuple[Body, ...]
    late: Late
    unreadable: str
    disagreeing: str

    @property
    def posted(self) -> list[Event]:
        """Every event as often as it is posted."""
        return [event for body in self.bodies for event in unwrap_events(body)]

    @property
    def events(self) -> list[Event]:
        """Every event once."""
        return list({event["messageId"]: event for event in self.posted}.values())

    @property
    def orders(self) -> list[DayOrder]:
        """The orders of the day, each once, as the shop's own books have them."""
        return [
            DayOrder(
                number=bought["order_id"],
                currency=bought["currency"],
                total=bought["total"],
                agrees=bought["order_id"] != self.disagreeing,
            )
            for bought in (event["properties"] for event in self.events if event.get("event") == "Order Completed")
        ]


def unwrap_events(body: Body) -> list[Event]:
    """Return the events of *body* without their wrappers."""
    elements = body if isinstance(body, list) else [body]
    return [element.get("json", element) for element in elements]


def make_day(day: date) -> Traffic:
    """Make the traffic of *day*: always the same for the same day."""
    diary = Diary(day)
    events = make_visits(diary)
    disagreeing = _spoil_an_order(events)
    late, newest = _late_identify(diary, events)
    unreadable = diary.event("identify", 300, userId="u-1024", traits="name=Finn")
    bodies = list(_cut(events))
    _hide_in_a_batch(unreadable, bodies)
    twice = [body for body in bodies[::6] if unreadable not in unwrap_events(body)]
    return Traffic(
        bodies=(*_delayed(bodies), _segment_test(diary), *twice, late),
        late=Late(user_id=newest["userId"], phone=newest["traits"]["phone"]),
        unreadable=unreadable["messageId"],
        disagreeing=disagreeing,
    )


def _spoil_an_order(events: Sequence[Event]) -> str:
    """Take the gift card's part off the total of an order: its parts no longer make its total."""
    bought = [event for event in events if event.get("event") == "Order Completed"]
    # The third British order: early enough to wait while later orders go on.
    order = [event for event in bought if event["properties"]["currency"] == "GBP"][2]
    order["properties"]["total"] -= MISSING
    return str(order["properties"]["order_id"])


def _late_identify(diary: Diary, events: Sequence[Event]) -> tuple[Event, Event]:
    """Return an identify call older than the newest of its user, and the newest; the older arrives last."""
    newest = next(
        event for event in reversed(events) if event["type"] == "identify" and event["traits"].keys() == PHONE
    )
    return diary.event("identify", 1, userId=newest["userId"], traits={"phone": OLD_PHONE}), newest


def _hide_in_a_batch(unreadable: Event, bodies: Sequence[Body]) -> None:
    """Put *unreadable* among the readable events of a batch; these must come in all the same."""
    batches = [body for body in bodies if isinstance(body, list) and len(body) == SIZES["batch"]]
    batches[len(batches) // 2].insert(5, unreadable)


def _segment_test(diary: Diary) -> Event:
    """Return the event of Segment's button "Send test event"."""
    event = diary.event("track", 200, userId="test-user-4d2f", event="Segment Test Event Name", properties={})
    return event | {"messageId": "segment-test-message-4d2f"}


def _cut(events: Sequence[Event]) -> Iterator[Body]:
    """Cut *events* into bodies of all the forms in turn."""
    forms = cycle(FORMS)
    start = 0
    while start < len(events):
        form = next(forms)
        chunk = list(events[start : start + SIZES[form]])
        # Segment's forms take turns, so that each form carries every kind of event.
        start += SIZES[form]
        if form == "event":
            yield chunk[0]
        else:
            yield [{"json": event} for event in chunk] if form == "wrappers" else chunk


def _delayed(bodies: Sequence[Body]) -> list[Body]:
    """Let every fourth body arrive three places late, as after a failed attempt of Segment's."""
    order = sorted(range(len(bodies)), key=lambda place: place + (3.5 if place % 4 == 1 else 0))
    return [bodies[place] for place in order]
