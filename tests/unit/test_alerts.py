"""Alerts reach the log always and Sentry when it is configured, without secrets."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
from flask import Flask, request
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from segxero import alerts
from segxero.settings import Settings

DSN = "https://public@sentry.example/1"
HEADERS = {"X-Signature": "the-signature", "Authorization": "Bearer the-token", "User-Agent": "Segment"}
PERSON = {"email": "person@example.org"}
HIDDEN = ("the-signature", "the-token", "person@example.org")


class RecordingTransport(Transport):
    """Keeps what Sentry would have got."""

    def __init__(self) -> None:
        super().__init__({"dsn": DSN})
        self.events: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        event = envelope.get_event()
        if event is not None:
            self.events.append(dict(event))


@pytest.fixture
def sentry() -> Iterator[RecordingTransport]:
    transport = RecordingTransport()
    alerts.init(Settings.from_env({"SENTRY_DSN": DSN}), "receiver", transport=transport)
    yield transport
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)
    sentry_sdk.get_global_scope().clear()


def test_without_a_dsn_sentry_is_left_alone():
    alerts.init(Settings.from_env({}), "receiver")
    assert not sentry_sdk.is_initialized()


def test_an_alert_is_an_error_line_with_its_next_step(caplog):
    alerts.alert("refresh-refused", "Xero refused the token.", "Run segxero connect.", organisation="main", queue="q")
    (record,) = caplog.records
    assert (record.levelno, record.message) == (logging.ERROR, "Xero refused the token. Run segxero connect.")
    assert vars(record)["alert"] == {"cause": "refresh-refused", "organisation": "main", "queue": "q"}


def test_an_alert_is_one_issue_for_its_cause_and_organisation(sentry):
    alerts.alert("refresh-refused", "Xero refused the token.", "Run segxero connect.", organisation="main", queue="q")
    (event,) = sentry.events
    assert (event["message"], event["level"]) == ("Xero refused the token.", "error")
    assert event["fingerprint"] == ["refresh-refused", "main"]
    assert event["tags"] == {"cause": "refresh-refused", "organisation": "main", "queue": "q", "component": "receiver"}
    assert event["contexts"]["next step"] == {"sentence": "Run segxero connect."}


def test_ordinary_error_lines_do_not_reach_sentry(sentry):
    logging.getLogger("segxero.x").error("only a line")
    assert sentry.events == []


def test_an_unexpected_exception_reaches_sentry_without_body_secrets_or_variables(sentry):
    app = Flask("app")

    @app.post("/")
    def fail() -> str:
        person = request.json
        raise ZeroDivisionError(len(person))

    app.test_client().post(f"/?email={PERSON['email']}", json=PERSON, headers=HEADERS)
    (event,) = sentry.events
    assert event["exception"]["values"][0]["type"] == "ZeroDivisionError"
    assert event["request"]["headers"]["User-Agent"] == "Segment"
    assert [text for text in HIDDEN if text in repr(event)] == []
