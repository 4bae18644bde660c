"""The main road: people, companies and orders come as Segment sends them, and Xero has them to the cent."""

from decimal import Decimal

import pytest

from tests.support.segment.shop_events import DAY, DUE, group, identify, order, page, product
from tests.support.xero import books

D = Decimal
BATCH = [
    order(
        "1001",
        "u1",
        at=3,
        products=[product("Monopoly", "20.00"), product("UNO", "5.00", 2)],
        discount="5.00",
        shipping="5.00",
        tax="4.50",
        total="34.50",
        currency="NZD",
        affiliation="Web shop",
        campaign="Spring",
    ),
    identify("u1", name="Ann Able", email="ann@example.com", phone="+64 3 555", address={"city": "Napier"}),
    group("g1", "u1", at=1, name="Able & Sons", email="office@example.com"),
    page("u1", at=2),
]
WRAPPED = [
    {
        "json": order(
            "1002",
            "u2",
            at=4,
            products=[product("Catan", "11.50", 2)],
            tax="3.00",
            total="23.00",
            currency="usd",
            affiliation="Mobile app",
        )
    },
    {"json": identify("u2", at=5, firstName="Bo", lastName="Berg", email="bo@example.com")},
]
SINGLES = [
    identify("u3", at=6, name="Cy Carr", email="cy@example.com"),
    order("1003", "u3", at=7, currency="EUR"),
    identify("u1", at=8, email="ann.able@example.com"),
]
BODIES = [BATCH, WRAPPED, *SINGLES]


@pytest.fixture(scope="module")
def answers(stack):
    """What the receiver said to each body, once everything has reached Xero."""
    found = [stack.post(body) for body in BODIES]
    stack.settle()
    return found


@pytest.fixture(scope="module")
def records(stack, answers):
    return stack.records()


@pytest.fixture(scope="module")
def calls(stack, answers):
    return [call for call in stack.calls() if call["tenant"]]


def elements(calls, method, path):
    """Return the elements that all calls of one kind carried."""
    name = path.rsplit("/", 1)[1]
    chosen = [call for call in calls if call["method"] == method and call["path"] == path]
    return [element for call in chosen for element in call["body"][name]]


def test_every_body_is_acknowledged_with_the_number_of_its_events(answers):
    assert [answer.status_code for answer in answers] == [200] * 5
    counts = [(answer.json()["accepted"], answer.json()["ignored"], answer.json()["rejected"]) for answer in answers]
    assert counts == [(3, 1, []), (2, 0, []), (1, 0, []), (1, 0, []), (1, 0, [])]


def test_people_and_companies_become_contacts_with_their_latest_values(records):
    assert books.contacts(records) == {
        "u1": {
            "Name": "Ann Able",
            "EmailAddress": "ann.able@example.com",
            "Phones": {"DEFAULT": {"PhoneNumber": "+64 3 555"}},
            "Addresses": {"POBOX": {"City": "Napier"}},
        },
        "g1": {"Name": "Able & Sons", "EmailAddress": "office@example.com"},
        "u2": {"Name": "Bo Berg", "FirstName": "Bo", "LastName": "Berg", "EmailAddress": "bo@example.com"},
        "u3": {"Name": "Cy Carr", "EmailAddress": "cy@example.com"},
    }


def test_an_order_becomes_an_invoice_with_exact_lines_and_totals(records):
    assert books.invoices(records)["1001"] == {
        "Reference": "1001",
        "Status": "AUTHORISED",
        "CurrencyCode": "NZD",
        "LineAmountTypes": "Exclusive",
        "SubTotal": D("30.00"),
        "TotalTax": D("4.50"),
        "Total": D("34.50"),
        "DateString": DAY,
        "DueDateString": DUE,
        "Contact": "u1",
        "Lines": [
            ("Monopoly", D(1), D("20.00"), D("20.00"), "OUTPUT2", D("3.00"), "200"),
            ("UNO", D(2), D("5.00"), D("10.00"), "OUTPUT2", D("1.50"), "200"),
            ("Shipping", D(1), D("5.00"), D("5.00"), "OUTPUT2", D("0.75"), "200"),
            ("Discount", D(1), D("-5.00"), D("-5.00"), "OUTPUT2", D("-0.75"), "200"),
        ],
        "Labels": {"Sales channel": "Web shop", "Campaign": "Spring"},
    }


