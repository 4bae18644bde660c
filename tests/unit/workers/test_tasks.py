"""The tasks of all queues, from a message in Redis to what reaches Xero over HTTP."""

import json
import logging
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from segxero.store import formats, keys
from segxero.sync.folding.inbox import Arrival, arrival_id
from segxero.sync.records.record import load
from segxero.sync.waiting.breaker import FIRST_SECONDS, JITTER
from segxero.xero.api.budget import Limits
from tests.support.processes.celery_worker import handle_next, waiting
from tests.support.processes.http_server import Answer
from tests.support.set_ups.core import identify, order_completed
from workers.app import app

ORG = "main"


def arrive(wired, *events):
    """Accept *events* as the receiver does; text stands for an event that cannot be read."""
    arrivals = []
    for number, event in enumerate(events):
        message_id = f"m{number}" if isinstance(event, str) else event.get("messageId", f"m{number}")
        arrivals.append(
            Arrival(
                id=arrival_id("webhook", message_id),
                organisation=ORG,
                endpoint="webhook",
                message_id=message_id,
                received_at=datetime.now(UTC),
                event=event if isinstance(event, str) else json.dumps(event),
            )
        )
    wired.inbox.accept(arrivals)
    return arrivals


def handle_events(redis_url, number=1):
    return [handle_next(app, redis_url, "events") for _ in range(number)]


def record(wired, ref):
    return load(wired.redis, ORG, [ref])[ref]


def hold(wired, queue="contacts"):
    return wired.gate.pause_seconds(ORG, queue)


def test_an_event_that_a_newer_version_kept_stays_in_the_inbox_for_it(wired, xero, redis_url):
    (arrival,) = arrive(wired, identify("u1", name="Ann Lee"))
    newer = json.dumps({**json.loads(arrival.to_json()), "format": formats.FORMAT + 1, "what_is_new": "x"})
    wired.redis.hset(keys.INBOX, arrival.id, newer)
    assert [handled.state for handled in handle_events(redis_url)] == ["ACK"]
    assert wired.redis.hgetall(keys.INBOX) == {arrival.id: newer}
    assert (list(wired.dead_letters), wired.redis.exists(keys.record(ORG, "Contact|u1"))) == ([], 0)


def test_a_message_of_a_newer_version_with_more_arguments_becomes_a_dead_letter(wired, xero, redis_url):
    app.send_task("workers.events.handle", ("a1", "what is new"), queue="events")
    handle_events(redis_url)
    (letter,) = wired.dead_letters
    assert (letter.queue, letter.error, letter.key) == ("events", "TypeError", "a1 what is new")
    assert wired.redis.llen("events") == 0


def test_an_event_of_the_oldest_form_is_understood(wired, xero, redis_url):
    (arrival,) = arrive(wired, identify("u1", name="Ann Lee"))
    younger = ("request_id", "historical")
    oldest = {name: value for name, value in json.loads(arrival.to_json()).items() if name not in younger}
    wired.redis.hset(keys.INBOX, arrival.id, json.dumps(oldest))
    assert [handled.state for handled in handle_events(redis_url)] == ["ACK"]
    assert record(wired, "Contact|u1").fields["Name"] == "Ann Lee"


def test_an_event_reaches_xero(wired, xero, redis_url):
    arrive(wired, identify("u1", name="Ann Lee", email="ann@example.com"))
    assert [handled.state for handled in handle_events(redis_url)] == ["ACK"]
    handled = handle_next(app, redis_url, "contacts")
    assert (handled.task, handled.args, handled.state) == ("workers.contacts.deliver", [ORG], "ACK")
    assert [contact["Name"] for contact in xero.echo.contacts] == ["Ann Lee"]
    assert record(wired, "Contact|u1").disposition == "delivered"
    counts = wired.counts.all()
    assert counts.pop("delivery_seconds|contacts|sum") < 60_000
    assert counts == {
        "events|accepted": 1,
        "events|folded": 1,
        "batch_records|contacts|1": 1,
        "batch_records|contacts|sum": 1000,
        "calls|main|read|200": 1,
        "calls|main|write|200": 1,
        "delivery_seconds|contacts|1": 1,
        "records|contacts|delivered": 1,
    }


