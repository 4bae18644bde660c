"""Rules D1 to D3: one contact for each person, whatever keys events name them by, and in whatever order they come."""

import hashlib
import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segxero.segment.people import make_email_key
from tests.support.set_ups.core import ORG, Core, identify, order_completed

MIA = "mia@example.org"


def day(number):
    return f"2026-11-{number:02}T10:00:00Z"


def guest(order, anonymous, email="", at=3, **changes):
    """Make the order of somebody without a userId."""
    made = order_completed(order, "", day(at), **({"email": email} if email else {}), **changes)
    return {**made, "anonymousId": anonymous}


def seen(user, anonymous, at=5, **traits):
    """Make the identify call by which a browser turns out to be that of *user*."""
    return {**identify(user, day(at), **traits), "anonymousId": anonymous}


def alias(previous, user, at=6, spelled="previousId"):
    return {"type": "alias", "userId": user, spelled: previous, "timestamp": day(at)}


def contacts(core):
    """Contact number -> name of the active contacts in Xero."""
    active = [one for one in core.xero.contacts if one.get("ContactStatus") != "ARCHIVED"]
    return {one["ContactNumber"]: one["Name"] for one in active}


def debts(core):
    """Contact number -> orders that it owes."""
    number_of = {one["ContactID"]: one.get("ContactNumber") for one in core.xero.contacts}
    owed = {}
    for invoice in core.xero.invoices:
        owed.setdefault(number_of[invoice["Contact"]["ContactID"]], set()).add(invoice["InvoiceNumber"])
    return owed


def settle(core):
    """Deliver until nothing is due, and let the waiting times pass for those whose documents move."""
    for _ in range(4):
        core.deliver()
        for ref in core.store.zrange(f"segxero:outbox:{ORG}:contacts", 0, -1):
            core.make_due(*ref.split("|", 1))
    core.deliver()


def test_d1_the_number_is_the_strongest_key_of_the_first_event_and_does_not_change_later(core):
    core.feed(guest("1", "a1", MIA), seen("u7", "a1"))
    settle(core)
    assert set(contacts(core)) == {make_email_key(MIA)}
    core.feed(order_completed("2", "u7", day(6)))
    settle(core)
    assert debts(core) == {make_email_key(MIA): {"1", "2"}}
    assert make_email_key(MIA) == "email:" + hashlib.sha256(MIA.encode()).hexdigest()[:32]


def test_d1_a_number_given_too_early_is_put_right(core):
    core.feed(seen("u7", "a1"))
    settle(core)
    assert set(contacts(core)) == {"u7"}
    core.feed(guest("1", "a1", MIA))
    settle(core)
    assert set(contacts(core)) == {make_email_key(MIA)}
    assert len(core.xero.contacts) == 1


@pytest.mark.parametrize("spelled", ["previousId", "Previous ID"])
def test_d1_an_alias_joins_in_both_spellings(core, spelled):
    core.feed(identify("old", day(1), name="Mia Wong"), identify("new", day(2), email=MIA))
    settle(core)
    assert len(contacts(core)) == 2
    core.feed(alias("old", "new", spelled=spelled))
    settle(core)
    assert contacts(core) == {"old": "Mia Wong"}
    assert [one["ContactNumber"] for one in core.xero.contacts if one.get("ContactStatus") == "ARCHIVED"] == ["new"]


def test_d2_guest_orders_of_one_address_in_two_browsers_are_one_contact(core):
    core.feed(guest("1", "a1", MIA), guest("2", "a2", " Mia@Example.org "))
    settle(core)
    assert debts(core) == {make_email_key(MIA): {"1", "2"}}
    assert len(core.xero.contacts) == 1


def test_d2_a_guest_is_joined_to_the_one_user_who_has_the_address(core):
    core.feed(identify("u1", day(1), name="Mia Wong", email=MIA), guest("1", "a9", MIA))
    settle(core)
    assert contacts(core) == {"u1": "Mia Wong"}
    assert debts(core) == {"u1": {"1"}}


def test_d2_two_users_with_one_address_stay_apart_and_a_guest_order_goes_to_the_address_itself(core):
    core.feed(identify("u1", day(1), name="Mia Wong", email=MIA), identify("u2", day(2), name="Max Wong", email=MIA))
    core.feed(order_completed("1", "u1"), order_completed("2", "u2"), guest("3", "a3", MIA))
    settle(core)
    assert debts(core) == {"u1": {"1"}, "u2": {"2"}, make_email_key(MIA): {"3"}}


def test_d2_a_guest_order_moves_when_a_second_user_has_the_address(core):
    core.feed(identify("u1", day(1), name="Mia Wong", email=MIA), guest("3", "a3", MIA))
    settle(core)
    assert debts(core) == {"u1": {"3"}}
    core.feed(identify("u2", day(4), name="Max Wong", email=MIA))
    settle(core)
    assert debts(core) == {make_email_key(MIA): {"3"}}
    assert set(contacts(core)) == {"u1", "u2", make_email_key(MIA)}


