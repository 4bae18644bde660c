"""Custom fields of every kind, owners and names, on real processes: kept in Xero, changed, and no call twice."""

import pytest

from segxero.demo import LocalStack
from tests.support.processes.http_server import Answer, HttpServer, Script
from tests.support.segment.shop_events import identify, order
from tests.support.set_ups.examples import switched_on
from tests.support.xero import books

SOURCES = {"sources": [{"id": "shop", "name": "Web shop"}]}
DESTINATIONS = {"destinations": [{"id": "d1", "name": "Mixpanel", "enabled": True, "sourceId": "shop"}]}
CUSTOMERS = [
    identify("u0", name="Ann", plan="gold", region="North", customer_number="C-0", lifetime_value=0),
    identify("u1", name="Bo", plan="gold", region="North", customer_number="C-1"),
]
ORDER = order("1000", "u0", at=1, coupon="SPRING", owner="sam@example.com")


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """What Xero has after a day, a change, and the same day again."""
    mappings = switched_on(tmp_path_factory.mktemp("shop") / "mappings", "custom_fields")
    routes = {
        "/sources": Script(Answer(body={"data": SOURCES})),
        "/destinations": Script(Answer(body={"data": DESTINATIONS})),
    }
    with HttpServer(routes) as segment:
        settings = {"SEGMENT_API_TOKEN": "token", "SEGMENT_PUBLIC_API_URL": segment.url}
        with LocalStack(mappings=mappings, settings=settings) as stack:
            stack.wait_ready()
            stack.control("POST", "settings", {"users": ["sam@example.com"]})
            events = [event | {"projectId": "shop"} for event in [*CUSTOMERS, ORDER]]
            stack.post(events)
            stack.settle(120)
            first = stack.records()
            stack.post(identify("u0", at=5, plan="silver") | {"projectId": "shop"})
            stack.post(identify("u1", at=5, plan=None) | {"projectId": "shop"})
            stack.settle(120)
            before = len(writes(stack))
            stack.post(events)
            stack.settle(120)
            return {
                "first": first,
                "records": stack.records(),
                "calls": stack.calls(),
                "again": len(writes(stack)) - before,
                "asked": [received.path for received in segment.received],
                "standing": stack.standing(),
                "letters": list(stack.dead_letters),
            }


def writes(stack):
    return [call for call in stack.calls() if call["tenant"] and call["method"] != "GET"]


def members(records):
    numbers = {contact["ContactID"]: contact["ContactNumber"] for contact in records["Contacts"]}
    return {
        found["Name"]: sorted(numbers[contact["ContactID"]] for contact in found["Contacts"])
        for found in records["ContactGroups"]
    }


def test_a_contact_is_in_the_group_of_its_value_and_leaves_it_with_the_value(done):
    assert members(done["first"]) == {"Plan: gold": ["u0", "u1"]}
    assert members(done["records"]) == {"Plan: gold": [], "Plan: silver": ["u0"]}
    joins = [call for call in done["calls"] if call["path"].endswith("/Contacts") and call["method"] == "PUT"]
    assert [len(call["body"]["Contacts"]) for call in joins] == [2, 1]


def test_account_numbers_and_labels_are_on_the_contacts(done):
    contacts = {contact["ContactNumber"]: contact for contact in done["records"]["Contacts"]}
    assert {number: contact["AccountNumber"] for number, contact in contacts.items()} == {"u0": "C-0", "u1": "C-1"}
    (label,) = contacts["u0"]["SalesTrackingCategories"]
    assert (label["TrackingCategoryName"], label["TrackingOptionName"]) == ("Region", "North")


def test_the_source_is_called_by_its_name_on_every_line_and_the_third_category_holds_nothing_up(done):
    invoices = {invoice["InvoiceNumber"]: invoice for invoice in done["records"]["Invoices"]}
    assert invoices.keys() == {"1000"}
    active = set(books.categories(done["records"]))
    assert len(active) == 2
    assert "Region" in active
    third = ({"Shop", "Owner"} - active).pop()
    parked = [waiting.reason for waiting in done["standing"].parked if waiting.object == "TrackingCategory"]
    assert len(parked) == 1
    assert f"so {third} was not created" in parked[0]
    labels = books.labels(invoices["1000"])
    assert labels == ({"Shop": "Web shop"} if third == "Owner" else {"Owner": "Sam"})


def test_notes_and_attachments_hold_the_rest(done):
    records = done["records"]
    names = {contact["ContactID"]: contact["ContactNumber"] for contact in records["Contacts"]}
    names |= {invoice["InvoiceID"]: invoice["InvoiceNumber"] for invoice in records["Invoices"]}
    notes = {names[record]: texts for record, texts in records["HistoryRecords"].items()}
    assert notes == {"u0": ["Lifetime value: 0"], "1000": ["Coupon: SPRING"]}
    files = {names[record]: sorted(found) for record, found in records["Attachments"].items()}
    assert files == {key: ["segment-custom-fields.txt"] for key in ["u0", "u1", "1000"]}


def test_names_are_asked_for_once_and_the_same_events_again_write_nothing(done):
    assert sorted(done["asked"]) == ["/destinations", "/sources"]
    assert done["again"] == 0
    assert done["letters"] == []


def test_every_call_is_as_xeros_openapi_file_describes_it(done, spec):
    for call in done["calls"]:
        spec.check_request(call["method"], call["path"], call["query"], call["headers"], call["body"])
