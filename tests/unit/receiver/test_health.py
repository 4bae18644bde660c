"""Whether the process is up, and whether it can take events."""

import pytest
from flask.testing import FlaskClient

from segxero.receiver import create_app
from segxero.services import Services
from tests.support.set_ups.fake_services import make_services, server_of


@pytest.fixture
def services() -> Services:
    return make_services()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def test_the_process_is_up_even_without_redis(client, services):
    server_of(services).connected = False
    got = client.get("/healthz")
    assert (got.status_code, got.json) == (200, {"status": "ok"})


def test_it_is_ready_with_redis_and_warns_of_one_that_does_not_tell_whether_it_is_append_only(client):
    got = client.get("/readyz")
    assert (got.status_code, got.json) == (
        200,
        {
            "status": "ready",
            "append_only": None,
            "mappings": "0123456789ab",
            "warnings": [
                "Redis does not report that it is append-only: set appendonly yes, or a restart of Redis loses events."
            ],
        },
    )


def test_it_is_not_ready_without_redis(client, services):
    server_of(services).connected = False
    assert client.get("/readyz").status_code == 503
    server_of(services).connected = True
    assert client.get("/readyz").status_code == 200
