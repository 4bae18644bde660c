from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from segxero.demo import shop, traffic
from segxero.jsontext import dumps

DAY = date(2026, 11, 23)
RATES = {"NZD": Decimal("0.15"), "AUD": Decimal("0.10"), "GBP": Decimal(0), "EUR": Decimal(0), "USD": Decimal(0)}


@pytest.fixture(scope="module")
def made():
    return traffic.make_day(DAY)


def bought(made):
    return [event["properties"] for event in made.events if event.get("event") == "Order Completed"]


def test_the_same_day_gives_the_same_calls_to_the_last_byte(made):
    assert dumps(traffic.make_day(DAY).bodies) == dumps(made.bodies)


def test_another_day_gives_other_message_ids(made):
    other = traffic.make_day(date(2026, 11, 24))
    shared = {event["messageId"] for event in other.events} & {event["messageId"] for event in made.events}
    assert shared == {"segment-test-message-4d2f"}


def test_a_day_is_about_400_events_of_about_60_people(made):
    people = {event["userId"] for event in made.events if "userId" in event}
    assert (len(made.events), len(made.posted), len(made.bodies), len(people)) == (412, 462, 94, 62)


def test_every_type_and_every_form_of_a_body_is_there(made):
    assert {event["type"] for event in made.events} == {"track", "identify", "group", "page", "screen"}
    forms = Counter(
        "event" if isinstance(body, dict) else "wrappers" if "json" in body[0] else "one" if len(body) == 1 else "batch"
        for body in made.bodies
    )
    assert {form for form, number in forms.items() if number > 5} == {"event", "wrappers", "one", "batch"}


def test_some_events_come_late_and_some_twice(made):
    order = {event["messageId"]: place for place, event in enumerate(made.posted)}
    times = [event["timestamp"] for event in sorted(made.events, key=lambda event: order[event["messageId"]])]
    assert times != sorted(times)
    assert len(made.posted) - len(made.events) == 50


def test_all_orders_but_one_add_up_to_the_cent(made):
    wrong = []
    for order in bought(made):
        goods = sum(line["price"] * line["quantity"] for line in order["products"])
        net = goods - order["discount"] + order["shipping"]
        total = net if order["currency"] == "NZD" else net + order["tax"]
        wrong += [] if total == order["total"] else [order["order_id"]]
    assert wrong == [made.disagreeing]


def test_the_tax_is_the_countrys_and_new_yorks_where_it_goes_there(made):
    for order in bought(made):
        net = sum(line["price"] * line["quantity"] for line in order["products"]) - order["discount"]
        gross, rate = net + order["shipping"], RATES[order["currency"]]
        expected = {gross - gross / (1 + rate)} if order["currency"] == "NZD" else {gross * rate}
        if order["currency"] == "USD":
            expected.add(net * Decimal("0.08875"))
        assert any(abs(order["tax"] - exact) <= Decimal("0.005") for exact in expected), order["order_id"]


def test_an_order_in_five_currencies_has_every_amount_with_two_decimals(made):
    assert {order["currency"] for order in bought(made)} == set(RATES)
    for order in bought(made):
        amounts = [order["total"], order["tax"], order["shipping"], order["discount"], order["subtotal"]]
        amounts += [line["price"] for line in order["products"]]
        assert {amount.as_tuple().exponent for amount in amounts} == {-2}


def test_the_shops_own_books_have_each_order_once(made):
    numbers = [order.number for order in made.orders]
    assert len(numbers) == len(set(numbers)) == 55
    assert [order.number for order in made.orders if not order.agrees] == [made.disagreeing]
    first = next(order for order in made.orders if order.number == "K-1002")
    # Three Ticket to Ride at 69.95, one UNO at 12.35 and two puzzles at 34.00, sent free of charge, tax included.
    assert (first.currency, first.total) == ("NZD", Decimal("290.20"))


def test_the_unreadable_event_is_in_a_batch_of_readable_ones_and_comes_once(made):
    (body,) = [
        body
        for body in made.bodies
        if any(event["messageId"] == made.unreadable for event in traffic.unwrap_events(body))
    ]
    assert len(body) == 13
    assert [event["traits"] for event in body if event["messageId"] == made.unreadable] == ["name=Finn"]


def test_the_old_telephone_number_is_the_last_call_of_the_day(made):
    last = made.bodies[-1]
    phones = [
        (event["timestamp"], event["traits"]["phone"])
        for event in made.events
        if event["type"] == "identify" and event["userId"] == made.late.user_id and "phone" in event["traits"]
    ]
    assert (last["userId"], last["traits"]) == (made.late.user_id, {"phone": "+64 4 555 0000"})
    assert max(phones)[1] == made.late.phone != "+64 4 555 0000"


def test_two_people_share_a_name_and_nobody_shares_an_address():
    names = Counter(person.name for person in shop.PEOPLE)
    assert [name for name, number in names.items() if number > 1] == ["Sophie Martin"]
    assert len({person.email for person in shop.PEOPLE}) == len(shop.PEOPLE)
    assert all(person.email.isascii() for person in shop.PEOPLE)


def test_later_an_order_becomes_a_mixed_basket_another_is_refunded_in_part_and_a_third_is_paid(made):
    updated, refund, payment = made.later.events
    assert [event["event"] for event in made.later.events] == ["Order Updated", "Order Refunded", "Order Paid"]
    totals = {order["order_id"]: order["total"] for order in bought(made)}
    basket = updated["properties"]
    goods = sum(line["price"] * line["quantity"] for line in basket["products"])
    assert basket["total"] == goods + basket["shipping"] == made.later.changed_total
    taxed = basket["total"] - Decimal("5.00")
    assert abs(basket["tax"] - (taxed - taxed / Decimal("1.15"))) <= Decimal("0.005")
    assert 0 < refund["properties"]["amount"] < totals[refund["properties"]["order_id"]]
    assert payment["properties"]["amount"] == totals[payment["properties"]["order_id"]]
