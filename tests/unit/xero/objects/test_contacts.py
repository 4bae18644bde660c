"""Contacts: exact payloads, keys, names, look-ups and refusals."""

import hashlib
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from segxero.errors import PermanentError
from segxero.xero.api.request import Request
from segxero.xero.objects.contacts import MAPPED, Contacts, tidy
from segxero.xero.objects.numbering import fit_key, quote
from tests.support.xero.wanted import CONTACT_ID, CONTEXT, wanted

CONTACTS = Contacts()


def digest(key):
    """What fit_key() puts behind a key that Xero cannot hold."""
    return "~" + hashlib.sha256(key.encode()).hexdigest()[:16]


def payload(record):
    return CONTACTS.prepare(record, CONTEXT).payload


def written(*records):
    return CONTACTS.write([(record, payload(record)) for record in records])


ANN = wanted(
    "u1",
    Name="Ann Lee",
    FirstName="Ann",
    LastName="Lee",
    EmailAddress="ann@example.com",
    Phones=[{"PhoneType": "DEFAULT", "PhoneNumber": "555 0100"}],
    Addresses=[{"AddressType": "POBOX", "AddressLine1": "1 Main St", "City": "Auckland", "Country": "New Zealand"}],
)
ANN_IN_XERO = {
    "Name": "Ann Lee",
    "FirstName": "Ann",
    "LastName": "Lee",
    "EmailAddress": "ann@example.com",
    "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "555 0100"}],
    "Addresses": [{"AddressType": "POBOX", "AddressLine1": "1 Main St", "City": "Auckland", "Country": "New Zealand"}],
}


def test_a_new_contact_is_posted_under_its_contact_number():
    assert written(ANN) == Request(
        method="POST",
        path="/Contacts",
        params={"summarizeErrors": "false"},
        body={"Contacts": [{"ContactNumber": "u1", **ANN_IN_XERO}]},
    )


def test_a_known_contact_is_updated_by_its_id_and_without_its_number():
    known = wanted("u1", xero_id=CONTACT_ID, Name="Ann Lee", EmailAddress="ann@lee.example")
    assert written(known).body == {
        "Contacts": [{"ContactID": CONTACT_ID, "Name": "Ann Lee", "EmailAddress": "ann@lee.example"}]
    }


def test_new_and_known_contacts_go_in_one_call():
    known = wanted("u2", xero_id=CONTACT_ID, Name="Bob")
    assert [sorted(element) for element in written(wanted("u1", Name="Ann"), known).body["Contacts"]] == [
        ["ContactNumber", "Name"],
        ["ContactID", "Name"],
    ]


def test_fields_that_no_event_has_set_are_left_out():
    assert payload(wanted("u1", Name="Ann Lee")) == {"Name": "Ann Lee"}


def test_null_clears_a_field():
    assert payload(wanted("u1", Name="Ann", EmailAddress=None, LastName=None)) == {
        "Name": "Ann",
        "EmailAddress": "",
        "LastName": "",
    }


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"Name": "  Ann   Lee "}, "Ann Lee"),
        ({"Name": "Ann <ann@lee.example>"}, "Ann ann@lee.example"),
        ({"Name": "Ann\tLee\n"}, "Ann Lee"),
        ({"Name": "Zoë Ångström 李"}, "Zoë Ångström 李"),
        ({"EmailAddress": "ann@lee.example"}, "ann@lee.example"),
        ({"Name": None, "EmailAddress": "ann@lee.example"}, "ann@lee.example"),
        ({"Name": ""}, "Guest of the web shop"),
        ({}, "Guest of the web shop"),
        ({"Name": 4711}, "Guest of the web shop"),
        ({"Name": "<>"}, "Guest of the web shop"),
        ({"IsCompany": True}, "Company without a name"),
        ({"Name": "x" * 300}, "x" * 255),
    ],
)
def test_the_plain_name_is_one_that_xero_takes(fields, name):
    assert payload(wanted("u1", **fields))["Name"] == name


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"Name": "Ann Lee", "EmailAddress": "ann@lee.example"},
            ("Ann Lee", "Ann Lee (ann@lee.example)"),
        ),
        ({"Name": "Ann Lee"}, ("Ann Lee",)),
        (
            {"EmailAddress": "ann@lee.example"},
            ("ann@lee.example", "ann@lee.example (ann@lee.example)"),
        ),
    ],
)
def test_a_name_that_two_share_gets_the_email_behind_it(fields, expected):
    assert CONTACTS.names(wanted("u1", **fields)) == expected


