"""A person is told once per cause, by the log, by Sentry and by the webhook; nobody is told anything of a person."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import redis
import sentry_sdk
from flask import Flask, request

from segxero.jsontext import dumps, loads
from segxero.settings import Settings
from segxero.store import keys
from segxero.store.client import connect
from segxero.telemetry import alerts as told
from segxero.telemetry import sentry
from segxero.telemetry.alerts import AGAIN_SECONDS, Alerts, Cause
from segxero.telemetry.hook import Hook
from tests.support.processes.http_server import Answer, HttpServer, Script, free_port
from tests.support.processes.sentry_ingest import PATH, SentryIngest, dsn

CAUSE = Cause(kind="dead-letters", organisation="main", object="Invoice", error="XeroValidationError", sentence="No …")
HOOK = "/hook/secret-part"
# Far from where it is used: an issue shows the lines of code around a fault.
PERSON = {"email": "person@example.org", "name": "Zyxomma"}
HEADERS = {"X-Signature": "the-signature", "Authorization": "Bearer the-token", "User-Agent": "Segment"}
HIDDEN = ("the-signature", "the-token", "person@example.org", "Zyxomma")


@pytest.fixture
def ingest() -> Iterator[SentryIngest]:
    kept = SentryIngest()
    with HttpServer({PATH: kept}) as server:
        settings = Settings.from_env({"SENTRY_DSN": dsn(server.url)})
        sentry.init(settings, "receiver", lambda _cause: True)
        yield kept
        sentry_sdk.get_client().close()
        sentry_sdk.get_global_scope().set_client(None)
        sentry_sdk.get_global_scope().clear()


@pytest.fixture
def alerts(redis_store) -> Alerts:
    return Alerts(redis_store)


def call(alerts, cause=CAUSE, **more):
    return alerts.call(cause, "3 dead letters.", "Replay them.", **more)


def lines(caplog):
    return [(record.levelno, record.message) for record in caplog.records if hasattr(record, "alert")]


def age(store, seconds, cause=CAUSE):
    """Let the alert be *seconds* older."""
    values = loads(store.hget(keys.ALERTS, cause.id))
    values["told_at"] -= seconds
    store.hset(keys.ALERTS, cause.id, dumps(values))


def test_without_a_dsn_sentry_is_left_alone():
    sentry.init(Settings.from_env({}), "receiver", lambda _cause: True)
    assert not sentry_sdk.is_initialized()


def test_an_alert_is_an_error_line_with_its_next_step(alerts, caplog):
    assert call(alerts, count=3)
    assert lines(caplog) == [(logging.ERROR, "3 dead letters. Replay them.")]
    facts = {"cause": "dead-letters", "organisation": "main", "object": "Invoice", "count": 3}
    assert caplog.records[0].alert == facts


def test_a_cause_is_told_once_and_again_after_an_hour_only_if_it_grew(alerts, redis_store, caplog):
    assert [call(alerts, count=3), call(alerts, count=4)] == [True, False]
    age(redis_store, AGAIN_SECONDS - 5)
    assert not call(alerts, count=5)
    age(redis_store, 5)
    assert not call(alerts, count=3)
    assert call(alerts, count=5)
    assert not call(alerts, count=6)
    assert [record.alert["count"] for record in caplog.records] == [3, 5]


@pytest.mark.parametrize(
    "change", [{"organisation": "b"}, {"object": "Contact"}, {"error": "MappingError"}, {"sentence": "Other"}]
)
def test_another_cause_is_told_for_itself(alerts, change):
    assert call(alerts)
    other = replace(CAUSE, **change)
    assert call(alerts, other)
    assert other.fingerprint != CAUSE.fingerprint
    assert len(alerts.open()) == 2


def test_of_many_processes_one_tells_it_and_one_says_that_it_is_over(redis_url, redis_store):
    own = [Alerts(connect(redis_url)) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(call, own)) == 1
        (open_alert,) = own[0].open().values()
        assert (open_alert.cause, open_alert.count) == (CAUSE, 8)
        assert sum(pool.map(lambda one: one.recovered(open_alert), own)) == 1
    assert redis_store.hgetall(keys.ALERTS) == {}
    for one in own:
        one._redis.close()


def test_without_redis_a_process_tells_it_once_an_hour_and_does_not_fail(caplog):
    now = [0.0]
    store = connect(f"redis://127.0.0.1:{free_port()}/0")
    alerts = Alerts(store, clock=lambda: now[0])
    assert [call(alerts), call(alerts)] == [True, False]
    now[0] = AGAIN_SECONDS
    assert call(alerts)
    assert len(lines(caplog)) == 2
    with pytest.raises(redis.ConnectionError):
        alerts.open()
    store.close()


def test_an_alert_is_one_issue_in_sentry_and_so_is_its_end(alerts, ingest):
    call(alerts)
    call(alerts)
    alerts.recovered(alerts.open()[CAUSE.id])
    sentry_sdk.flush(5)
    assert ingest.said() == [("error", "3 dead letters."), ("info", "Works again: 3 dead letters.")]
    first, second = ingest.events
    assert first["fingerprint"] == second["fingerprint"]
    assert first["fingerprint"] == ["segxero", "main", "Invoice", "XeroValidationError", "No …"]
    tags = {"cause": "dead-letters", "organisation": "main", "object": "Invoice", "component": "receiver"}
    assert first["tags"] == tags
    assert first["contexts"]["next step"] == {"sentence": "Replay them."}


def test_ordinary_error_lines_do_not_reach_sentry(ingest):
    logging.getLogger("segxero.x").error("only a line")
    sentry_sdk.flush(5)
    assert ingest.texts == []


def test_an_unexpected_exception_reaches_sentry_without_body_secrets_texts_or_variables(ingest):
    app = Flask("app")

    @app.post("/<path>")
    def fail(path: str) -> str:
        logging.getLogger("x").warning("seen %s", request.json)
        raise ZeroDivisionError(request.json) from KeyError(PERSON["name"])

    app.test_client().post(f"/here?email={PERSON['email']}", json=PERSON, headers=HEADERS)
    sentry_sdk.flush(5)
    (event,) = ingest.events
    assert [value["type"] for value in event["exception"]["values"]] == ["KeyError", "ZeroDivisionError"]
    assert event["exception"]["values"][1]["stacktrace"]["frames"][-1]["function"] == "fail"
    assert event["fingerprint"] == told.fault("receiver", "ZeroDivisionError").fingerprint
    assert event["request"]["headers"]["User-Agent"] == "Segment"
    assert [text for text in HIDDEN if text in "".join(ingest.texts)] == []


def test_an_exception_that_comes_again_and_again_is_one_event_and_names_its_queue(alerts):
    values = [{"type": "KeyError", "value": "Zyxomma"}]
    event = {"exception": {"values": values}, "transaction": "workers.contacts.deliver"}
    first = sentry.scrub(event, "worker", alerts.admits)
    assert first["fingerprint"] == told.fault("contacts", "KeyError").fingerprint
    assert first["exception"]["values"] == [{"type": "KeyError", "value": ""}]
    assert sentry.scrub({**event}, "worker", alerts.admits) is None


def test_the_webhook_gets_the_same_texts_as_slack_takes_them(redis_store):
    answers = Script(Answer())
    with HttpServer({HOOK: answers}) as server:
        hook = Hook(server.url + HOOK)
        alerts = Alerts(redis_store, hook)
        call(alerts)
        alerts.recovered(alerts.open()[CAUSE.id])
        hook.close()
        assert [received.json for received in server.requests(HOOK)] == [
            {"text": "segxero (main): 3 dead letters. Replay them."},
            {"text": "segxero (main): Works again: 3 dead letters."},
        ]


@pytest.mark.parametrize(
    ("answer", "line", "facts"),
    [
        (Answer(status=500), "alert_hook_refused", {"status": 500}),
        (Answer(status=302, headers={"Location": "/elsewhere"}), "alert_hook_refused", {"status": 302}),
        (Answer(drop=True), "alert_hook_failed", {"error": "ConnectionError"}),
    ],
)
def test_a_webhook_that_fails_harms_nobody_and_its_address_stays_out_of_the_log(caplog, answer, line, facts):
    with HttpServer({HOOK: Script(answer)}) as server:
        hook = Hook(server.url + HOOK)
        hook.send("text")
        hook.close()
        (record,) = [record for record in caplog.records if record.name == "segxero.telemetry.hook"]
        assert record.message == line
        assert facts.items() <= vars(record).items()
        assert "secret-part" not in caplog.text
        assert len(server.received) == 1
