"""Rules D4 to D9: guests, names that may be shown, companies as debtors, existing contacts, terms."""

from dataclasses import replace

import pytest

from segxero.segment.people import make_email_key
from segxero.store import keys
from segxero.sync.delivery.expiry import Expiry
from segxero.sync.delivery.planning import Planner
from tests.support.set_ups.core import ORG, identify, order_completed
from tests.support.set_ups.policies import with_policies
from tests.support.xero.echo import refused
from tests.unit.sync.contacts.test_people import MIA, contacts, day, debts, guest, seen, settle

BAD_EMAIL = "Email address must be valid."


def choose(core, **settings):
    """Let the organisation have these settings."""
    organisations = {ORG: replace(core.mappings.organisations[ORG], **settings)}
    core.mappings = replace(core.mappings, organisations=organisations)


def group(company, at=2, **traits):
    return {"type": "group", "groupId": company, "userId": "u1", "timestamp": day(at), "traits": traits}


def bought_for(company, order="1001", user="u1", **changes):
    made = order_completed(order, user, day(3), **changes)
    return {**made, "context": {"groupId": company}}


def test_d4_guests_without_email_and_name_share_the_contact_of_the_shop(core):
    core.feed(*(guest(str(number), f"a{number}") for number in range(40)))
    settle(core)
    assert contacts(core) == {"web-shop-guests": "Web shop guests"}
    assert len(debts(core)["web-shop-guests"]) == 40


def test_d4_a_guest_who_says_who_they_are_later_leaves_the_shared_contact(core):
    core.feed(guest("1", "a1"), guest("2", "a2"))
    settle(core)
    core.feed(seen("u7", "a1", name="Mia Wong", email=MIA))
    settle(core)
    assert debts(core) == {"web-shop-guests": {"2"}, "a1": {"1"}}
    assert contacts(core)["a1"] == "Mia Wong"


def test_d4_a_shop_may_have_one_contact_for_all_guests(core):
    choose(core, guests="one_per_shop")
    core.feed(guest("1", "a1", MIA), guest("2", "a2"), order_completed("3", "u1"))
    settle(core)
    assert debts(core) == {"web-shop-guests": {"1", "2"}, "u1": {"3"}}


def test_d4_a_shop_may_have_one_contact_for_the_guests_of_each_method(core):
    choose(core, guests="one_per_method")
    core.feed(guest("1", "a1", MIA, payment_method="PayPal"), guest("2", "a2", payment_method="Card"))
    settle(core)
    assert debts(core) == {"web-shop-guests paypal": {"1"}, "web-shop-guests card": {"2"}}
    assert contacts(core)["web-shop-guests paypal"] == "Web shop guests (PayPal)"


@pytest.mark.parametrize(
    "user",
    [
        "5d41402abc4b2a76b9719d911017c592",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "ajs-next-1234",
        "cus_NffrFeUfNV2Hib",
        "4711",
    ],
)
def test_d5_an_id_is_never_a_name_even_if_the_shop_sends_it_as_one(core, user):
    core.feed(identify(user, day(1), name=user, email="ann@example.org"))
    settle(core)
    assert contacts(core) == {user: "ann@example.org"}
    core.feed(identify(user, day(2), name="Ann Lee"))
    settle(core)
    assert contacts(core) == {user: "Ann Lee"}


def test_d5_a_single_first_name_never_replaces_a_full_name_and_a_fuller_name_does(core):
    core.feed(identify("u1", day(1), name="Ann"))
    settle(core)
    assert contacts(core) == {"u1": "Ann"}
    core.feed(identify("u1", day(2), name="Ann Lee"), identify("u1", day(3), name="Ann"))
    settle(core)
    assert contacts(core) == {"u1": "Ann Lee"}


def test_d5_a_name_that_is_taken_gets_the_email_in_brackets_else_a_number_and_never_an_id(core):
    core.xero.contacts.append({"ContactID": "c-0", "ContactNumber": "CRM-1", "Name": "Ann Lee"})
    core.feed(identify("u1", day(1), name="Ann Lee", email="ann@example.org"), identify("u2", day(2), name="Ann Lee"))
    settle(core)
    assert contacts(core) == {"CRM-1": "Ann Lee", "u1": "Ann Lee (ann@example.org)", "u2": "Ann Lee (2)"}


