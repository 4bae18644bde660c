"""Adoption: contacts that Xero had before us are taken over; merged and archived ones are followed or named."""

import pytest

from tests.support.set_ups.core import ORG, identify, order_completed
from tests.support.xero.echo import refused

ARCHIVED = (
    "The specified contact details matched an archived contact. "
    "Archived contacts cannot currently be edited via the API."
)


def person(identifier="id-1", name="Ann Lee", email="", **more):
    return {"ContactID": identifier, "Name": name, **({"EmailAddress": email} if email else {}), **more}


def contact_ids(core):
    return {contact.get("ContactNumber"): contact["ContactID"] for contact in core.xero.contacts}


def test_the_contact_with_the_same_email_is_taken_over_and_gets_our_key(core):
    core.xero.contacts.append(person(name="A. Lee", email="ANN@example.com"))
    core.feed(identify("u1", name="Ann Lee", email="ann@example.com"))
    core.deliver()
    assert core.xero.contacts == [
        {"ContactID": "id-1", "ContactNumber": "u1", "Name": "Ann Lee", "EmailAddress": "ann@example.com"}
    ]
    assert len(core.xero.writes) == 1
    assert core.record("Contact", "u1").xero_id == "id-1"


@pytest.mark.parametrize(("theirs", "ours"), [("", ""), ("ann@example.com", ""), ("", "ann@example.com")])
def test_the_contact_of_the_same_name_is_taken_over(core, theirs, ours):
    core.xero.contacts.append(person(name="ANN  LEE", email=theirs))
    core.feed(identify("u1", name="Ann Lee", **({"email": ours} if ours else {})))
    core.deliver()
    assert contact_ids(core) == {"u1": "id-1"}
    assert core.xero.contacts[0]["Name"] == "Ann Lee"


def test_two_people_of_one_name_and_different_emails_are_two(core):
    core.xero.contacts.append(person(email="other@example.com"))
    core.feed(identify("u1", name="Ann Lee", email="ann@example.com"))
    core.deliver()
    assert contact_ids(core)[None] == "id-1"
    assert {contact["Name"] for contact in core.xero.contacts} == {"Ann Lee", "Ann Lee (ann@example.com)"}


def test_of_several_with_the_same_email_the_one_of_the_same_name_is_meant(core):
    core.xero.contacts += [person("id-1", "Office", "hq@example.com"), person("id-2", "Ann Lee", "hq@example.com")]
    core.feed(identify("u1", name="Ann Lee", email="hq@example.com"))
    core.deliver()
    assert contact_ids(core) == {None: "id-1", "u1": "id-2"}


def test_where_several_have_the_email_and_none_the_name_a_person_is_asked(core):
    core.xero.contacts += [person("id-1", "Office", "hq@example.com"), person("id-2", "Sales", "hq@example.com")]
    core.feed(identify("u1", name="Ann Lee", email="hq@example.com"))
    assert core.deliver() == {"parked": 1}
    assert len(core.xero.contacts) == 2


def test_a_contact_that_another_program_keeps_is_left_alone(core):
    core.xero.contacts.append(person(email="ann@example.com", ContactNumber="CRM-1"))
    core.feed(identify("u1", name="Bo", email="ann@example.com"))
    core.deliver()
    assert set(contact_ids(core)) == {"CRM-1", "u1"}


def test_two_users_never_take_over_one_contact(core):
    core.xero.contacts.append(person(name="Office", email="hq@example.com"))
    core.feed(identify("u1", name="Ann", email="hq@example.com"), identify("u2", name="Bo", email="hq@example.com"))
    core.deliver()
    core.feed(identify("u3", name="Cy", email="hq@example.com"))
    core.deliver()
    assert sorted(contact_ids(core)) == ["u1", "u2", "u3"]
    assert {contact["Name"] for contact in core.xero.contacts} == {"Ann", "Bo", "Cy"}


def test_what_an_order_only_suggests_changes_nothing_of_a_contact_that_was_there(core):
    core.xero.contacts.append(person(name="Lee & Sons", email="ann@example.com"))
    core.feed(order_completed("o1", "u1", customer={"email": "ann@example.com"}))
    core.deliver()
    assert core.xero.contacts == [
        {"ContactID": "id-1", "ContactNumber": "u1", "Name": "Lee & Sons", "EmailAddress": "ann@example.com"}
    ]
    assert core.xero.invoices[0]["Contact"] == {"ContactID": "id-1"}


