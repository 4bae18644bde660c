"""What every answer has in common, and that faults of ours show nothing."""

import json
import logging
import re
from collections.abc import Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient

from segxero.mapping.model import MappingSet
from segxero.receiver import create_app
from tests.support.fake_services import make_services
from tests.support.segment_calls import an_event, signed, written

PATH = "/webhooks/segment"


class FaultyMappings(MappingSet):
    """Mappings with a fault that nobody foresaw."""

    def wants(self, event: Mapping[str, Any]) -> bool:
        raise ZeroDivisionError("a secret in a message")


@pytest.fixture
def client() -> FlaskClient:
    return create_app(make_services()).test_client()


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", PATH, "/metrics"])
def test_every_answer_has_the_security_headers(client, path):
    headers = client.get(path).headers
    assert {name: headers[name] for name in ("Cache-Control", "X-Content-Type-Options", "X-Frame-Options")} == {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Server" not in headers


def test_a_given_request_id_is_answered(client):
    assert client.get("/healthz", headers={"X-Request-Id": "abc-123"}).headers["X-Request-Id"] == "abc-123"


@pytest.mark.parametrize("given", ["", "two words", "x" * 129, "ä"])
def test_a_request_id_is_made_when_none_is_usable(client, given):
    headers = {"X-Request-Id": given}
    assert re.fullmatch("[0-9a-f]{32}", client.get("/healthz", headers=headers).headers["X-Request-Id"])


def test_errors_are_json(client):
    got = client.get("/nowhere")
    assert (got.status_code, got.content_type) == (404, "application/json")
    assert got.json.keys() == {"message"}


def test_one_log_line_tells_ids_and_counts_but_no_content(client, caplog):
    caplog.set_level(logging.INFO)
    raw = written([an_event(), an_event(type="page")])
    client.post(PATH, data=raw, headers={**signed(raw), "X-Request-Id": "r1"})
    (record,) = caplog.records
    facts = vars(record)
    assert (record.message, facts["request_id"], facts["status"]) == ("request answered", "r1", 200)
    assert (facts["events_accepted"], facts["events_ignored"], facts["events_rejected"]) == (1, 1, 0)
    assert "u1" not in json.dumps(facts, default=str)


def test_a_fault_of_ours_is_500_and_shows_nothing(caplog):
    services = make_services(FaultyMappings(mappings=(), tables={}, organisations={}, version="1"))
    raw = written(an_event())
    got = create_app(services).test_client().post(PATH, data=raw, headers=signed(raw))
    assert (got.status_code, got.content_type) == (500, "application/json")
    assert "ZeroDivision" not in got.text
    assert "secret" not in got.text
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ZeroDivisionError]