@pytest.mark.parametrize("name", ["Ann Lee", "Ann Lee (ann@lee.example)", "Ann Lee (2)"])
def test_the_name_that_delivery_has_found_is_sent(name):
    record = wanted("u1", chosen_name=name, Name="Ann Lee", EmailAddress="ann@lee.example")
    assert payload(record)["Name"] == name


@example(name="x" * 254 + " y", email="e" * 254, key="k" * 300)
@example(name="<>", email="<", key=">")
@example(name="Ann", email="é b" * 60, key=" ")
@given(
    name=st.text(max_size=300),
    email=st.text(max_size=300),
    key=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=400),
)
def test_every_name_of_every_level_is_one_that_xero_takes(name, email, key):
    for made in CONTACTS.names(wanted(key, Name=name, EmailAddress=email)):
        assert 1 <= len(made) <= 255
        assert made == tidy(made)


def test_a_long_email_behind_a_name_does_not_make_two_names_alike():
    first, second = (
        CONTACTS.names(wanted("k" * 400 + end, Name="Ann", EmailAddress=f"{'a' * 240}@{end}.example")) for end in "xy"
    )
    assert first[1] != second[1]
    assert all(name.startswith("Ann (") for name in (*first[1:], *second[1:]))


@pytest.mark.parametrize(
    ("key", "number"),
    [
        ("u1", "u1"),
        ("A" * 50, "A" * 50),
        ("auth0|5f7c8ec7c33c6c004bbafe82", "auth0|5f7c8ec7c33c6c004bbafe82"),
        ("A" * 51, "A" * 33 + digest("A" * 51)),
        ("jürgen", "jrgen" + digest("jürgen")),
        ("李", digest("李")),
        (" u1", "u1" + digest(" u1")),
        ("u\n1", "u1" + digest("u\n1")),
    ],
)
def test_a_key_is_printable_ascii_of_at_most_50_characters(key, number):
    made = fit_key(key)
    assert made == number
    assert len(made) <= 50
    assert made.isascii()
    assert made.isprintable()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=120), unique=True, min_size=2))
def test_two_keys_are_never_the_same_contact_number(keys):
    assert len({fit_key(key) for key in keys}) == len(keys)


def test_a_lone_surrogate_in_a_key_does_no_harm():
    assert fit_key("a\ud800").startswith("a~")


def test_contacts_are_looked_up_by_number_archived_ones_included():
    assert CONTACTS.lookup([wanted("u1"), wanted("auth0|2")], CONTEXT) == Request(
        method="GET",
        path="/Contacts",
        params={"where": 'ContactNumber=="u1" OR ContactNumber=="auth0|2"', "includeArchived": "true", "page": "1"},
    )


def test_a_key_with_a_quotation_mark_or_a_backslash_can_still_be_looked_up():
    number = "abc" + digest('a"b\\c')
    assert fit_key('a"b\\c') == number
    assert CONTACTS.lookup([wanted('a"b\\c')], CONTEXT).params["where"] == f'ContactNumber=="{number}"'
    assert quote('say "\\"') == r'"say \"\\\""'