def test_what_identify_says_later_does(core):
    core.xero.contacts.append(person(name="Lee & Sons", email="ann@example.com"))
    core.feed(order_completed("o1", "u1", customer={"email": "ann@example.com"}))
    core.deliver()
    core.feed(identify("u1", "2026-11-20T00:00:00Z", name="Ann Lee"))
    core.deliver()
    assert core.xero.contacts[0]["Name"] == "Ann Lee"


def merge(core, loser, winner):
    """Do what a person does in Xero: the loser stays as an archived contact that names the winner."""
    (found,) = [contact for contact in core.xero.contacts if contact["ContactID"] == loser]
    found |= {"ContactStatus": "ARCHIVED", "MergedToContactID": winner}


def archive(core, identifier):
    (found,) = [contact for contact in core.xero.contacts if contact["ContactID"] == identifier]
    found["ContactStatus"] = "ARCHIVED"


def test_a_merged_contact_is_followed_to_the_end(core):
    core.feed(identify("u1", name="Ann Lee"))
    core.deliver()
    old = core.record("Contact", "u1").xero_id
    core.xero.contacts += [person("id-8", "Ann B"), person("id-9", "Ann C")]
    merge(core, old, "id-8")
    merge(core, "id-8", "id-9")
    core.feed(identify("u1", "2026-11-20T00:00:00Z", email="ann@example.com"))
    core.deliver()
    assert core.record("Contact", "u1").xero_id == "id-9"
    assert core.xero.contacts[2] == {
        "ContactID": "id-9",
        "Name": "Ann Lee",
        "EmailAddress": "ann@example.com",
    }
    assert len(core.letters) == 0


def test_an_order_of_a_merged_contact_goes_to_the_one_that_is_left(core):
    core.feed(identify("u1", name="Ann Lee"))
    core.deliver()
    core.xero.contacts.append(person("id-9", "Ann C"))
    merge(core, core.record("Contact", "u1").xero_id, "id-9")
    core.feed(order_completed("o1", "u1"))
    core.deliver()
    assert [invoice["Contact"] for invoice in core.xero.invoices] == [{"ContactID": "id-9"}]
    assert len(core.letters) == 0


def test_an_archived_contact_waits_for_a_person_and_its_order_with_it(core):
    core.feed(identify("u1", name="Ann Lee"))
    core.deliver()
    archive(core, core.record("Contact", "u1").xero_id)
    core.feed(order_completed("o1", "u1"))
    core.deliver()
    contact, invoice = core.record("Contact", "u1"), core.record("Invoice", "o1")
    sentence = "the contact is archived in Xero; restore it there (policy archived_contact)"
    assert (contact.disposition, contact.reason, contact.stuck) == ("parked", sentence, True)
    assert (invoice.disposition, invoice.reason) == (
        "parked",
        f"waits for Contact u1, which needs a person: {sentence}",
    )
    assert core.xero.invoices == []


def test_a_contact_that_is_restored_goes_on_with_its_order(core):
    core.feed(identify("u1", name="Ann Lee"))
    core.deliver()
    identifier = core.record("Contact", "u1").xero_id
    archive(core, identifier)
    core.feed(order_completed("o1", "u1"))
    core.deliver()
    core.xero.contacts[0]["ContactStatus"] = "ACTIVE"
    for queue in ("contacts", "invoices"):
        core.outbox.free_parked(ORG, queue, "a newer version")
    core.deliver()
    assert [invoice["Contact"] for invoice in core.xero.invoices] == [{"ContactID": identifier}]


def test_a_new_user_whose_number_an_archived_contact_has_waits_for_a_person(core):
    core.xero.contacts.append(person("id-1", "Ann Lee", ContactNumber="u1", ContactStatus="ARCHIVED"))
    core.xero.refuse["u1"] = (ARCHIVED,)
    core.feed(identify("u1", name="Ann Lee"))
    core.deliver()
    assert core.record("Contact", "u1").disposition == "parked"
    assert len(core.xero.writes) == 1


def test_a_refusal_is_never_taken_for_the_contact(core):
    core.xero.refuse["u1"] = ("Something else.",)
    core.feed(identify("u1", name="Ann Lee"))
    core.xero.then({"Contacts": []}, {"Contacts": [refused(ARCHIVED, ContactNumber="u1", ContactStatus="ARCHIVED")]})
    core.turn("contacts")
    assert core.record("Contact", "u1").taken
    assert core.record("Contact", "u1").xero_id == ""