def test_d6_the_company_owes_and_the_buyer_stands_in_the_reference_and_among_its_persons(core):
    core.feed(identify("u1", day(1), firstName="Tui", lastName="Ngata", email="tui@kauri.example"))
    core.feed(bought_for("k-9", email="tui@kauri.example"), group("k-9", name="Kauri Ltd"))
    settle(core)
    assert debts(core) == {"k-9": {"1001"}}
    kauri = next(one for one in core.xero.contacts if one["ContactNumber"] == "k-9")
    assert kauri["Name"] == "Kauri Ltd"
    assert core.xero.invoices[0]["Reference"] == "1001 / Tui"
    assert kauri["ContactPersons"] == [{"EmailAddress": "tui@kauri.example"}]


def test_d6_an_order_waits_for_the_group_call_and_is_a_question_with_its_money_after_24_hours(core):
    core.feed(bought_for("k-9", currency="NZD", total=20))
    settle(core)
    order = core.record("Invoice", "1001")
    assert (order.disposition, order.reason, order.stuck) == ("parked", "waits for Contact k-9", False)
    missing = keys.missing(ORG, "invoices")
    for hours, is_asked in ((23, False), (25, True)):
        core.store.zadd(missing, {"Invoice|1001": core.outbox.now() - hours * 3600})
        Expiry(core.store, core.outbox, Planner(core.store)).bury_missed(ORG, "invoices")
        assert core.record("Invoice", "1001").stuck is is_asked
    assert core.record("Invoice", "1001").reason == (
        "Order 1001 (20 NZD) was placed for the company k-9, and no group call has named the company."
        " Send the group call, or let the buyer owe the order (setting debtor: person)."
    )
    core.feed(group("k-9", name="Kauri Ltd"))
    settle(core)
    assert debts(core) == {"k-9": {"1001"}}
    assert len(core.letters) == 0


def test_d6_the_buyer_owes_where_the_shop_says_so(core):
    choose(core, debtor="person")
    core.feed(identify("u1", day(1), name="Tui Ngata"), bought_for("k-9"), group("k-9", name="Kauri Ltd"))
    settle(core)
    assert debts(core) == {"u1": {"1001"}}


def test_d6_a_company_has_at_most_five_persons_the_latest_buyers(core):
    core.feed(group("k-9", name="Kauri Ltd"))
    for number in range(7):
        order = bought_for("k-9", str(number), f"u{number}", email=f"b{number}@kauri.example")
        core.feed({**order, "timestamp": day(10 + number)})
    settle(core)
    kauri = next(one for one in core.xero.contacts if one["ContactNumber"] == "k-9")
    assert [one["EmailAddress"] for one in kauri["ContactPersons"]] == [
        f"b{number}@kauri.example" for number in (6, 5, 4, 3, 2)
    ]


OFFICE_A = {"name": "Kauri Ltd", "street": "1 Queen St", "city": "Auckland", "postal_code": "1010", "country": "NZ"}
OFFICE_B = {"name": "Kauri Ltd", "street": "2 Princes St", "city": "Dunedin"}


def test_d6_who_has_the_role_billing_stays_among_the_persons(core):
    core.feed(group("k-9", name="Kauri Ltd"))
    for number in range(7):
        order = bought_for("k-9", str(number), f"u{number}", email=f"b{number}@kauri.example")
        traits = {"role": "billing"} if number == 0 else {}
        core.feed({**order, "context": {"groupId": "k-9", "traits": traits}, "timestamp": day(10 + number)})
    settle(core)
    kauri = next(one for one in core.xero.contacts if one["ContactNumber"] == "k-9")
    assert [one["EmailAddress"] for one in kauri["ContactPersons"]] == [
        f"b{number}@kauri.example" for number in (0, 6, 5, 4, 3)
    ]


def test_d7_the_billing_address_of_the_newest_order_is_the_contacts_and_parts_of_two_never_mix(core):
    core.feed(order_completed("1030", "u1", day(3), billing_address=OFFICE_A, shipping_address=OFFICE_B))
    settle(core)
    assert core.xero.contacts[0]["Addresses"] == [
        {
            "AddressType": "POBOX",
            "AddressLine1": "1 Queen St",
            "City": "Auckland",
            "PostalCode": "1010",
            "Country": "NZ",
        },
        {"AddressType": "STREET", "AddressLine1": "2 Princes St", "City": "Dunedin"},
    ]
    core.feed(order_completed("1031", "u1", day(4), billing_address=OFFICE_B))
    settle(core)
    assert core.xero.contacts[0]["Addresses"][0] == {
        "AddressType": "POBOX",
        "AddressLine1": "2 Princes St",
        "City": "Dunedin",
    }


