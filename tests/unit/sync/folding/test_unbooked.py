"""No money passes unseen: an ignored event that carries money is counted once, with its sum, by source and name."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from segxero.receiver import intake
from segxero.segment.body import Element
from segxero.store import keys
from segxero.sync.folding.decision import Unbooked, Why, decide, find_unbooked
from segxero.sync.folding.unbooked import MOST_FIELDS, REST, RETENTION_SECONDS, UnbookedEvents, add_up
from segxero.sync.folding.unbooked_advice import advise
from tests.support.set_ups.core import NOW, ORG, shipped_mappings
from tests.support.set_ups.fake_services import make_services


@pytest.fixture
def unbooked(redis_store) -> UnbookedEvents:
    return UnbookedEvents(redis_store)


def event(name="Subscription Renewed", source="web", **properties):
    return {"type": "track", "event": name, "projectId": source, "userId": "u1", "properties": properties}


def found(message="m1", name="Subscription Renewed", amount="99.00", currency="NZD", source="web", why=Why.UNWANTED):
    return Unbooked(
        organisation=ORG,
        why=why,
        source=source,
        event=name,
        message_id=message,
        currency=currency,
        amount=None if amount is None else Decimal(amount),
    )


def money(**properties):
    mappings, read = shipped_mappings(), event(**properties)
    return find_unbooked(mappings, read, decide(mappings, read), "m1")


@pytest.mark.parametrize(
    ("properties", "wanted"),
    [
        ({"order_id": "1", "total": 20}, ("", Decimal(20))),
        ({"orderId": "1", "revenue": "20.50", "currency": "nzd"}, ("NZD", Decimal("20.50"))),
        (
            {"subscription_id": "s", "amount": Decimal("9.99"), "products": [{"currency": "EUR"}]},
            ("EUR", Decimal("9.99")),
        ),
        ({"order_id": "1", "total": "1.234,50"}, ("", None)),
        ({"order_id": "1", "total": "9" * 12}, ("", None)),
    ],
)
def test_an_order_with_a_total_a_revenue_or_an_amount_carries_money(properties, wanted):
    one = money(**properties)
    assert one is not None
    assert (one.currency, one.amount, one.event, one.source, one.why) == (
        *wanted,
        "Subscription Renewed",
        "web",
        Why.UNWANTED,
    )


@pytest.mark.parametrize("properties", [{"total": 20}, {"order_id": "1"}, {"order_id": "1", "total": 0}])
def test_without_an_order_or_an_amount_there_is_no_money(properties):
    assert money(**properties) is None


def test_an_event_that_a_mapping_wants_is_no_unbooked_money():
    mappings, read = shipped_mappings(), event("Order Completed", order_id="1", total=20)
    assert decide(mappings, read).why is None
    assert find_unbooked(mappings, read, decide(mappings, read), "m1") is None


def test_an_event_counts_once_however_often_it_comes(unbooked):
    assert unbooked.count([found("m1"), found("m2", amount="1.005"), found("m1")]) == 2
    assert unbooked.count([found("m1"), found("m3", currency="EUR"), found("m4", amount=None)]) == 2
    (one,) = unbooked.sums(ORG)
    assert (one.count, one.unread, one.sums) == (4, 1, {"NZD": Decimal("100.005"), "EUR": Decimal("99.00")})
    assert (one.source, one.event, one.why) == ("web", "Subscription Renewed", "no mapping wants it")
    assert 0 < one.first <= one.last


def test_sums_are_exact_to_the_cent(unbooked):
    unbooked.count([found(f"m{number}", amount="0.10") for number in range(1000)])
    assert unbooked.sums(ORG)[0].sums == {"NZD": Decimal("100.00")}


def test_names_that_anybody_can_invent_are_bounded(unbooked, redis_store):
    unbooked.count([found(f"m{number}", name=f"Name {number}") for number in range(MOST_FIELDS)])
    listed = {one.event: one.count for one in unbooked.sums(ORG)}
    assert sum(listed.values()) == MOST_FIELDS
    assert listed[REST] == MOST_FIELDS - (len(listed) - 1)
    assert redis_store.hlen(keys.unbooked(ORG)) < MOST_FIELDS + 8


def test_what_no_longer_comes_is_forgotten_with_the_traces(unbooked, redis_store):
    unbooked.count([found("m1"), found("m2", name="Other")])
    assert 0 < redis_store.ttl(keys.unbooked(ORG)) <= RETENTION_SECONDS
    assert 0 < redis_store.ttl(keys.unbooked_ids(ORG)) <= RETENTION_SECONDS
    old = next(name for name in redis_store.hkeys(keys.unbooked(ORG)) if "Other" in name and name.endswith("|last"))
    redis_store.hincrby(keys.unbooked(ORG), old, -RETENTION_SECONDS - 5)
    assert [one.event for one in unbooked.sums(ORG)] == ["Subscription Renewed"]
    assert unbooked.forget_old(ORG) == 1
    assert not any("Other" in name for name in redis_store.hkeys(keys.unbooked(ORG)))


@pytest.mark.parametrize(
    ("name", "word", "needs_a_person"),
    [
        ("POS Order Placed", "pos-order", True),
        ("Subscription Renewed", "saas.yaml", True),
        ("Checkout Started", "not placed yet", False),
        ("order_completed", "Order Completed", True),
        ("Gift Sent", "not_booked", True),
    ],
)
def test_common_names_get_a_suggestion(name, word, needs_a_person):
    (one,) = add_up([found(name=name)])
    advice = advise(one, shipped_mappings().organisations[ORG])
    assert word in advice.sentence
    assert advice.needs_a_person == needs_a_person


def test_a_source_that_may_not_book_is_set_aside_with_its_money_and_its_contacts_are_kept():
    shipped = shipped_mappings()
    settings = replace(shipped.organisations[ORG], booking_sources=("server",))
    mappings = replace(shipped, organisations={ORG: settings})
    order = event("Order Completed", source="web", order_id="1", total=20, currency="NZD")
    decision = decide(mappings, order)
    assert decision.why == Why.SOURCE
    one = find_unbooked(mappings, order, decision, "m1")
    assert one is not None
    assert (one.source, one.amount, one.why) == ("web", Decimal(20), "its source may not book money")
    (total,) = add_up([one])
    assert "booking_sources" in advise(total, settings).sentence
    assert decide(mappings, {**order, "projectId": "server"}).why is None
    person = {"type": "identify", "userId": "u1", "projectId": "web", "traits": {"name": "Ann"}}
    assert decide(mappings, person).why is None


def test_the_receiver_counts_what_it_ignores_and_segments_repeats_add_nothing(redis_store):
    services = make_services(shipped_mappings(), redis_store)
    raw = event("POS Order Placed", order_id="1", total=46, currency="NZD") | {"messageId": "m1"}
    for _ in range(2):
        found = intake.sort([Element(text=json.dumps(raw), value=raw)], services.mappings, NOW)
        assert found.answer() == {"accepted": 0, "ignored": 1, "rejected": []}
        intake.keep(found, services)
    (one,) = services.unbooked.sums(ORG)
    assert (one.event, one.count, one.sums) == ("POS Order Placed", 1, {"NZD": Decimal("46.00")})
