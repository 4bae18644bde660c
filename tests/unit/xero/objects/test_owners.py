"""Owners: the label is the name of the Xero user with the e-mail, on the contact and on every line."""

from dataclasses import replace

import pytest

from segxero.xero.objects.contacts import Contacts
from segxero.xero.objects.invoices import Invoices
from segxero.xero.objects.tracking import TrackingOptions
from segxero.xero.objects.wanted import Wanted
from tests.support.xero.wanted import CONTEXT, category_link, contact_link, option_link

USERS = replace(CONTEXT, users={"sales@example.com": "Sam Sales", "nameless@example.com": ""})


def owner(email):
    fields = {"Category": "Owner", "User": email}
    return Wanted(key=f"owner: {email}", fields=fields, references={"Category": (category_link("Owner"),)})


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("sales@example.com", "Sam Sales"),
        (" Sales@Example.com ", "Sam Sales"),
        ("unknown@example.com", "unknown@example.com"),
        ("nameless@example.com", "nameless@example.com"),
    ],
)
def test_an_owner_is_called_as_xero_calls_the_user_and_an_unknown_one_by_the_e_mail(email, name):
    assert TrackingOptions().prepare(owner(email), USERS).payload == {"Name": name}
    assert TrackingOptions().is_same({"Name": name.upper()}, owner(email), USERS)


def test_the_owner_is_the_contacts_default_label_of_sales():
    record = Wanted(
        key="u1", fields={"Name": "Ann"}, references={"SalesTracking": (option_link("Sam Sales", "Owner"),)}
    )
    assert Contacts().prepare(record, CONTEXT).payload == {
        "Name": "Ann",
        "SalesTrackingCategories": [{"TrackingCategoryName": "Owner", "TrackingOptionName": "Sam Sales"}],
    }


def test_a_contact_without_owner_keeps_the_label_that_it_has_in_xero():
    record = Wanted(key="u1", fields={"Name": "Ann"}, references={"SalesTracking": ()})
    assert Contacts().prepare(record, CONTEXT).payload == {"Name": "Ann"}


def test_the_owner_stands_on_every_line_behind_the_other_label():
    record = Wanted(
        key="1001",
        fields={
            "Type": "ACCREC",
            "Date": "2026-11-01T10:00:00Z",
            "CurrencyCode": "USD",
            "LineItems": [{"Description": "Mug", "Quantity": 1, "UnitAmount": 10, "AccountCode": "200"}],
            "Total": 10,
            "Tax": 0,
        },
        references={
            "Contact": (contact_link(),),
            "Tracking": (option_link("Web shop"), option_link("Sam Sales", "Owner")),
        },
    )
    (line,) = Invoices().prepare(record, CONTEXT).payload["LineItems"]
    assert line["Tracking"] == [
        {"Name": "Sales channel", "Option": "Web shop"},
        {"Name": "Owner", "Option": "Sam Sales"},
    ]
