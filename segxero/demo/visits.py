"""A day of the demo's visitors, as the events of Segment's libraries. The traffic is made of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias

from segxero.demo import orders
from segxero.demo.shop import CAMPAIGNS, CHANNELS, COMPANIES, PEOPLE, Company, Person

Event: TypeAlias = dict[str, Any]

OPENING = time(7, tzinfo=UTC)
MINUTES_BETWEEN_VISITS = 13
BROWSING = ("Product Viewed", "Product Added", "Products Searched", "Cart Viewed", "Checkout Started")


@dataclass(slots=True)
class Diary:
    """Writes the events of a day, each with the next message id."""

    day: date
    written: int = 0

    def event(self, kind: str, minute: float, **fields: Any) -> Event:
        """Return an event of type *kind*, *minute* minutes after the shop's opening."""
        self.written += 1
        moment = datetime.combine(self.day, OPENING) + timedelta(minutes=minute)
        return {
            "type": kind,
            "messageId": f"kea-{self.day:%Y%m%d}-{self.written:04d}",
            "timestamp": _text(moment),
            "receivedAt": _text(moment + timedelta(seconds=2)),
            "projectId": "kea-games",
            **fields,
        }


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def make_visits(diary: Diary) -> list[Event]:
    """Return the events of all visitors in order of time."""
    events = [event for number, person in enumerate(PEOPLE) for event in _visit(diary, number, person)]
    events += [event for number, company in enumerate(COMPANIES) for event in _company(diary, number, company)]
    events += list(_guests(diary))
    return sorted(events, key=lambda event: (event["timestamp"], event["messageId"]))


def _visit(diary: Diary, number: int, person: Person) -> Iterator[Event]:
    """Most look around, most say who they are, three of four buy, and some come back for more."""
    minute = number * MINUTES_BETWEEN_VISITS
    yield from _browse(diary, minute, number, userId=person.user_id)
    # Every sixth visitor stays unknown until the order.
    if number % 6:
        yield diary.event("identify", minute + 5, userId=person.user_id, traits=_traits(number, person))
    if number % 4:
        yield _order(diary, minute + 9, number, person, userId=person.user_id)
    # A second order of the same person must find the same contact.
    if not number % 10:
        yield _order(diary, minute + 40, len(PEOPLE) + number, person, userId=person.user_id)
    # A new telephone number later in the day must replace the older number.
    if number % 8 == 1:
        phone = {"phone": _phone(number + 500)}
        yield diary.event("identify", minute + 45, userId=person.user_id, traits=phone)


def _browse(diary: Diary, minute: float, number: int, **who: str) -> Iterator[Event]:
    kind, title = ("page", "Home") if number % 5 else ("screen", "Home")
    yield diary.event(kind, minute, **who, name=title, properties={"title": f"Kea Games: {title}"})
    for step in range(2 + number % 4):
        name = BROWSING[(number + step) % len(BROWSING)]
        product, _ = orders.fill_basket(number + step)[0]
        shown = {"product_id": product.sku, "name": product.name}
        yield diary.event("track", minute + 1 + step / 2, **who, event=name, properties=shown)


def _traits(number: int, person: Person) -> dict[str, Any]:
    """Return the traits of *person*: some tell only a part of them, some their company as well."""
    if not number % 7:
        return {"name": person.name, "email": person.email}
    company = next((company for company in COMPANIES if number in company.people), None)
    traits = {
        "name": person.name,
        "email": person.email,
        "phone": _phone(number),
        "address": {"street": f"{number + 1} Rata Street", "city": person.city, "country": person.country},
    }
    return traits | ({"company": {"name": company.name}} if company else {})


def _phone(number: int) -> str:
    return f"+64 4 555 {number:04d}"


def _order(diary: Diary, minute: float, number: int, person: Person, **who: str) -> Event:
    campaign = CAMPAIGNS[number % len(CAMPAIGNS)]
    bought = orders.write_properties(number, person, CHANNELS[number % len(CHANNELS)])
    # The order is the only event of a guest, so it must carry the name.
    context: dict[str, Any] = {} if "userId" in who else {"traits": {"name": person.name}}
    if campaign:
        context["campaign"] = {"name": campaign, "medium": "email"}
    return diary.event("track", minute, **who, event="Order Completed", context=context, properties=bought)


def _company(diary: Diary, number: int, company: Company) -> Iterator[Event]:
    minute = company.people[0] * MINUTES_BETWEEN_VISITS + 6
    address = {"street": f"{number + 10} Totara Road", "city": company.city}
    traits = {"name": company.name, "email": f"accounts@{company.group_id}.example.com", "address": address}
    for place, person in enumerate(company.people):
        yield diary.event(
            "group", minute + place, groupId=company.group_id, userId=PEOPLE[person].user_id, traits=traits
        )


def _guests(diary: Diary) -> Iterator[Event]:
    """Three people buy without an account; only their orders tell of them."""
    guests = (("Rangi Paku", "New Zealand"), ("Julia Bauer", "Germany"), ("Owen Hill", "Australia"))
    for number, (name, country) in enumerate(guests):
        guest = Person(user_id="", name=name, country=country, city="")
        who = {"anonymousId": f"a-{7000 + number}"}
        minute = 100 + number * 200
        yield from _browse(diary, minute, number, **who)
        yield _order(diary, minute + 6, 2 * len(PEOPLE) + number, guest, **who)
