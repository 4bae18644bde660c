"""Naming: who may carry which name does not depend on who came first, and Xero's own contacts keep theirs."""

import itertools

import pytest

from segxero.errors import RetryableError
from segxero.store import keys
from segxero.xero.api.answers import NO_ID
from tests.support.set_ups.core import ORG, identify
from tests.support.xero.echo import refused

INDEX = keys.contact_index(ORG)


def names(core):
    """Contact number -> name, as Xero has them."""
    return {contact.get("ContactNumber", contact["ContactID"]): contact["Name"] for contact in core.xero.contacts}


def later(*people):
    """Give the events of *people* (user, traits) the times in which they stand."""
    return [identify(user, f"2026-11-{day:02}T00:00:00Z", **traits) for day, (user, traits) in enumerate(people, 1)]


ANN1 = ("u1", {"name": "Ann Lee", "email": "ann1@example.com"})
ANN2 = ("u2", {"name": "Ann Lee", "email": "ann2@example.com"})
ANN3 = ("u3", {"name": "Ann Lee", "email": "ann1@example.com"})


@pytest.mark.parametrize("order", list(itertools.permutations([ANN1, ANN2])))
@pytest.mark.parametrize("at_once", [True, False])
def test_two_of_one_name_each_carry_their_email_whoever_came_first(core, order, at_once):
    for event in later(*order):
        core.feed(event)
        if not at_once:
            core.deliver()
    core.deliver()
    assert names(core) == {"u1": "Ann Lee (ann1@example.com)", "u2": "Ann Lee (ann2@example.com)"}


@pytest.mark.parametrize("order", list(itertools.permutations([ANN1, ANN2, ANN3])))
@pytest.mark.parametrize("first", ["u1", "u3"])
def test_where_the_email_is_shared_as_well_they_are_numbered_in_the_order_of_their_events(core, order, first):
    second = "u3" if first == "u1" else "u1"
    day = {first: "01", second: "02", "u2": "03"}
    for user, traits in order:
        core.feed(identify(user, f"2026-11-{day[user]}T00:00:00Z", **traits))
        core.deliver()
    assert names(core) == {
        first: "Ann Lee (ann1@example.com)",
        second: "Ann Lee (ann1@example.com) (2)",
        "u2": "Ann Lee (ann2@example.com)",
    }


def test_names_that_differ_only_in_case_are_one_name(core):
    core.feed(*later(("u1", {"name": "Ann Lee"}), ("u2", {"name": "ANN LEE"})))
    core.deliver()
    assert names(core) == {"u1": "Ann Lee", "u2": "ANN LEE (2)"}


def test_a_lone_name_stays_plain(core):
    core.feed(identify("u1", name="Ann Lee", email="ann@example.com"))
    core.deliver()
    assert names(core) == {"u1": "Ann Lee"}


def test_a_name_that_is_given_up_is_free_for_the_other(core):
    core.feed(*later(ANN1, ANN2))
    core.deliver()
    core.feed(identify("u2", "2026-11-20T00:00:00Z", name="Ann Smith"))
    core.deliver()
    assert names(core) == {"u1": "Ann Lee", "u2": "Ann Smith"}


def test_one_more_of_a_shared_name_does_not_wake_all_the_others(core):
    core.feed(*later(*((f"u{number}", {"name": "Ann Lee"}) for number in range(3))))
    core.deliver()
    core.feed(identify("u9", "2026-11-09T00:00:00Z", name="Ann Lee"))
    assert core.deliver()["delivered"] == 1
    assert names(core) == {"u0": "Ann Lee", "u1": "Ann Lee (2)", "u2": "Ann Lee (3)", "u9": "Ann Lee (4)"}


def test_the_last_of_a_shared_name_gets_it_plain_again(core):
    core.feed(*(identify(f"u{number}", name="Ann Lee") for number in range(3)))
    core.deliver()
    core.feed(identify("u0", "2026-11-20T00:00:00Z", name="Bo Berg"))
    core.feed(identify("u1", "2026-11-20T00:00:00Z", name="Cy Cole"))
    core.deliver()
    assert names(core) == {"u0": "Bo Berg", "u1": "Cy Cole", "u2": "Ann Lee"}


def test_a_name_may_be_another_ones_name_with_email(core):
    core.feed(*later(ANN1, ANN2, ("u9", {"name": "Ann Lee (ann1@example.com)"})))
    core.deliver()
    assert len(set(names(core).values())) == 3
    assert names(core)["u2"] == "Ann Lee (ann2@example.com)"


def foreign(name, number="CRM-1", identifier="foreign-1"):
    """Return a contact that another program keeps in step: it is not taken over."""
    return {"ContactID": identifier, "Name": name, "ContactNumber": number}


def test_a_contact_that_xero_had_before_us_keeps_its_name(core):
    core.xero.contacts.append(foreign("ann lee"))
    core.feed(identify("u1", name="Ann Lee", email="ann@example.com"))
    core.deliver()
    assert names(core) == {"CRM-1": "ann lee", "u1": "Ann Lee (ann@example.com)"}


def test_a_foreign_contact_with_the_suffixed_name_too_leads_to_a_number(core):
    core.xero.contacts += [foreign("Ann Lee"), foreign("Ann Lee (ann@example.com)", "CRM-2", "foreign-2")]
    core.feed(identify("u1", name="Ann Lee", email="ann@example.com"))
    core.deliver()
    assert names(core)["u1"] == "Ann Lee (ann@example.com) (2)"


