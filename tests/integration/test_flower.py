import base64
import json
import os
import socket
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import redis

from segxero.processes import Program, Supervisor
from segxero.processes.broker import EmbeddedBroker
from tests.support.processes.waiting import within

ROOT = Path(__file__).parents[2]
OUTBOX = "segxero:outbox:shop:contacts"
PASSWORD = "correct horse, bättery"
QUEUES = [
    "contacts",
    "credit_notes",
    "events",
    "history",
    "invoices",
    "items",
    "payments",
    "schedule",
    "tracking",
    "write_back",
]
APP = f"""
import os
from celery import Celery
from kombu import Queue
app = Celery("shop", broker=os.environ["REDIS_URL"])
app.conf.task_queues = [Queue(name) for name in {QUEUES!r}]
"""


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with EmbeddedBroker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture(scope="module")
def flower(broker, tmp_path_factory):
    """The address of a Flower that watches an app with our queues, without any worker, and has seen one outbox."""
    directory = tmp_path_factory.mktemp("flower")
    (directory / "shop.py").write_text(APP)
    port = free_port()
    with Supervisor([program(directory, port, broker.url, PASSWORD)], logs=directory) as supervisor:
        address = f"http://127.0.0.1:{port}"
        assert within(20, lambda: answers(address)), supervisor.log("flower").read_text()
        with redis.Redis.from_url(broker.url) as client:
            client.zadd(OUTBOX, {"Contact|u1": 1})
            assert lengths(address)[OUTBOX] == 1
            client.flushdb()
        yield address


@pytest.fixture
def client(broker):
    with redis.Redis.from_url(broker.url) as client:
        yield client
        client.flushdb()


def program(directory, port, redis_url, password):
    config = ROOT / "docker" / "flowerconfig.py"
    argv = ("celery", "-A", "shop", "flower", f"--conf={config}", f"--port={port}", "--address=127.0.0.1")
    path = os.pathsep.join([str(directory), str(ROOT)])
    env = {**os.environ, "PYTHONPATH": path, "REDIS_URL": redis_url, "SEGXERO_PASSWORD": password}
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return Program(name="flower", argv=argv, env=env, cwd=directory)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(address):
    try:
        return fetch(f"{address}/healthcheck", password=None) == (200, "OK")
    except OSError:
        return False


def fetch(url, password=PASSWORD):
    status, text, _ = ask(url, password)
    return status, text


def ask(url, password=PASSWORD, user="segxero", **headers):
    """Return status, body and headers of an answer."""
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    if password:
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), error.headers


def lengths(address):
    _, body = fetch(f"{address}/api/queues/length")
    return {row["name"]: row["messages"] for row in json.loads(body)["active_queues"]}


@pytest.mark.parametrize("path", ["/", "/broker", "/tasks", "/api/queues/length", "/api/workers", "/metrics"])
@pytest.mark.parametrize("password", [None, "wrong"])
def test_flower_is_closed_without_the_password(flower, path, password):
    assert fetch(flower + path, password)[0] == 401


def test_every_queue_the_dead_letters_and_the_outboxes_are_listed_with_their_lengths(flower, client):
    client.lpush("invoices", "m1", "m2")
    client.lpush("dead_letters", "d1", "d2", "d3")
    client.zadd(OUTBOX, {"Contact|u1": 1, "Contact|u2": 2})

    assert lengths(flower) == {
        **dict.fromkeys(QUEUES, 0),
        "invoices": 2,
        "dead_letters": 3,
        OUTBOX: 2,
    }

    client.delete(OUTBOX)
    assert lengths(flower)[OUTBOX] == 0


def test_the_broker_page_and_the_metrics_show_the_same(flower, client):
    client.lpush("dead_letters", "d1", "d2", "d3")

    status, page = fetch(f"{flower}/broker")
    assert status == 200
    assert [name for name in (*QUEUES, "dead_letters") if f"<td>{name}</td>" not in page] == []
    _, metrics = fetch(f"{flower}/metrics")
    assert 'segxero_queue_messages{queue="dead_letters"} 3.0' in metrics.splitlines()
    assert 'segxero_queue_messages{queue="invoices"} 0.0' in metrics.splitlines()


def test_the_metrics_answer_without_lengths_while_redis_is_down(flower, broker):
    broker.kill()
    try:
        status, metrics = fetch(f"{flower}/metrics")
    finally:
        broker.restart()

    assert status == 200
    assert "segxero_queue_messages{" not in metrics


def test_wrong_passwords_are_counted_by_address(flower):
    def answer(client, password):
        status, _, headers = ask(f"{flower}/api/workers", password, X_Forwarded_For=f"10.9.8.7, {client}")
        return status, headers["Retry-After"]

    wrong = [answer("198.51.100.7", "wröng") for _ in range(50)]
    assert [status for status, _ in wrong] == [401] * 10 + [429] * 40
    assert 890 < int(wrong[-1][1]) <= 900
    assert answer("198.51.100.7", PASSWORD)[0] == 429
    assert answer("198.51.100.8", PASSWORD) == (200, None)


def test_another_user_is_not_let_in(flower):
    assert ask(f"{flower}/api/workers", user="admin")[0] == 401


@pytest.mark.parametrize("authorization", ["", "Basic", "Basic !", "Bearer abc", "Basic 4pyT", "a b c"])
def test_what_is_no_password_is_asked_for_one(flower, authorization):
    status, _, headers = ask(f"{flower}/workers", None, Authorization=authorization)
    assert (status, headers["WWW-Authenticate"]) == (401, 'Basic realm="flower"')


def test_plain_http_is_for_this_machine_only_and_the_proxy_in_front_says_what_is_https(flower):
    assert ask(f"{flower}/api/workers", Host="flower.example")[0] == 403
    assert ask(f"{flower}/api/workers", Host="[::1]:5555")[0] == 200
    status, _, headers = ask(f"{flower}/workers", Host="flower.example", X_Forwarded_Proto="https")
    assert (status, headers["Strict-Transport-Security"]) == (200, "max-age=31536000")
    assert {"Secure", "SameSite=Strict"} <= set(headers["Set-Cookie"].split("; "))


def test_by_http_its_cookie_is_not_secure_but_strict_and_the_answer_has_the_security_headers(flower):
    status, _, headers = ask(f"{flower}/workers")
    cookie = headers["Set-Cookie"]
    assert (status, cookie.startswith("_xsrf="), "Secure" in cookie, "SameSite=Strict" in cookie) == (
        200,
        True,
        False,
        True,
    )
    assert "Strict-Transport-Security" not in headers
    assert (headers["X-Frame-Options"], headers["Cache-Control"]) == ("DENY", "no-store")


def test_flower_does_not_start_without_a_password(broker, tmp_path):
    (tmp_path / "shop.py").write_text(APP)
    with Supervisor([program(tmp_path, free_port(), broker.url, "")], logs=tmp_path) as supervisor:
        assert within(20, lambda: "[ended with status 1;" in supervisor.log("flower").read_text())

    said = supervisor.log("flower").read_text()
    assert said.startswith("Flower can stop workers and is closed: set SEGXERO_PASSWORD")