def test_nothing_leaks_no_personal_data_stands_in_a_message(wired, redis_store, redis_url):
    arrive(wired, identify("ann@example.com", name="Ann Lee", email="ann@example.com"))
    handle_events(redis_url)
    for queue in ("events", "contacts"):
        for text in redis_store.lrange(queue, 0, -1):
            assert "ann@example.com" not in text
            assert "Ann" not in text


def test_the_message_of_an_event_that_was_folded_before_is_harmless(wired, redis_store, redis_url):
    (arrival,) = arrive(wired, identify("u1", name="Ann"))
    redis_store.lpush("events", wired.messages.event(arrival.id))
    first, second = handle_events(redis_url, 2)
    assert (first.state, second.state) == ("ACK", "ACK")
    assert wired.inbox.waiting(ORG) == 0
    assert wired.counts.all()["events|folded"] == 1


@pytest.mark.parametrize(
    ("event", "error", "message"),
    [
        ("{not json", "JSONDecodeError", "Expecting property name"),
        ('{"userId":"u1"}', "InvalidEventError", "The event cannot be read: type is missing."),
        (
            json.dumps(order_completed("", "u1")),
            "MappingError",
            "Mapping order-completed (invoices.yaml:",
        ),
    ],
)
def test_an_event_that_breaks_is_a_dead_letter_and_harms_no_other(wired, redis_url, event, error, message):
    arrive(wired, event, identify("u2", name="Bob"))
    assert [handled.state for handled in handle_events(redis_url, 2)] == ["ACK", "ACK"]
    (letter,) = wired.dead_letters
    assert letter.error == error
    assert letter.message.startswith(message)
    assert letter.events == (event,)
    assert (letter.queue, letter.organisation, letter.key) == ("events", ORG, "m0")
    assert wired.inbox.waiting(ORG) == 0
    assert record(wired, "Contact|u2").fields == {"Name": "Bob"}


def test_the_same_bad_event_sent_twice_makes_one_letter(wired, redis_url):
    for _ in range(2):
        arrive(wired, '{"userId":"u1"}')
        assert [handled.state for handled in handle_events(redis_url)] == ["ACK"]
    (letter,) = wired.dead_letters
    assert (letter.key, letter.error) == ("m0", "InvalidEventError")


def test_the_next_step_says_whether_the_event_or_segxero_is_to_be_repaired(wired, redis_url):
    arrive(wired, '{"userId":"u1"}', "{not json")
    handle_events(redis_url, 2)
    ours, theirs = wired.dead_letters
    assert theirs.next_step == "correct the event's source or the mapping, then replay"
    assert theirs.traceback == ""
    assert ours.next_step == "this is a fault of segxero: keep the traceback, upgrade, then replay"
    assert "JSONDecodeError" in ours.traceback


def deliver_failing(wired, redis_url, xero, answer, user="u1"):
    """Let a contact be due, and its delivery meet *answer*."""
    arrive(wired, identify(user, name="Ann"))
    handle_events(redis_url)
    xero.next_answer = answer
    handled = handle_next(app, redis_url, "contacts")
    assert handled.state == "ACK"
    return handled


def eta(message):
    return (datetime.fromisoformat(message.headers["eta"]) - datetime.now(UTC)).total_seconds()


