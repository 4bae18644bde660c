"""Tracking: categories and options, one by one, looked for first, never a third category."""

import pytest

from segxero.errors import ParkedError, PermanentError
from segxero.xero.api.request import Request
from segxero.xero.objects.companions import Implied
from segxero.xero.objects.table import FIELDS, OBJECTS, QUEUES, RECORD_QUEUES, in_queue
from segxero.xero.objects.tracking import TrackingCategories, TrackingOptions
from segxero.xero.objects.wanted import Wanted
from tests.support.xero.wanted import CATEGORY_ID, CONTEXT, OPTION_ID, category_link, wanted

CATEGORY, OPTION = TrackingCategories(), TrackingOptions()


def option(name="Google Store", *, xero_id="", category=None):
    linked = category_link() if category is None else category
    return Wanted(
        key=f"Sales channel: {name}",
        fields={"Category": "Sales channel", "Option": name},
        references={"Category": (linked,)},
        xero_id=xero_id,
    )


ANSWER = {
    "TrackingCategories": [
        {
            "Name": "SALES Channel",
            "TrackingCategoryID": CATEGORY_ID.upper(),
            "Status": "ACTIVE",
            "Options": [{"TrackingOptionID": OPTION_ID, "Name": "google store"}],
        },
        {
            "Name": "Region",
            "TrackingCategoryID": "another",
            "Status": "ACTIVE",
            "Options": [{"TrackingOptionID": "o2", "Name": "Google Store"}],
        },
        {"Name": "Old", "TrackingCategoryID": "old", "Status": "ARCHIVED", "Options": []},
    ]
}


def test_a_category_is_created_by_its_name():
    record = wanted("Sales channel", Name="  Sales   channel ")
    made = CATEGORY.prepare(record, CONTEXT).payload
    assert made == {"Name": "Sales channel"}
    assert CATEGORY.write([(record, made)]) == Request(
        method="PUT", path="/TrackingCategories", body={"Name": "Sales channel"}
    )


def test_a_known_category_is_renamed():
    record = wanted("Sales channel", xero_id=CATEGORY_ID, Name="Channel")
    request = CATEGORY.write([(record, CATEGORY.prepare(record, CONTEXT).payload)])
    assert (request.method, request.path) == ("POST", f"/TrackingCategories/{CATEGORY_ID}")


def test_an_option_is_created_in_its_category():
    record = option()
    made = OPTION.prepare(record, CONTEXT).payload
    assert OPTION.write([(record, made)]) == Request(
        method="PUT", path=f"/TrackingCategories/{CATEGORY_ID}/Options", body={"Name": "Google Store"}
    )
    known = option(xero_id=OPTION_ID)
    assert OPTION.write([(known, made)]) == Request(
        method="POST", path=f"/TrackingCategories/{CATEGORY_ID}/Options/{OPTION_ID}", body={"Name": "Google Store"}
    )


def test_a_name_has_at_most_100_characters():
    assert OPTION.prepare(option("x" * 150), CONTEXT).payload == {"Name": "x" * 100}
    assert CATEGORY.prepare(wanted("k", Name="x" * 150), CONTEXT).payload == {"Name": "x" * 100}


@pytest.mark.parametrize("name", [None, "", "   "])
def test_a_label_without_a_name_is_refused(name):
    with pytest.raises(PermanentError, match=r"^Xero would refuse this tracking option: Name: "):
        OPTION.prepare(option(name), CONTEXT)


def test_an_option_without_category_waits():
    lone = Wanted(key="k", fields={"Option": "Google Store"})
    with pytest.raises(ParkedError, match=r"names no tracking category; set Category in mappings/tracking.yaml"):
        OPTION.prepare(lone, CONTEXT)


def test_an_option_implies_its_category():
    assert OPTION.implied("k", {"Category": " Sales  channel", "Option": "x"}) == Implied(
        field="Category", object="TrackingCategory", key="Sales channel", fields={"Name": "Sales channel"}
    )
    assert OPTION.implied("k", {"Option": "x"}) is None
    assert OPTION.implied("k", {"Category": None}) is None
    assert CATEGORY.implied("k", {"Name": "x"}) is None


