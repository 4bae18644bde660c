"""The figures for Prometheus and who may read them."""

import pytest
from flask.testing import FlaskClient

from segxero.receiver import create_app
from segxero.services import Services
from tests.support.fake_services import make_services, server_of

PASSWORD = "pässword"


@pytest.fixture
def services() -> Services:
    return make_services(SEGXERO_PASSWORD=PASSWORD)


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def test_they_do_not_exist_without_a_password():
    got = create_app(make_services()).test_client().get("/metrics", auth=("any", ""))
    assert (got.status_code, got.json) == (404, {"message": "Set SEGXERO_PASSWORD to open the metrics."})


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic !"}, {"Authorization": f"Bearer {PASSWORD}"}])
def test_they_are_closed_without_the_password(client, headers):
    headers = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    got = client.get("/metrics", headers=headers)
    assert (got.status_code, got.headers["WWW-Authenticate"]) == (401, 'Basic realm="segxero metrics"')


def test_a_wrong_password_is_refused(client):
    assert client.get("/metrics", auth=("any", "password")).status_code == 401


def test_any_user_name_with_the_password_reads_them(client, services):
    services.counts.add("events_accepted", 3)
    services.counts.add("calls.200 GET", 2)
    services.redis.hset("segxero:inbox", "a", "{}")
    got = client.get("/metrics", auth=("whoever", PASSWORD))
    assert (got.status_code, got.content_type.split(";")[0]) == (200, "text/plain")
    lines = [line for line in got.text.splitlines() if not line.startswith("#")]
    assert [line for line in lines if 'organisation="main"' not in line] == [
        "segxero_calls_200_GET_total 2.0",
        "segxero_events_accepted_total 3.0",
        "segxero_inbox_events 1.0",
        "segxero_dead_letters 0.0",
    ]
    assert {
        'segxero_outbox_records{organisation="main",queue="contacts"} 0.0',
        'segxero_parked_records{organisation="main",queue="contacts"} 0.0',
        'segxero_oldest_pending_seconds{organisation="main",queue="contacts"} 0.0',
        'segxero_calls_left{organisation="main",window="minute"} 60.0',
        'segxero_calls_left{organisation="main",window="day"} 1000.0',
        'segxero_day_ends_in_seconds{organisation="main"} 86400.0',
        'segxero_down{organisation="main"} 0.0',
        'segxero_down_seconds{organisation="main"} 0.0',
    } <= set(lines)


def test_they_are_503_without_redis(client, services):
    server_of(services).connected = False
    assert client.get("/metrics", auth=("any", PASSWORD)).status_code == 503
