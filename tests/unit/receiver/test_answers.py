"""What every answer has in common, and that faults of ours show nothing."""

import json
import logging
import re
from collections.abc import Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient

from segxero.mapping.model import MappingSet
from segxero.mapping.names import NO_NAMES, Names
from segxero.receiver import create_app
from tests.support.segment.calls import an_event, signed, written
from tests.support.set_ups.fake_services import make_services

PATH = "/webhooks/segment"


class FaultyMappings(MappingSet):
    """Mappings with a fault that nobody foresaw."""

    def wants(self, event: Mapping[str, Any], names: Names = NO_NAMES) -> bool:
        raise ZeroDivisionError("a secret in a message")


@pytest.fixture
def client() -> FlaskClient:
    return create_app(make_services()).test_client()


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", PATH, "/metrics", "/sign-in", "/static/segxero.css"])
@pytest.mark.parametrize("base", ["http://localhost", "https://shop.example"])
@pytest.mark.parametrize("password", ["", "a password"])
def test_every_answer_has_the_security_headers(path, base, password):
    client = create_app(make_services(SEGXERO_PASSWORD=password)).test_client()
    with client.get(path, base_url=base) as answer:
        headers = answer.headers
    of_the_content = re.compile(
        "Accept-Ranges|Allow|Content-(Disposition|Length|Type)|Date|ETag|Last-Modified|WWW-.*|X-Request-Id"
    )
    assert {name: value for name, value in headers.items() if not of_the_content.fullmatch(name)} == {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self' https://login.xero.com; "
        "base-uri 'none'; frame-ancestors 'none'",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        **({"Strict-Transport-Security": "max-age=31536000"} if base.startswith("https") else {}),
    }


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
