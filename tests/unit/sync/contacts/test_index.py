"""The contact index: read in pages, kept up to date by what changed, and without a name or an e-mail in clear."""

import pytest

from segxero.store import keys
from segxero.sync.contacts.index import FRESH_SECONDS, PAGE, READ_AT, IndexedContact, digest
from tests.support.set_ups.core import ORG, identify

INDEX = keys.contact_index(ORG)


def contact(number, name="", email="", **more):
    return {"ContactID": f"id-{number}", "Name": name or f"Name {number}", "EmailAddress": email, **more}


def contacts(first, count):
    return {"Contacts": [contact(number) for number in range(first, first + count)]}


def named(core, *names):
    found = core.index.named(ORG, [digest(name) for name in names])
    return [found[digest(name)].contact_id if digest(name) in found else None for name in names]


def with_email(core, email):
    return [entry.contact_id for entry in core.index.with_email(ORG, [digest(email)]).get(digest(email), [])]


def read(core, *changed, now=None):
    core.xero.then({"Contacts": list(changed)})
    core.index.refresh(ORG, now or core.outbox.now(), stale=True)


def test_it_is_read_once_for_new_contacts_and_not_for_updates(core):
    core.feed(identify("u1", name="Ann"))
    core.deliver()
    core.feed(identify("u2", name="Bob"))
    core.deliver()
    core.feed(identify("u1", "2026-11-20T00:00:00Z", name="Ann Lee"))
    core.deliver()
    pages = [call for call in core.xero.calls if "summaryOnly" in call.params]
    assert [call.params for call in pages] == [
        {"page": "1", "pageSize": "1000", "summaryOnly": "true", "includeArchived": "true"}
    ]
    assert dict(pages[0].headers) == {}


def test_ten_thousand_contacts_are_read_in_eleven_calls(core):
    core.xero.then(*(contacts(page * PAGE, PAGE) for page in range(10)), {"Contacts": []})
    core.index.refresh(ORG, core.outbox.now())
    assert [call.params["page"] for call in core.xero.calls] == [str(page) for page in range(1, 12)]
    assert named(core, "Name 0", "Name 9999", "Name 10000") == ["id-0", "id-9999", None]


def test_an_old_index_is_read_from_where_it_ended(core):
    core.xero.then(contacts(0, 1), contacts(1, 1))
    core.index.refresh(ORG, 1_795_500_000.0)
    core.index.refresh(ORG, 1_795_500_000.0 + FRESH_SECONDS - 1)
    core.index.refresh(ORG, 1_795_500_000.0 + FRESH_SECONDS)
    assert len(core.xero.calls) == 2
    # 300 seconds before the first reading, as UTC without zone.
    assert dict(core.xero.calls[1].headers) == {"If-Modified-Since": "2026-11-24T05:55:00"}
    assert named(core, "Name 0", "Name 1") == ["id-0", "id-1"]
    assert float(core.store.hget(INDEX, READ_AT)) == 1_795_500_000.0 + FRESH_SECONDS


def test_a_reading_that_is_cut_short_goes_on_where_it_was(core):
    core.xero.then(contacts(0, PAGE), RuntimeError("gone"), contacts(PAGE, 3))
    with pytest.raises(RuntimeError):
        core.index.refresh(ORG, 1_795_500_000.0)
    assert core.store.hget(INDEX, READ_AT) is None
    core.index.refresh(ORG, 1_795_500_099.0)
    assert [call.params["page"] for call in core.xero.calls] == ["1", "2", "2"]
    assert named(core, "Name 0", "Name 1002") == ["id-0", "id-1002"]
    # What changed since the reading began is not missed.
    assert float(core.store.hget(INDEX, READ_AT)) == 1_795_500_000.0


def test_a_name_and_an_email_that_are_given_up_are_free(core):
    read(core, contact(1, "Ann Lee", "ann@example.com"))
    read(core, contact(1, "Ann Smith", "smith@example.com"))
    assert named(core, "Ann Lee", "Ann Smith") == [None, "id-1"]
    assert (with_email(core, "ann@example.com"), with_email(core, "smith@example.com")) == ([], ["id-1"])


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("taker_first", [True, False])
def test_a_name_that_another_contact_has_taken_over_is_the_others(core, at_once, taker_first):
    read(core, contact(1, "Ann Lee"), contact(2, "Bo"))
    changed = [contact(1, "Ann Smith"), contact(2, "Ann Lee")]
    if taker_first:
        changed.reverse()
    for group in [changed] if at_once else [[one] for one in changed]:
        read(core, *group)
    assert named(core, "Ann Lee", "Ann Smith", "Bo") == ["id-2", "id-1", None]


def test_an_archived_contact_holds_neither_name_nor_email(core):
    read(core, contact(1, "Ann Lee", "ann@example.com"))
    read(core, contact(1, "Ann Lee", "ann@example.com", ContactStatus="ARCHIVED"))
    assert (named(core, "Ann Lee"), with_email(core, "ann@example.com")) == ([None], [])


def test_several_contacts_may_have_one_email(core):
    read(core, contact(1, email="office@example.com"), contact(2, email="Office@Example.com"))
    assert with_email(core, "office@example.com") == ["id-1", "id-2"]


def test_names_are_found_without_regard_to_case_accents_and_spaces(core):
    read(core, contact(1, "José  Álvarez"))
    assert named(core, "JOSE ALVAREZ") == ["id-1"]


def test_the_index_knows_nobody_by_name(core):
    read(core, contact(1, "Ann Lee", "ann@example.com", ContactNumber="u1"))
    stored = str(core.store.hgetall(INDEX)).casefold()
    assert "id-1" in stored
    assert [word for word in ("ann", "lee", "example") if word in stored] == []


def test_a_claimed_contact_carries_our_number_before_xero_says_so(core):
    read(core, contact(1, "Ann Lee"))
    core.index.claim(ORG, core.index.named(ORG, [digest("Ann Lee")])[digest("Ann Lee")], "u1")
    assert core.index.named(ORG, [digest("Ann Lee")]) == {
        digest("Ann Lee"): IndexedContact("id-1", "u1", digest("Ann Lee"), "")
    }