def test_a_refused_call_is_retried_by_celery_never_before_retry_after(wired, xero, redis_url):
    minute = Answer(status=429, headers={"Retry-After": "26", "X-Rate-Limit-Problem": "minute"})
    deliver_failing(wired, redis_url, xero, minute)
    (message,) = waiting(redis_url, "contacts")
    assert message.headers["retries"] == 1
    assert 24 < eta(message) <= 26
    assert 24 < hold(wired) <= 26
    assert wired.outbox.waiting(ORG, "contacts") == 1
    assert wired.breaker.find_outage(ORG) is None


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=503, body="The Xero API is currently offline for maintenance"),
        Answer(status=500, body="{}"),
        Answer(drop=True),
    ],
    ids=["maintenance", "500", "reset"],
)
def test_a_call_that_met_an_outage_is_retried_by_celery_when_the_breaker_lets_it(wired, xero, redis_url, answer):
    deliver_failing(wired, redis_url, xero, answer)
    (message,) = waiting(redis_url, "contacts")
    assert message.headers["retries"] == 1
    assert FIRST_SECONDS * (1 - JITTER) - 1 < eta(message) <= FIRST_SECONDS * (1 + JITTER)
    assert 0 < wired.breaker.wait_seconds(ORG, "contacts") <= FIRST_SECONDS * (1 + JITTER)
    assert hold(wired) == 0
    assert len(wired.dead_letters) == 0
    assert wired.outbox.waiting(ORG, "contacts") == 1


def test_the_retry_delivers_when_xero_is_back(wired, xero, redis_store, redis_url):
    deliver_failing(wired, redis_url, xero, Answer(status=503, body="temporarily unavailable"))
    xero.next_answer = None
    redis_store.hset(keys.breaker(ORG), mapping={"probe_at": 0, "rests:contacts": 0})
    handled = handle_next(app, redis_url, "contacts")
    assert handled.headers["retries"] == 1
    assert record(wired, "Contact|u1").disposition == "delivered"
    assert record(wired, "Contact|u1").attempts == 0
    assert wired.breaker.find_outage(ORG) is None


def test_an_organisation_that_is_offline_is_asked_again_by_the_schedule(wired, xero, redis_store, redis_url):
    deliver_failing(wired, redis_url, xero, Answer(status=503, body="The Organisation is offline"))
    assert waiting(redis_url, "contacts") == []
    assert wired.breaker.wait_seconds(ORG, "contacts") == pytest.approx(300, abs=2)
    wake(redis_url)
    assert waiting(redis_url, "contacts") == []
    redis_store.hset(keys.breaker(ORG), mapping={"probe_at": 0, "rests:contacts": 0})
    wake(redis_url)
    assert len(waiting(redis_url, "contacts")) == 1


def test_a_wait_of_hours_is_kept_in_redis_and_not_in_a_message(wired, xero, redis_url):
    deliver_failing(
        wired, redis_url, xero, Answer(status=429, headers={"Retry-After": "66975", "X-Rate-Limit-Problem": "day"})
    )
    assert waiting(redis_url, "contacts") == []
    assert hold(wired) == pytest.approx(66_975, abs=5)
    assert wired.outbox.waiting(ORG, "contacts") == 1


@pytest.mark.parametrize(
    ("answer", "refused_token"),
    [
        (Answer(status=403, body={"Detail": "AuthenticationUnsuccessful"}), False),
        (Answer(status=401, body={"Detail": "AuthorizationUnsuccessful"}), False),
        (None, True),
    ],
)
def test_a_connection_that_is_gone_pauses_the_queue_and_calls_a_person(
    wired, xero, redis_url, caplog, answer, refused_token
):
    if refused_token:
        xero.tokens.next_answer = Answer(
            status=400, body={"error": "invalid_client"}, headers={"Content-Type": "application/json"}
        )
    with caplog.at_level(logging.ERROR, "segxero.telemetry.alerts"):
        deliver_failing(wired, redis_url, xero, answer)
    assert hold(wired) == pytest.approx(300, abs=2)
    assert waiting(redis_url, "contacts") == []
    assert len(wired.dead_letters) == 0
    assert record(wired, "Contact|u1").disposition == "pending"
    (alert,) = [entry.alert for entry in caplog.records if hasattr(entry, "alert")]
    assert (alert["cause"], alert["organisation"]) == ("reconnect", ORG)


