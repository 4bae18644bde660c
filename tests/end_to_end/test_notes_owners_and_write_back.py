"""Notes, owners and the write-back on real processes: last, once, and no round begins."""

import signal

import pytest

from segxero.demo import LocalStack
from tests.support.processes.http_server import Answer, HttpServer, Script
from tests.support.processes.waiting import within
from tests.support.segment.shop_events import group, identify, order
from tests.support.set_ups.examples import switched_on
from tests.support.xero import books

MINUTE = 60.0
RECORDS = 5
KNOWN, UNKNOWN = "sam@example.com", "nobody@example.com"
EVENTS = [
    identify("u1", message="m1", name="Ann", email="ann@example.com", owner=KNOWN.upper()),
    identify("u2", message="m2", name="Bob", email="bob@example.com", owner=UNKNOWN),
    group("g1", "u1", name="Acme"),
    order("1001", "u1", at=1, message="m3", owner=KNOWN),
    order("1002", "u2", at=1, message="m4", owner=UNKNOWN),
]

pytestmark = pytest.mark.timeout(300)


def writes(stack):
    return [call for call in stack.calls() if call["tenant"] and call["method"] != "GET"]


def note_in_flight(stack):
    return [call for call in writes(stack) if call["path"].endswith("/History") and call["ended"] is None]


def told(segment):
    return [message for received in segment.requests("/v1/batch") for message in received.json["batch"]]


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """What became of EVENTS when one note's answer was lost and the worker was killed over another."""
    mappings = switched_on(tmp_path_factory.mktemp("shop") / "mappings", "history", "owner", "attachments")
    with HttpServer({"/v1/batch": Script(Answer(body={"success": True}))}) as segment:
        settings = {"SEGMENT_WRITE_KEY": "key", "SEGMENT_API_URL": segment.url}
        with LocalStack(mappings=mappings, settings=settings) as stack:
            stack.wait_ready()
            stack.control("POST", "settings", {"users": ["ann.owner@example.com", KNOWN]})
            history = {"method": "PUT", "path": "/History"}
            stack.control("POST", "faults", {"lost_answer": True, "times": 1, "match": history})
            stack.control("POST", "faults", {"delay_after": 5.0, "times": 1, "match": history})
            stack.post(EVENTS)
            assert within(MINUTE, lambda: note_in_flight(stack)), stack.tail("worker")
            assert within(MINUTE, lambda: len(history_calls(stack)) > 1 and note_in_flight(stack))
            stack.supervisor.kill("worker", signal.SIGKILL)
            stack.settle(2 * MINUTE)
            assert within(MINUTE, lambda: len(told(segment)) == RECORDS), stack.tail("worker")
            round_trip = stack.post(told(segment)).json()
            before = len(writes(stack))
            stack.post(EVENTS)
            stack.settle()
            return {
                "records": stack.records(),
                "writes": writes(stack),
                "again": len(writes(stack)) - before,
                "told": told(segment),
                "round": round_trip,
                "standing": stack.standing(),
                "letters": list(stack.dead_letters),
            }


def history_calls(stack):
    return [call for call in writes(stack) if call["path"].endswith("/History")]


def test_never_twice_every_note_is_on_its_record_once(done):
    records = done["records"]
    names = {contact["ContactID"]: contact["ContactNumber"] for contact in records["Contacts"]}
    names |= {invoice["InvoiceID"]: invoice["InvoiceNumber"] for invoice in records["Invoices"]}
    found = {
        names[record]: [text.partition("message ")[2] for text in texts]
        for record, texts in records["HistoryRecords"].items()
    }
    assert found == {"u1": ["m1"], "u2": ["m2"], "1001": ["m3"], "1002": ["m4"]}


def test_notes_and_attachments_go_last(done):
    is_last = [call["path"].endswith("/History") or "/Attachments/" in call["path"] for call in done["writes"]]
    assert is_last == sorted(is_last)


def test_orders_are_attached_to_their_invoices(done):
    numbers = {invoice["InvoiceID"]: invoice["InvoiceNumber"] for invoice in done["records"]["Invoices"]}
    found = {numbers[record]: names for record, names in done["records"]["Attachments"].items()}
    assert found == {"1001": ["segment-order-1001.txt"], "1002": ["segment-order-1002.txt"]}


def test_the_owner_is_the_contacts_default_and_on_every_line(done):
    contacts = {contact["ContactNumber"]: contact for contact in done["records"]["Contacts"]}
    for number, owner in (("u1", "Sam"), ("u2", UNKNOWN)):
        (label,) = contacts[number]["SalesTrackingCategories"]
        assert (label["TrackingCategoryName"], label["TrackingOptionName"]) == ("Owner", owner)
    owners = {invoice["InvoiceNumber"]: books.labels(invoice) for invoice in done["records"]["Invoices"]}
    assert owners == {"1001": {"Owner": "Sam"}, "1002": {"Owner": UNKNOWN}}


def test_segment_is_told_each_record_once_with_xeros_id(done):
    records = done["records"]
    ids = {contact["ContactNumber"]: contact["ContactID"] for contact in records["Contacts"]}
    ids |= {invoice["InvoiceNumber"]: invoice["InvoiceID"] for invoice in records["Invoices"]}
    identified = {("identify", user): {"xero_contact_id": ids[user]} for user in ("u1", "u2")}
    tracked = {
        ("track", user): {"order_id": number, "xero_invoice_id": ids[number]}
        for user, number in (("u1", "1001"), ("u2", "1002"))
    }
    assert {
        (message["type"], message.get("userId") or message["groupId"]): message.get("traits") or message["properties"]
        for message in done["told"]
    } == {**identified, ("group", "g1"): {"xero_contact_id": ids["g1"]}, **tracked}
    assert len({message["messageId"] for message in done["told"]}) == RECORDS


def test_our_own_write_back_begins_no_round_and_a_repetition_writes_nothing(done):
    assert done["round"] == {"accepted": 0, "ignored": RECORDS, "rejected": []}
    assert done["again"] == 0
    assert (done["standing"].parked, done["letters"]) == ((), [])
