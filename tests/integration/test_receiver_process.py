"""The receiver as it runs in production: gunicorn in front, a real append-only Redis behind."""

import time

import pytest
import requests

from segxero.processes.broker import EmbeddedBroker
from tests.support.processes.receiver import ReceiverProcess
from tests.support.segment.calls import an_event, signed, written


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with EmbeddedBroker(tmp_path_factory.mktemp("broker")) as running:
        yield running


@pytest.fixture(scope="module")
def receiver(broker, tmp_path_factory):
    with ReceiverProcess(broker, tmp_path_factory.mktemp("gunicorn") / "log") as running:
        yield running


@pytest.fixture
def address(receiver):
    return receiver.url


def send(address: str, raw: bytes, over: bytes | None = None) -> requests.Response:
    headers = signed(raw if over is None else over)
    return requests.post(f"{address}/webhooks/segment", data=raw, headers=headers, allow_redirects=False, timeout=10)


def test_it_is_ready_and_its_redis_is_append_only(address):
    got = requests.get(f"{address}/readyz", timeout=10)
    assert (got.status_code, got.json()["append_only"], got.json()["warnings"]) == (200, True, [])


def test_four_thousand_events_are_acknowledged_in_one_go(address):
    events = [written(an_event(messageId=f"bulk-{n}")) for n in range(4000)]
    got = send(address, b"[" + b",".join(events) + b"]", over=events[0])
    assert (got.status_code, got.json()) == (200, {"accepted": 4000, "ignored": 0, "rejected": []})
    assert got.elapsed.total_seconds() < 3


def test_a_body_in_chunks_is_taken_and_one_over_sixteen_megabytes_refused(address):
    raw = written(an_event(messageId="chunked"))
    path, headers = f"{address}/webhooks/segment", signed(raw)
    assert requests.post(path, data=iter([raw[:9], raw[9:]]), headers=headers, timeout=10).json()["accepted"] == 1
    too_much = iter([b"x" * 1024 * 1024] * 17)
    assert requests.post(path, data=too_much, headers=headers, timeout=10).status_code == 413


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 900\r\n\r\n{}",
        b"Content-Length: -5\r\n\r\n{}",
        b"\r\n{}",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ],
)
def test_a_body_whose_length_lies_is_400(receiver, rest):
    start = b"POST /webhooks/segment HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Signature: 00\r\n"
    assert receiver.spoken(start + rest).partition(b"\r\n")[0].upper() == b"HTTP/1.1 400 BAD REQUEST"


def test_a_frozen_redis_is_503_within_three_seconds_and_200_when_it_goes_on(address, broker):
    raw = written(an_event(messageId="frozen"))
    broker.pause()
    try:
        started = time.monotonic()
        assert send(address, raw).status_code == 503
        assert time.monotonic() - started < 3
        assert requests.get(f"{address}/readyz", timeout=10).status_code == 503
        assert requests.get(f"{address}/healthz", timeout=10).status_code == 200
    finally:
        broker.resume()
    assert send(address, raw).status_code == 200


def test_a_killed_redis_is_503_at_once_and_200_when_it_is_back_with_what_it_had(address, broker):
    before, after = (written(an_event(messageId=name)) for name in ("before-the-kill", "after-the-kill"))
    assert send(address, before).status_code == 200
    broker.kill()
    started = time.monotonic()
    assert send(address, after).status_code == 503
    assert time.monotonic() - started < 3
    broker.restart()
    assert send(address, after).json() == {"accepted": 1, "ignored": 0, "rejected": []}