def test_without_budget_the_turn_comes_again_when_there_is_a_call(wired, redis_store, redis_url):
    for _ in range(60):
        wired.budget.observe(ORG, wired.budget.acquire(ORG), Limits())
    arrive(wired, identify("u1", name="Ann"))
    handle_events(redis_url)
    assert handle_next(app, redis_url, "contacts").state == "ACK"
    (message,) = waiting(redis_url, "contacts")
    assert message.headers["retries"] == 0
    assert message.headers["eta"]
    assert hold(wired) == 0
    assert not wired.wakes.wake(ORG, "contacts")  # it is announced already


def test_while_the_queue_rests_nobody_calls_xero(wired, xero, redis_url):
    wired.gate.pause(ORG, "contacts", 30, "Xero asks for it")
    arrive(wired, identify("u1", name="Ann"))
    handle_events(redis_url)
    handle_next(app, redis_url, "contacts")
    assert xero.echo.calls == []
    assert len(waiting(redis_url, "contacts")) == 1


def test_more_than_one_call_goes_to_the_end_of_the_queue(wired, xero, redis_url):
    arrive(wired, *(identify(f"u{number}", name=f"Ann {number}") for number in range(51)))
    handle_events(redis_url, 51)
    handle_next(app, redis_url, "contacts")
    assert len(xero.echo.contacts) == 50
    handle_next(app, redis_url, "contacts")
    assert len(xero.echo.contacts) == 51
    assert waiting(redis_url, "contacts") == []


def test_an_event_that_nobody_can_book_makes_one_letter_however_often_segment_sends_it(wired, xero, redis_url):
    for _ in range(2):
        arrive(wired, {"type": "group", "messageId": "m1", "traits": {}})
        handle_events(redis_url)
    (letter,) = wired.dead_letters
    assert letter.key == "m1"


def test_a_replay_that_fails_again_leaves_its_letter_however_fast_the_worker_is(wired, xero, redis_url):
    arrive(wired, {"type": "group", "messageId": "m1", "traits": {}})
    handle_events(redis_url)
    for _ in range(2):
        (letter,) = wired.dead_letters
        # The worker buries the event again before the replay has taken the old letter away.
        wired.inbox.accept([wired.replay._arrival(letter, letter.events[0])])
        handle_events(redis_url)
        wired.dead_letters.remove(letter)
    assert [letter.key for letter in wired.dead_letters] == ["m1"]


def test_a_fault_of_ours_in_a_turn_buries_the_records_once(wired, xero, redis_url):
    # Xero's answer is JSON, but no element looks as it should.
    deliver_failing(wired, redis_url, xero, Answer(body={"Contacts": ["text"]}))
    letters = list(wired.dead_letters)
    assert [letter.key for letter in letters] == ["u1"]
    assert wired.outbox.waiting(ORG, "contacts") == 0


def test_a_fault_that_has_nothing_to_do_with_a_record_is_a_dead_letter_and_a_rest(wired, redis_store, redis_url):
    # An organisation that was taken out of the mappings while its message was on its way.
    redis_store.lpush("contacts", wired.messages.deliver("contacts", "nobody"))
    assert handle_next(app, redis_url, "contacts").state == "ACK"
    (letter,) = wired.dead_letters
    assert (letter.error, letter.queue, letter.key) == ("KeyError", "contacts", "nobody")
    assert wired.gate.pause_seconds("nobody", "contacts") == pytest.approx(60, abs=2)


@pytest.mark.parametrize("queue", ["contacts", "tracking", "invoices"])
def test_each_queue_delivers_its_own_records(wired, xero, redis_url, queue):
    arrive(wired, order_completed("1001", affiliation="Web"))
    handle_events(redis_url)
    handle_next(app, redis_url, queue)
    made = {"contacts": xero.echo.contacts, "tracking": xero.echo.categories, "invoices": xero.echo.invoices}
    assert [name for name, found in made.items() if found] == ([] if queue == "invoices" else [queue])
    assert wired.outbox.parked(ORG, "invoices") == (1 if queue == "invoices" else 0)


