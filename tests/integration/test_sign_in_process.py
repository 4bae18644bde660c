"""The sign-in behind proxies: the Procfile's gunicorn, two workers, asked from several addresses of this machine."""

import http.client
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from segxero.processes import Supervisor, free_port, programs
from tests.support.processes.waiting import within

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse, bättery"
TRUSTED, STRANGER = "127.0.0.1", "127.0.0.2"
BY_HTTPS = {"Host": "shop.example", "X-Forwarded-Proto": "https"}


@contextmanager
def receiver(redis_url, directory, **settings):
    """Run the Procfile's web process and give its port."""
    env = {
        "PORT": str(free_port()),
        "HOST": "0.0.0.0",
        "REDIS_URL": redis_url,
        "SEGXERO_PASSWORD": PASSWORD,
        "SEGXERO_MAPPINGS": str(ROOT / "mappings"),
        **settings,
    }
    with Supervisor(programs(ROOT / "Procfile", ["web"], env), logs=directory) as supervisor:
        port = int(env["PORT"])
        assert within(30, lambda: answers(port)), supervisor.log("web").read_text()
        yield port


def answers(port):
    try:
        return ask(port, "GET", "/healthz").status == 200
    except OSError:
        return False


def ask(port, method, path, *, peer=TRUSTED, body=None, headers=None):
    """Send a request from the address *peer* of this machine."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10, source_address=(peer, 0))
    try:
        form = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        connection.request(method, path, body, {"Host": "localhost", **form, **(headers or {})})
        answer = connection.getresponse()
        answer.read()
        return answer
    finally:
        connection.close()


def sign_in(port, password=PASSWORD, **options):
    return ask(port, "POST", "/sign-in", body=urlencode({"password": password}), **options)


@pytest.fixture(scope="module")
def port(redis_url, tmp_path_factory):
    with receiver(redis_url, tmp_path_factory.mktemp("logs")) as port:
        yield port


@pytest.fixture(autouse=True)
def store(redis_store):
    return redis_store


def test_behind_a_trusted_proxy_the_cookie_is_for_https_and_this_host_alone(port):
    answer = sign_in(port, headers=BY_HTTPS)
    name, _, value = answer.headers["Set-Cookie"].partition("=")
    assert (answer.status, answer.headers["Location"], name) == (303, "/console", "__Host-segxero")
    assert set(value.split("; ")[1:]) == {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"}
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    cookie = {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}
    assert ask(port, "GET", "/console", headers={**BY_HTTPS, **cookie}).status == 200
    assert ask(port, "GET", "/console", headers=BY_HTTPS).status == 303


def test_by_http_from_this_machine_the_cookie_works_without_https_and_nobody_is_sent_there(port):
    answer = sign_in(port)
    assert (answer.status, answer.headers["Set-Cookie"].startswith("segxero=")) == (303, True)
    assert "Secure" not in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" not in answer.headers
    cookie = {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}
    assert ask(port, "GET", "/console", headers=cookie).status == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_a_stranger_writes_into_proxy_headers_changes_nothing(port, store, method):
    spoofed = {
        **BY_HTTPS,
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Host": "localhost",
        "X-Forwarded-Ssl": "on",
        "X-Forwarded-Protocol": "ssl",
        "Forwarded": "for=127.0.0.1;proto=https;host=localhost",
        "X-Real-Ip": "127.0.0.1",
    }
    body = urlencode({"password": PASSWORD}) if method == "POST" else None
    answer = ask(port, method, "/sign-in", peer=STRANGER, body=body, headers=spoofed)
    assert (answer.status, answer.headers["Location"], answer.headers["Set-Cookie"]) == (403, None, None)
    assert "Strict-Transport-Security" not in answer.headers
    assert list(store.scan_iter()) == []


def test_the_host_that_a_proxy_forwards_is_not_believed(port):
    answer = sign_in(port, headers={"Host": "shop.example", "X-Forwarded-Host": "localhost"})
    assert answer.status == 403


def test_fifty_wrong_passwords_are_ten_over_all_workers_and_another_address_comes_in(port):
    def status(client, password, invented="10.0.0.1"):
        return sign_in(port, password, headers={**BY_HTTPS, "X-Forwarded-For": f"{invented}, {client}"}).status

    statuses = [status("198.51.100.7", "wrong", f"10.0.0.{number}") for number in range(50)]
    assert statuses == [403] * 10 + [429] * 40
    assert status("198.51.100.7", PASSWORD) == 429
    assert status("198.51.100.8", PASSWORD) == 303


def test_a_stranger_is_counted_by_its_own_address_whatever_it_forwards(port):
    statuses = [
        sign_in(port, "wrong", peer=STRANGER, headers={"X-Forwarded-For": f"198.51.100.{number}"}).status
        for number in range(12)
    ]
    assert statuses == [403] * 10 + [429] * 2
    assert sign_in(port, peer="127.0.0.3").status == 303


def test_the_webhook_is_never_redirected_and_needs_no_https(port):
    answer = ask(port, "POST", "/webhooks/segment", body="[]", headers={"Host": "shop.example"})
    assert (answer.status, answer.headers["Location"]) == (200, None)


def test_on_heroku_every_hop_is_its_router_and_elsewhere_the_one_that_is_named(redis_url, tmp_path):
    last = {**BY_HTTPS, "X-Forwarded-For": "10.0.0.1, 198.51.100.7"}
    with receiver(redis_url, tmp_path / "heroku", DYNO="web.1") as heroku:
        assert sign_in(heroku, peer=STRANGER, headers=last).status == 303
        assert [sign_in(heroku, "wrong", peer=STRANGER, headers=last).status for _ in range(11)][9:] == [403, 429]
        assert sign_in(heroku, peer=STRANGER, headers={**last, "X-Forwarded-For": "198.51.100.8"}).status == 303
    with receiver(redis_url, tmp_path / "named", FORWARDED_ALLOW_IPS=STRANGER) as named:
        assert sign_in(named, peer=STRANGER, headers={**BY_HTTPS, "X-Forwarded-For": "1.1.1.1"}).status == 303
        assert sign_in(named, peer=TRUSTED, headers=BY_HTTPS).status == 403