def test_everything_is_looked_for_first_archived_ones_included():
    for row in (CATEGORY, OPTION):
        assert row.look_first
        assert row.batch == 1
        assert row.lookup([option()], CONTEXT) == Request(
            method="GET", path="/TrackingCategories", params={"includeArchived": "true"}
        )


def test_a_category_is_found_without_regard_to_case():
    found = [
        element
        for element in CATEGORY.elements(ANSWER, wanted("k"))
        if CATEGORY.is_same(element, wanted("k", Name="sales channel"), CONTEXT)
    ]
    assert [element["TrackingCategoryID"] for element in found] == [CATEGORY_ID.upper()]


def test_an_option_is_found_in_its_own_category_only():
    found = [element for element in OPTION.elements(ANSWER, option()) if OPTION.is_same(element, option(), CONTEXT)]
    assert [element["TrackingOptionID"] for element in found] == [OPTION_ID]


def test_the_answer_to_a_created_option_names_it_directly():
    assert OPTION.elements({"Options": [{"Name": "x"}]}, option()) == [{"Name": "x"}]


def test_lines_will_name_a_label_as_xero_spells_it():
    assert OPTION.remembers({"Name": "google store"}, option(category=category_link("SALES Channel"))) == {
        "name": "google store",
        "category": "SALES Channel",
    }
    assert CATEGORY.remembers({"Name": "SALES Channel"}, wanted("k")) == {"name": "SALES Channel"}


def test_a_third_active_category_is_never_created():
    assert CATEGORY.refuse(ANSWER, wanted("Campaign", Name="Campaign")) == (
        "Xero allows 2 active tracking categories and has SALES Channel and Region, so Campaign was not created;"
        " name one of them in mappings/tracking.yaml or archive one"
    )
    one = {"TrackingCategories": ANSWER["TrackingCategories"][1:]}
    assert CATEGORY.refuse(one, wanted("Campaign", Name="Campaign")) == ""
    assert CATEGORY.refuse({}, wanted("Campaign", Name="Campaign")) == ""
    assert OPTION.refuse(ANSWER, option()) == ""


def test_an_archived_label_is_neither_used_nor_created_again():
    old = wanted("Old", Name="OLD")
    assert [found["Name"] for found in CATEGORY.elements(ANSWER, old)] == ["SALES Channel", "Region"]
    assert CATEGORY.refuse(ANSWER, old) == "OLD is archived in Xero; restore it there, or use another name"
    category = {**ANSWER["TrackingCategories"][0], "Options": [{"Name": "Google Store", "Status": "ARCHIVED"}]}
    answer = {"TrackingCategories": [category]}
    assert OPTION.elements(answer, option()) == []
    assert OPTION.refuse(answer, option()) == "Google Store is archived in Xero; restore it there, or use another name"


def test_every_object_is_listed_once_and_the_queues_are_theirs():
    assert list(OBJECTS) == [
        "Contact",
        "ContactGroup",
        "ContactGroupMember",
        "TrackingCategory",
        "TrackingOption",
        "Item",
        "Order",
        "Invoice",
        "CreditNote",
        "Allocation",
        "Payment",
        "HistoryNote",
        "Attachment",
    ]
    assert QUEUES == ("contacts", "tracking", "items", "invoices", "credit_notes", "payments", "history")
    assert (*QUEUES[:3], "orders", *QUEUES[3:]) == RECORD_QUEUES
    assert [row.name for row in in_queue("tracking")] == ["TrackingCategory", "TrackingOption"]
    assert set(FIELDS["TrackingOption"]) == {"Category", "Option", "User"}
    assert FIELDS["Contact"]["Name"].longest == 255
    assert FIELDS["Invoice"]["LineItems"].fields["UnitAmount"].is_number
    assert {name: row.scope for name, row in OBJECTS.items()} == {
        "Contact": "accounting.contacts",
        "TrackingCategory": "accounting.settings",
        "TrackingOption": "accounting.settings",
        "Item": "accounting.settings",
        "Order": "accounting.invoices",
        "Invoice": "accounting.invoices",
        "CreditNote": "accounting.invoices",
        "Allocation": "accounting.invoices",
        "Payment": "accounting.payments",
        "HistoryNote": "",
        "Attachment": "accounting.attachments",
        "ContactGroup": "accounting.contacts",
        "ContactGroupMember": "accounting.contacts",
    }