def test_an_answer_is_matched_by_id_when_it_is_known_and_by_number_when_not():
    element = {"ContactID": CONTACT_ID.upper(), "ContactNumber": "u1"}
    assert CONTACTS.is_same(element, wanted("u1"), CONTEXT)
    assert not CONTACTS.is_same(element, wanted("u2"), CONTEXT)
    assert CONTACTS.is_same(element, wanted("u2", xero_id=CONTACT_ID), CONTEXT)
    assert not CONTACTS.is_same(element, wanted("u1", xero_id="another"), CONTEXT)
    assert not CONTACTS.is_same({"Name": "Ann"}, wanted("u1"), CONTEXT)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"FirstName": "x" * 256}, "FirstName: Longer than maximum length 255."),
        ({"AccountNumber": "x" * 51}, "AccountNumber: Longer than maximum length 50."),
        ({"FirstName": ["Ann"]}, "FirstName: Not a valid string."),
        ({"FirstName": True}, "FirstName: Not a valid string."),
        (
            {"Phones": [{"PhoneType": "OFFICE", "PhoneNumber": "1"}]},
            "Phones.0.PhoneType: Must be one of: DEFAULT, DDI, MOBILE, FAX.",
        ),
        (
            {"Addresses": [{"AddressType": "DELIVERY"}]},
            "Addresses.0.AddressType: Must be one of: POBOX, STREET.",
        ),
        ({"Phones": "555"}, "Phones: Not a valid list."),
        ({"ContactPersons": [{}] * 6}, "ContactPersons: Longer than maximum length 5."),
        ({"Addresses": [{"AddressType": "POBOX", "Zip": "1"}]}, "Addresses.0.Zip: Unknown field."),
    ],
)
def test_what_xero_would_refuse_costs_no_call(fields, fault):
    with pytest.raises(PermanentError) as caught:
        payload(wanted("u1", Name="Ann", **fields))
    assert str(caught.value) == (f"Xero would refuse this contact: {fault}; correct it at its source and replay")


@pytest.mark.parametrize("email", ["ann", "ann lee@example.com", "ann@example", 5])
def test_what_is_no_email_address_is_left_out_so_that_orders_do_not_wait_for_it(email):
    prepared = CONTACTS.prepare(wanted("u1", Name="Ann", EmailAddress=email), CONTEXT)
    assert prepared.payload == {"Name": "Ann"}
    assert prepared.left_out == ("its e-mail address is not one that Xero takes, so it was left out",)


@pytest.mark.parametrize(
    ("fields", "spoken"),
    [
        ({"Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "1" * 51}]}, "phone"),
        ({"Addresses": [{"AddressType": "POBOX", "Country": "x" * 51}]}, "address"),
        ({"TaxNumber": "1" * 51}, "tax number"),
    ],
)
def test_an_optional_field_that_is_too_long_is_left_out(fields, spoken):
    prepared = CONTACTS.prepare(wanted("u1", Name="Ann", **fields), CONTEXT)
    assert prepared.payload == {"Name": "Ann"}
    assert prepared.left_out == (f"its {spoken} is not one that Xero takes, so it was left out",)


def test_all_faults_of_a_contact_are_told_at_once():
    with pytest.raises(PermanentError, match=r"FirstName: .*; AccountNumber: .*; Phones.0.PhoneType: ") as caught:
        payload(wanted("u1", FirstName="x" * 256, AccountNumber="1" * 51, Phones=[{"PhoneType": "HOME"}]))
    assert str(caught.value).count(";") == 3


def test_numbers_become_the_text_a_person_would_write():
    made = payload(
        wanted(
            "u1",
            Name="Ann",
            TaxNumber=12345678901234567890,
            AccountNumber=Decimal("1E+3"),
            Phones=[{"PhoneType": "DEFAULT", "PhoneNumber": 5550100}],
            Addresses=[{"AddressType": "POBOX", "PostalCode": Decimal("94103.5")}],
        )
    )
    assert made["TaxNumber"] == "12345678901234567890"
    assert made["AccountNumber"] == "1000"
    assert made["Phones"][0]["PhoneNumber"] == "5550100"
    assert made["Addresses"][0]["PostalCode"] == "94103.5"


def test_the_object_says_what_a_mapping_may_set():
    assert "ContactID" not in MAPPED
    assert "ContactNumber" not in MAPPED
    assert (CONTACTS.queue, CONTACTS.scope, CONTACTS.batch, CONTACTS.id_field) == (
        "contacts",
        "accounting.contacts",
        50,
        "ContactID",
    )