def test_a_contact_of_ours_in_xero_is_no_foreigner(core):
    core.feed(identify("u1", name="Ann Lee"))
    core.deliver()
    core.store.delete(INDEX)
    core.feed(identify("u1", "2026-11-20T00:00:00Z", email="ann@example.com"), identify("u2", name="Bob"))
    core.deliver()
    assert names(core) == {"u1": "Ann Lee", "u2": "Bob"}


def test_a_contact_that_xero_has_under_our_number_is_taken_up_by_name(core):
    core.xero.contacts.append(foreign("Ann Lee", "u1"))
    core.feed(identify("u1", name="Ann Lee"))
    core.deliver()
    assert names(core) == {"u1": "Ann Lee"}


def taken(name):
    return (
        f"The contact name {name} is already assigned to another contact. The contact name must be unique across all"
        " active contacts."
    )


def test_a_name_that_xero_says_is_taken_is_solved_by_the_rule_and_not_by_a_dead_letter(core):
    core.feed(identify("u1", name="Ann Lee", email="ann@example.com"))
    core.xero.then(
        {"Contacts": []}, lambda request: {"Contacts": [refused(taken("Ann Lee"), **request.body["Contacts"][0])]}
    )
    core.turn("contacts")
    record = core.record("Contact", "u1")
    assert (record.disposition, record.attempts, record.taken) == ("pending", 1, False)
    # Meanwhile the contact that somebody made in Xero can be seen.
    core.xero.contacts.append(foreign("Ann Lee"))
    core.make_due("Contact", "u1")
    core.deliver("contacts")
    assert names(core)["u1"] == "Ann Lee (ann@example.com)"
    assert len(core.letters) == 0


def test_a_name_that_xero_finds_alike_but_we_do_not_is_solved_too(core):
    # Xero may compare names without accents; the index shows no such name.
    core.xero.contacts.append(foreign("Jose"))
    core.xero.refuse["José"] = (taken("José"),)
    core.feed(identify("u1", name="José", email="jose@example.com"))
    for _ in range(4):
        core.turn("contacts")
        core.make_due("Contact", "u1")
    assert names(core).get("u1") == "José (jose@example.com)"
    assert len(core.letters) == 0


@pytest.mark.parametrize("refusals_before", [0, 2])
def test_a_name_that_its_holder_gave_up_after_the_refusal_is_free(core, refusals_before):
    core.feed(identify("u1", name="Ann Lee"))
    core.deliver("contacts")
    # The new name of u1 does not get through, so u2 meets the old one in Xero.
    core.feed(identify("u1", "2026-11-20T00:00:00Z", name="Bo Berg"))
    core.xero.then(RetryableError("Xero's minute limit is used up"))
    with pytest.raises(RetryableError):
        core.turn("contacts")
    core.store.zadd(keys.outbox(ORG, "contacts"), {"Contact|u1": core.outbox.now() + 60})
    core.feed(identify("u2", name="Ann Lee", email="ann@example.com"))
    core.store.hset(keys.record(ORG, "Contact|u2"), "attempts", refusals_before)
    core.xero.refuse["Ann Lee"] = (taken("Ann Lee"),)
    core.turn("contacts")
    assert core.record("Contact", "u2").attempts == refusals_before + 1
    core.make_due("Contact", "u1")
    core.turn("contacts")
    del core.xero.refuse["Ann Lee"]
    core.make_due("Contact", "u2")
    core.deliver("contacts")
    assert names(core) == {"u1": "Bo Berg", "u2": "Ann Lee"}


def test_two_that_change_names_with_each_other_do_not_wait_for_each_other(core):
    core.feed(*later(("u1", {"name": "Ann Lee", "email": "u1@example.com"}), ("u2", {"name": "Bo Berg"})))
    core.deliver("contacts")
    core.feed(identify("u1", "2026-11-05T00:00:00Z", name="Bo Berg"))
    core.feed(identify("u2", "2026-11-06T00:00:00Z", name="Ann Lee"))
    # Xero refuses each of them, because the other one still has its name.
    core.xero.then(
        lambda request: {"Contacts": [refused(taken(one["Name"]), **one) for one in request.body["Contacts"]]}
    )
    core.turn("contacts")
    assert names(core) == {"u1": "Ann Lee", "u2": "Bo Berg"}
    for user in ("u1", "u2"):
        core.make_due("Contact", user)
    core.turn("contacts")
    assert names(core) == {"u1": "Bo Berg (u1@example.com)", "u2": "Ann Lee (2)"}
    core.deliver("contacts")
    assert names(core) == {"u1": "Bo Berg", "u2": "Ann Lee"}
    assert [core.record("Contact", user).disposition for user in ("u1", "u2")] == ["delivered", "delivered"]
    assert len(core.letters) == 0


def test_an_element_of_zeros_is_never_an_id(core):
    core.feed(identify("u1", name="Ann Lee"))
    core.xero.refuse["u1"] = (taken("Ann Lee"),)
    core.turn("contacts")
    assert core.record("Contact", "u1").xero_id == ""
    assert NO_ID not in core.stored("Contact", "u1").values()