@pytest.mark.parametrize(("setting", "lines"), [("on", ["Bill to: Kauri Ltd, Dunedin", "Mug"]), ("off", ["Mug"])])
def test_d7_an_order_billed_to_another_office_names_it_in_its_first_line(core, setting, lines):
    choose(core, bill_to_line=setting)
    address = {"street": "1 Queen St", "city": "Auckland"}
    core.feed(group("k-9", name="Kauri Ltd", address=address), bought_for("k-9", "1031", billing_address=OFFICE_B))
    settle(core)
    (invoice,) = core.xero.invoices
    assert [line["Description"] for line in invoice["LineItems"]] == lines


def test_d8_two_contacts_with_her_email_wait_and_a_person_is_asked_once_for_all_her_orders(core):
    twins = [{"ContactID": f"c-{number}", "Name": f"M. {number}", "EmailAddress": MIA} for number in (1, 2)]
    core.xero.contacts += twins
    core.feed(identify("u1", day(1), name="Mia Wong", email=MIA))
    core.feed(order_completed("1", "u1"), order_completed("2", "u1"))
    settle(core)
    mia = core.record("Contact", "u1")
    assert (mia.disposition, mia.stuck) == ("parked", True)
    assert mia.reason == (
        "Which Mia Wong? several contacts in Xero have this e-mail; merge them,"
        f" or take it off all but the right one (policy which_contact): {MIA}"
    )
    orders = [core.record("Invoice", number) for number in ("1", "2")]
    assert {order.obstacle.root for order in orders} == {mia.reason}
    assert core.xero.writes == []
    core.xero.contacts[1]["EmailAddress"] = "other@example.org"
    core.store.delete(keys.contact_index(ORG))
    core.outbox.free(ORG, "contacts", "Contact|u1")
    settle(core)
    assert core.xero.contacts[0]["ContactNumber"] == "u1"
    assert debts(core) == {"u1": {"1", "2"}}


def test_d8_a_shop_may_choose_a_new_contact_instead(core):
    core.xero.contacts += [{"ContactID": f"c-{n}", "Name": f"M. {n}", "EmailAddress": MIA} for n in (1, 2)]
    core.mappings = with_policies(core.mappings, which_contact="new")
    core.feed(identify("u1", day(1), name="Mia Wong", email=MIA))
    core.deliver()
    assert core.xero.contacts[2]["ContactNumber"] == "u1"


def test_d9_the_due_date_is_by_the_terms_of_the_company(core):
    terms = {"payment_days": 20, "payment_terms": "OFFOLLOWINGMONTH", "vat_number": "NZ-1", "currency": "nzd"}
    core.feed(group("k-9", name="Kauri Ltd", **terms), bought_for("k-9"), order_completed("1002", "u2", day(3)))
    settle(core)
    assert {one["InvoiceNumber"]: one["DueDate"] for one in core.xero.invoices} == {
        "1001": "2026-12-20",
        "1002": "2026-11-17",
    }
    kauri = next(one for one in core.xero.contacts if one["ContactNumber"] == "k-9")
    assert (kauri["TaxNumber"], kauri["DefaultCurrency"]) == ("NZ-1", "NZD")
    assert kauri["PaymentTerms"] == {"Sales": {"Day": 20, "Type": "OFFOLLOWINGMONTH"}}


def test_an_address_that_xero_refuses_is_left_out_and_a_person_is_told_once(core):
    address = "ann@bücher.example"
    core.feed(identify("u1", day(1), name="Ann Lee", email=address), order_completed("1", "u1"))
    core.xero.then(
        {"Contacts": []},
        lambda request: {"Contacts": [refused(BAD_EMAIL, **request.body["Contacts"][0])]},
    )
    core.turn("contacts")
    settle(core)
    assert core.xero.contacts == [{"ContactID": "con-1", "ContactNumber": "u1", "Name": "Ann Lee"}]
    assert debts(core) == {"u1": {"1"}}
    (letter,) = core.letters
    assert letter.message == (
        "Contact u1 is in Xero, but: its e-mail address is not one that Xero takes, so it was left out"
    )
    core.feed(identify("u1", day(2), phone="555"))
    settle(core)
    assert len(core.letters) == 1
    core.feed(identify("u1", day(3), email="ann@books.example"))
    settle(core)
    assert core.xero.contacts[0]["EmailAddress"] == "ann@books.example"


def test_the_key_of_an_address_is_a_digest(core):
    core.feed(guest("1", "a1", MIA))
    settle(core)
    assert MIA not in str(sorted(contacts(core)))
    assert make_email_key("  MIA@example.org") == make_email_key(MIA)
