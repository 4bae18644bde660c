"""One event, followed from the webhook to Xero's answer: through the logs by ids alone, and by `segxero trace`."""

import json

import pytest
from prometheus_client.parser import text_string_to_metric_families

from segxero import jsontext
from segxero.demo import LocalStack
from segxero.store import keys
from tests.support.processes.command import segxero
from tests.support.processes.waiting import within
from tests.support.segment.shop_events import identify, order

REQUEST = "request-of-this-test"
EMAIL = "ann.able@example.com"


@pytest.fixture(scope="module")
def stack():
    with LocalStack(settings={"LOG_LEVEL": "INFO"}) as running:
        running.wait_ready()
        assert running.post(identify("u1", name="Ann Able", email="old@example.com")).status_code == 200
        running.settle()
        body = [order("W-1", "u1", at=1, message="message-of-the-order"), identify("u1", at=2, name="Ann", email=EMAIL)]
        running.first_metrics = metrics(running)
        assert running.post(body, {"X-Request-Id": REQUEST}).headers["X-Request-Id"] == REQUEST
        running.settle()
        yield running


def metrics(stack):
    """Return (name, labels) -> value of all samples, and the types of the families."""
    answer = stack._http.get(f"{stack.receiver_url}/metrics", auth=("any", stack.password), timeout=10)
    families = list(text_string_to_metric_families(answer.text))
    assert all(family.documentation for family in families)
    samples = {
        (sample.name, *sorted(sample.labels.items())): sample.value for family in families for sample in family.samples
    }
    growing = {sample.name for family in families if family.type != "gauge" for sample in family.samples}
    return samples, growing


def lines(stack, program):
    text = (stack.logs / f"{program}.log").read_text()
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def only(found, **facts):
    """Return the one line that has these *facts*."""
    (line,) = [line for line in found if facts.items() <= line.items()]
    return line


def test_an_event_is_followed_through_the_log_files_by_ids_alone(stack):
    web, worker = lines(stack, "web"), lines(stack, "worker")
    assert only(web, request_id=REQUEST)["events_accepted"] == 2
    folds = [line for line in worker if line["message"] == "event_folded" and line["request_id"] == REQUEST]
    assert len(folds) == 2
    invoice = keys.digest("Invoice|W-1")
    order = keys.digest("Order|W-1")
    (fold,) = [line for line in folds if order in line["records"]]
    (departed,) = [line for line in worker if line["message"] == "flight_departed" and invoice in line["records"]]
    assert departed["time"] > fold["time"]
    answered = only(worker, message="xero_called", flight=departed["flight"])
    assert (answered["method"], answered["endpoint"], answered["status"]) == ("PUT", "Invoices", "200")
    assert answered["seconds"] >= 0
    text = (stack.logs / "web.log").read_text() + (stack.logs / "worker.log").read_text()
    assert [word for word in ("Ann", EMAIL, "W-1", "message-of-the-order") if word in text] == []


def trace(stack, name):
    said = segxero(stack.env, "trace", name, "--json")
    assert said.status == 0, said
    return {story["record"]: story for story in said.json}


def test_the_trace_tells_a_records_whole_story_in_the_order_of_time(stack):
    told, story = trace(stack, "W-1")["Order|W-1"], trace(stack, "W-1")["Invoice|W-1"]
    times = [float(entry["at"]) for entry in story["entries"]]
    assert times == sorted(times)
    folded, sent = told["entries"][0], story["entries"][-1]
    assert (folded["type"], folded["event"], folded["mapping"]) == ("track", "Order Completed", "order-completed")
    assert (folded["message"], folded["request"]) == ("message-of-the-order", REQUEST)
    assert folded["happened"] == "2025-03-03T09:01:00.000000"
    assert {"Total", "LineItems"} <= {name.partition("].")[2] for name in folded["set"]}
    assert "Booked" in story["entries"][0]["set"]
    assert (sent["disposition"], sent["answer"]) == ("delivered", "PUT: 200")
    assert len(sent["flight"]) == 32
    (invoice,) = stack.records()["Invoices"]
    assert story["link"] == f"https://go.xero.com/AccountsReceivable/View.aspx?InvoiceID={invoice['InvoiceID']}"


def test_a_later_event_says_which_fields_it_set(stack):
    story = trace(stack, "u1")["Contact|u1"]
    sets = {entry["request"]: entry["set"] for entry in story["entries"] if entry.get("mapping") == "identify"}
    assert "EmailAddress" in sets[REQUEST]
    assert [entry["disposition"] for entry in story["entries"] if "disposition" in entry] == ["delivered", "delivered"]


@pytest.mark.parametrize(
    ("name", "records"),
    [
        (EMAIL.upper(), {"Contact|u1"}),
        ("message-of-the-order", {"Contact|u1", "Order|W-1"}),
        (REQUEST, {"Contact|u1", "Order|W-1"}),
        (keys.digest("Invoice|W-1"), {"Invoice|W-1"}),
    ],
)
def test_a_record_is_found_by_any_of_its_names(stack, name, records):
    assert trace(stack, name).keys() == records


def test_a_record_is_found_by_its_xero_id(stack):
    (contact,) = stack.records()["Contacts"]
    story = trace(stack, contact["ContactID"])["Contact|u1"]
    assert story["link"] == f"https://go.xero.com/Contacts/View/{contact['ContactID']}"


def test_a_dead_letter_is_part_of_the_story_also_where_no_record_is(stack):
    body = [{"type": "odd", "messageId": "unreadable"}, order("W-2", "u1", at=3, products=[])]
    assert stack.post(body).status_code == 200
    stack.settle()
    parked = segxero(stack.env, "trace", "W-2").out
    assert "came without products" in parked
    letter = segxero(stack.env, "trace", "unreadable")
    assert (letter.status, "InvalidEventError" in letter.out) == (0, True)
    nobody = segxero(stack.env, "trace", "nobody")
    assert (nobody.status, nobody.out.startswith("No record has this name")) == (1, True)


def test_the_figures_of_all_processes_are_there_and_only_grow(stack):
    before, growing = stack.first_metrics
    after, _ = metrics(stack)
    assert {key for key, value in before.items() if key[0] in growing and after[key] < value} == set()
    assert after["segxero_events_total", ("disposition", "accepted")] >= 3
    assert after["segxero_records_total", ("disposition", "delivered"), ("queue", "invoices")] == 1
    assert after["segxero_delivery_seconds_count", ("queue", "invoices")] == 1
    assert after["segxero_batch_records_bucket", ("le", "1"), ("queue", "invoices")] == 1
    assert after["segxero_redis_append_only",] == 1
    assert 0 < after["segxero_token_age_seconds",] < 600
    assert 900 < after["segxero_calls_left", ("organisation", "main"), ("window", "day")] < 1000
    assert within(20, lambda: metrics(stack)[0].get(("segxero_alerts_open", ("cause", "parked"))) == 1)


def test_a_story_is_bounded(stack):
    story = keys.trace("main", "Contact|u9")
    for number in range(60):
        assert stack.post(identify("u9", at=number, name="Ny")).status_code == 200
    stack.settle()
    entries = [jsontext.loads(text) for text in stack.store.lrange(story, 0, -1)]
    assert len(entries) == 50
    assert 89 * 86_400 < stack.store.ttl(story) <= 90 * 86_400
