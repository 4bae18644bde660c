"""Who is let in: signature, bearer token, and what happens while secrets rotate."""

import logging

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.test import TestResponse

from segxero.errors import ConfigError
from segxero.receiver import create_app
from segxero.receiver.admission import Admission
from segxero.services import Services
from tests.support.segment.calls import SECRET, an_event, signed, written
from tests.support.set_ups.fake_services import make_services

PATH = "/webhooks/segment"
TOKEN = "a-random-bearer-token-ü"
EVENT = written(an_event())
BATCH = b"[" + EVENT + b"," + written(an_event(messageId="m2")) + b"]"


def client_with(**environment: str) -> tuple[FlaskClient, Services]:
    services = make_services(**environment)
    return create_app(services).test_client(), services


def status(client: FlaskClient, raw: bytes, headers: dict[str, str]) -> int:
    return client.post(PATH, data=raw, headers=headers).status_code


def message(got: TestResponse) -> str:
    return got.json["message"]


def bearer(token: str = TOKEN) -> dict[str, str]:
    return {"Authorization": f"Bearer {token.encode().decode('latin-1')}"}


BASIC = {"Authorization": bearer()["Authorization"].replace("Bearer", "Basic")}


@pytest.mark.parametrize("raw", [EVENT, BATCH])
@pytest.mark.parametrize("headers", [{}, {"X-Signature": ""}])
def test_no_signature_is_401(raw, headers):
    client, services = client_with()
    got = client.post(PATH, data=raw, headers=headers)
    assert (got.status_code, message(got)) == (
        401,
        "The X-Signature header is missing: set the shared secret in Segment too.",
    )
    assert services.redis.keys("*") == []


@pytest.mark.parametrize("given", ["0" * 40, "sha1=abc", "undefined", "é"])
@pytest.mark.parametrize("raw", [EVENT, BATCH])
def test_a_signature_that_matches_nothing_is_503_so_that_segment_comes_back(raw, given):
    client, services = client_with()
    got = client.post(PATH, data=raw, headers={"X-Signature": given})
    assert (got.status_code, message(got)) == (503, "The signature matches no shared secret configured here.")
    assert services.redis.keys("*") == ["segxero:alerts"]


def test_a_batch_signed_over_its_second_event_is_503():
    client, _ = client_with()
    assert status(client, BATCH, signed(written(an_event(messageId="m2")))) == 503


@pytest.mark.parametrize("secret", ["old", "new"])
def test_both_secrets_are_good_while_they_rotate(secret):
    client, _ = client_with(SEGMENT_SHARED_SECRET="new, old")
    assert status(client, BATCH, signed(EVENT, secret)) == 200


def test_without_a_secret_no_signature_is_asked_for():
    client, _ = client_with(SEGMENT_SHARED_SECRET="")
    assert status(client, BATCH, {}) == 200
    assert status(client, BATCH, {"X-Signature": "whatever"}) == 200


def test_an_upper_case_signature_is_good():
    client, _ = client_with()
    headers = signed(EVENT)
    assert status(client, EVENT, {"x-signature": headers["X-Signature"].upper()}) == 200


def test_a_body_that_is_not_json_is_400_whatever_its_signature():
    client, _ = client_with()
    assert status(client, b"hello", {"X-Signature": "0" * 40}) == 400


@pytest.mark.parametrize("raw", [EVENT, BATCH])
@pytest.mark.parametrize(
    "headers",
    [{}, bearer("wrong"), bearer(""), bearer("undefined"), {"Authorization": bearer()["Authorization"][7:]}, BASIC],
)
def test_a_configured_bearer_token_is_asked_of_every_call(raw, headers):
    client, services = client_with(SEGMENT_BEARER_TOKEN=TOKEN)
    got = client.post(PATH, data=raw, headers={**signed(EVENT), **headers})
    assert (got.status_code, message(got)) == (
        401,
        "The bearer token is missing or wrong: map the header Authorization: Bearer <SEGMENT_BEARER_TOKEN>.",
    )
    assert services.redis.keys("*") == []


@pytest.mark.parametrize("raw", [EVENT, BATCH])
def test_the_right_bearer_token_and_signature_are_let_in(raw):
    client, _ = client_with(SEGMENT_BEARER_TOKEN=TOKEN)
    assert status(client, raw, {**signed(EVENT), **bearer()}) == 200
    assert (
        status(client, raw, {**signed(EVENT), "Authorization": bearer()["Authorization"].replace("B", "b", 1)}) == 200
    )


def test_the_right_bearer_token_does_not_replace_the_signature():
    client, _ = client_with(SEGMENT_BEARER_TOKEN=TOKEN)
    assert status(client, EVENT, bearer()) == 401
    assert status(client, EVENT, {**bearer(), "X-Signature": "0" * 40}) == 503


def test_a_batch_signed_over_its_first_event_needs_the_bearer_token_when_the_setting_says_so():
    client, _ = client_with(SEGMENT_BEARER_TOKEN=TOKEN, SEGMENT_BATCH_NEEDS_BEARER="true")
    assert status(client, BATCH, signed(EVENT)) == 401
    assert status(client, BATCH, {**signed(EVENT), **bearer()}) == 200


def test_a_demanded_bearer_token_that_is_not_configured_stops_the_start():
    with pytest.raises(ConfigError) as caught:
        client_with(SEGMENT_BATCH_NEEDS_BEARER="true")
    assert str(caught.value) == (
        "The environment has faults:\nSEGMENT_BEARER_TOKEN: is not set, but SEGMENT_BATCH_NEEDS_BEARER asks for it"
    )


def test_a_mismatch_alerts_once_and_shows_neither_body_nor_secret(caplog):
    services = make_services()
    admission = Admission(services.settings, services.alerts)
    for _ in range(3):
        with pytest.raises(ServiceUnavailable):
            admission.admit(Headers({"X-Signature": "0" * 40}), EVENT)
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    (told,) = services.alerts.open().values()
    assert (told.cause.kind, told.count) == ("signature", 3)
    assert caplog.messages[0] == (
        "A webhook call was signed with an unknown secret. Segment was asked to send it again. "
        "Set SEGMENT_SHARED_SECRET to the shared secret in Segment within four hours; "
        "during a rotation set the new and the old secret, separated by a comma."
    )
    assert SECRET not in caplog.text
    assert "u1" not in caplog.text