def test_prices_that_contain_the_tax_and_prices_without_tax_come_to_the_orders_total(records):
    found = books.invoices(records)
    assert found.keys() == {"1001", "1002", "1003"}
    inclusive, untaxed = found["1002"], found["1003"]
    assert inclusive["LineAmountTypes"] == "Inclusive"
    assert (inclusive["CurrencyCode"], inclusive["Total"], inclusive["TotalTax"]) == ("USD", D("23.00"), D("3.00"))
    assert inclusive["Lines"] == [("Catan", D(2), D("11.50"), D("23.00"), "OUTPUT2", D("3.00"), "200")]
    assert (inclusive["Contact"], inclusive["Labels"]) == ("u2", {"Sales channel": "Mobile app"})
    assert (untaxed["CurrencyCode"], untaxed["Total"], untaxed["TotalTax"]) == ("EUR", D("20.00"), D("0.00"))
    assert untaxed["Lines"] == [("Mug", D(1), D("20.00"), D("20.00"), "NONE", D("0.00"), "200")]
    assert (untaxed["Contact"], untaxed["Labels"]) == ("u3", {})


def test_labels_become_options_of_two_tracking_categories(records):
    assert books.categories(records) == {"Sales channel": ["Mobile app", "Web shop"], "Campaign": ["Spring"]}


def test_an_invoice_names_its_contact_by_id_only(calls):
    sent = elements(calls, "PUT", "/api.xro/2.0/Invoices")
    assert len(sent) == 3
    assert [invoice["Contact"].keys() for invoice in sent] == [{"ContactID"}] * 3


def test_every_call_is_as_xeros_openapi_file_describes_it(spec, calls):
    for call in calls:
        spec.check_request(call["method"], call["path"], call["query"], call["headers"], call["body"])
    assert {call["status"] for call in calls} == {200}


def test_no_call_carries_more_than_fifty_elements_or_what_xero_ignores_and_no_more_than_five_are_in_flight(stack):
    summary = stack.summary()
    assert summary["accounting_calls"] > 0
    assert summary["max_elements"] <= 50
    assert summary["max_in_flight"] <= 5
    assert (summary["limit_breaches"], summary["ignored_properties"]) == ({}, {})


def test_nothing_is_left_behind(stack, answers):
    assert stack.standing().parked == ()
    assert list(stack.dead_letters) == []


def test_the_same_traffic_again_changes_nothing_and_makes_no_call(stack, records):
    before, made = stack.records(), stack.summary()["calls"]
    for body in BODIES:
        assert stack.post(body).status_code == 200
    stack.settle()
    assert stack.records() == before == records
    assert stack.summary()["calls"] == made


def test_an_order_that_changes_updates_its_invoice_by_post_with_its_id(stack, records):
    corrected = order("1003", "u3", at=9, currency="EUR", products=[product("Mug", "20.00", 2)], total="40.00")
    since = stack.summary()["calls"]
    stack.post(corrected)
    stack.settle()
    (call,) = stack.calls(since)
    (sent,) = call["body"]["Invoices"]
    assert (call["method"], call["path"]) == ("POST", "/api.xro/2.0/Invoices")
    assert "InvoiceNumber" not in sent
    before, after = ({i["InvoiceNumber"]: i for i in found["Invoices"]}["1003"] for found in (records, stack.records()))
    assert sent["InvoiceID"] == after["InvoiceID"] == before["InvoiceID"]
    assert [line["LineItemID"] for line in after["LineItems"]] == [line["LineItemID"] for line in before["LineItems"]]
    assert (after["Total"], len(stack.records()["Invoices"])) == (D("40.00"), 3)


def test_updates_too_are_as_xeros_openapi_file_describes_them(spec, stack):
    calls = [call for call in stack.calls() if call["tenant"]]
    assert any(call["method"] == "POST" and call["path"].endswith("/Invoices") for call in calls)
    for call in calls:
        spec.check_request(call["method"], call["path"], call["query"], call["headers"], call["body"])