def wake(redis_url):
    app.tasks["workers.schedule.wake"].apply_async()
    return handle_next(app, redis_url, "schedule")


def test_the_schedule_wakes_a_queue_whose_message_was_lost(wired, redis_store, redis_url):
    arrive(wired, identify("u1", name="Ann"))
    handle_events(redis_url)
    redis_store.delete("contacts", keys.awake(ORG, "contacts"))
    assert wake(redis_url).state == "ACK"
    assert [message.payload[0] for message in waiting(redis_url, "contacts")] == [[ORG]]
    assert waiting(redis_url, "invoices") == []


def test_the_schedule_does_not_wake_twice(wired, redis_url):
    arrive(wired, identify("u1", name="Ann"))
    handle_events(redis_url)
    for _ in range(3):
        wake(redis_url)
    assert len(waiting(redis_url, "contacts")) == 1


def test_the_schedule_wakes_an_event_whose_message_was_lost(wired, redis_store, redis_url):
    (arrival,) = arrive(wired, identify("u1", name="Ann"))
    redis_store.delete("events")
    redis_store.zincrby(keys.INBOX_WOKEN, -60, arrival.id)
    wake(redis_url)
    assert [message.payload[0] for message in waiting(redis_url, "events")] == [[arrival.id]]


def test_the_schedule_leaves_a_resting_queue_alone(wired, redis_store, redis_url):
    arrive(wired, identify("u1", name="Ann"))
    handle_events(redis_url)
    redis_store.delete("contacts", keys.awake(ORG, "contacts"))
    wired.gate.pause(ORG, "contacts", 60, "Xero asks for it")
    wake(redis_url)
    assert waiting(redis_url, "contacts") == []


def test_the_schedule_frees_parked_records_once_after_the_mappings_changed(wired, redis_store, redis_url):
    arrive(wired, order_completed("1001"))
    handle_events(redis_url)
    handle_next(app, redis_url, "invoices")
    assert wired.outbox.parked(ORG, "invoices") == 1
    redis_store.delete("invoices")
    wake(redis_url)
    assert wired.outbox.parked(ORG, "invoices") == 0
    assert len(waiting(redis_url, "invoices")) == 1
    handle_next(app, redis_url, "invoices")
    wake(redis_url)
    assert wired.outbox.parked(ORG, "invoices") == 1


def test_the_schedule_buries_what_waits_in_vain(wired, redis_store, redis_url):
    arrive(wired, order_completed("1001"))
    handle_events(redis_url)
    redis_store.delete(keys.record(ORG, "Contact|u1"))
    handle_next(app, redis_url, "invoices")
    redis_store.zadd(keys.missing(ORG, "invoices"), {"Invoice|1001": 1})
    app.tasks["workers.schedule.expire"].apply_async()
    assert handle_next(app, redis_url, "schedule").state == "ACK"
    (letter,) = wired.dead_letters
    assert (letter.error, letter.key) == ("MissingError", "1001")


def test_a_custom_connection_needs_nothing_to_stay_connected(wired, wired_xero, redis_url):
    asked = len(wired_xero.tokens.asked)
    app.tasks["workers.schedule.stay_connected"].apply_async()
    assert handle_next(app, redis_url, "schedule").state == "ACK"
    assert len(wired_xero.tokens.asked) == asked


def test_wrong_set_up_never_starts_and_all_faults_are_told(tmp_path):
    program = "from workers.start import check; check()"
    environ = {"PATH": os.environ["PATH"], "SEGXERO_MAPPINGS": str(tmp_path / "none")}
    ended = subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        "The set-up has faults:",
        "XERO_CLIENT_ID: is not set; workers need it to call Xero",
        "XERO_CLIENT_SECRET: is not set; workers need it to call Xero",
        "SEGXERO_SECRET_KEY: is not set; workers need it to call Xero",
        f"{tmp_path / 'none'}: is not a directory",
    ]