def test_d2_a_changed_address_changes_the_contact_and_makes_no_new_one(core):
    core.feed(identify("u1", day(1), name="Mia Wong", email=MIA))
    settle(core)
    core.feed(identify("u1", day(2), email="mia@new.example"), guest("1", "a1", "mia@new.example"))
    settle(core)
    assert contacts(core) == {"u1": "Mia Wong"}
    assert core.xero.contacts[0]["EmailAddress"] == "mia@new.example"


def test_d2_a_guest_who_signs_up_is_the_same_contact_renamed(core):
    core.feed(guest("1", "a1", MIA))
    settle(core)
    core.feed(seen("u7", "a1", name="Mia Wong"))
    settle(core)
    assert contacts(core) == {make_email_key(MIA): "Mia Wong"}


def test_d3_the_older_contact_survives_and_the_open_invoices_of_the_other_move_to_it(core):
    core.feed(identify("u7", day(1), name="Mia Wong", email=MIA), order_completed("1", "u7", day(2)))
    core.feed(guest("2", "a2", "mw@example.org"))
    settle(core)
    assert debts(core) == {"u7": {"1"}, make_email_key("mw@example.org"): {"2"}}
    core.feed(seen("u7", "a2"))
    settle(core)
    assert debts(core) == {"u7": {"1", "2"}}
    assert contacts(core) == {"u7": "Mia Wong"}
    move = next(call for call in reversed(core.xero.writes) if call.path == "/Invoices")
    assert set(move.body["Invoices"][0]) == {"InvoiceID", "Contact"}


def test_d3_what_xero_does_not_move_stays_and_the_other_contact_is_not_archived(core):
    core.feed(identify("u7", day(1), name="Mia Wong"), guest("2", "a2", MIA))
    settle(core)
    loser = next(one for one in core.xero.contacts if one["ContactNumber"] == make_email_key(MIA))
    core.xero.refuse[core.xero.invoices[0]["InvoiceID"]] = ("This document cannot be edited as it is settled.",)
    core.feed(seen("u7", "a2"))
    settle(core)
    assert debts(core) == {make_email_key(MIA): {"2"}}
    assert loser.get("ContactStatus") != "ARCHIVED"
    record = core.record("Contact", make_email_key(MIA))
    assert record.disposition == "unchanged"
    assert record.reason == (
        f"1 documents of {make_email_key(MIA)} cannot be moved to u7:"
        " merge the two contacts in Xero, which its API cannot do"
    )
    assert core.record("Invoice", "2").disposition == "unchanged"
    assert len(core.letters) == 0


def test_an_anonymous_id_of_many_people_is_a_terminal_and_joins_nobody(core):
    core.feed(*(guest(str(number), "server", f"p{number}@example.org") for number in range(8)))
    settle(core)
    assert len(contacts(core)) == 8


EVENTS = [
    guest("1", "a1", MIA, at=3),
    guest("2", "a2", "MIA@example.org", at=4),
    seen("u7", "a1", at=5, name="Mia Wong"),
    identify("u8", day(6), name="Max Wong", email="max@example.org"),
    guest("3", "a3", "max@example.org", at=7),
    alias("u8", "u9", at=8),
    order_completed("4", "u9", day(9)),
    guest("5", "a5", at=10),
]
EVENTS = [{**event, "messageId": f"m{number}"} for number, event in enumerate(EVENTS)]
ENDED = {make_email_key(MIA): {"1", "2"}, "u8": {"3", "4"}, "web-shop-guests": {"5"}}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_d1_to_d3_any_order_repetition_and_batching_ends_in_the_same_contacts(redis_store, data):
    redis_store.flushdb()
    core = Core(redis_store)
    events = data.draw(st.permutations([*EVENTS, *data.draw(st.lists(st.sampled_from(EVENTS), max_size=4))]))
    cuts = data.draw(st.sets(st.integers(0, len(events))))
    for number, event in enumerate(events):
        core.feed(event)
        if number in cuts:
            core.deliver()
    settle(core)
    assert debts(core) == ENDED
    assert contacts(core) == {make_email_key(MIA): "Mia Wong", "u8": "Max Wong", "web-shop-guests": "Web shop guests"}
    assert len(core.letters) == 0


def test_d1_every_order_of_three_events_ends_in_the_same_number(redis_store):
    for order in itertools.permutations(EVENTS[:3]):
        redis_store.flushdb()
        core = Core(redis_store)
        for event in order:
            core.feed(event)
            core.deliver()
        settle(core)
        assert contacts(core) == {make_email_key(MIA): "Mia Wong"}
