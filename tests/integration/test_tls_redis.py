"""A Redis by TLS with a chain of its own: the client, Celery and Flower all do what the address says of it."""

import asyncio

import pytest
import redis
from flower.utils.broker import Broker
from kombu.exceptions import OperationalError

from segxero.processes.broker import EmbeddedBroker
from segxero.settings import Settings
from segxero.store.client import connect
from tests.support.redis.tls import self_signed, tls_in_front_of
from workers.app import make


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return self_signed(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def address(certificate, tmp_path_factory):
    with (
        EmbeddedBroker(tmp_path_factory.mktemp("broker")) as broker,
        tls_in_front_of(broker.port, certificate) as port,
    ):
        yield f"rediss://127.0.0.1:{port}/0"


def by_client(settings):
    with connect(settings.redis_url) as client:
        return client.ping()


def by_celery(settings):
    app = make(settings)
    with app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=5)
        connection.default_channel.client.lpush("contacts", "a message")
        return connection.default_channel.client.llen("contacts") == 1


def by_flower(settings):
    app = make(settings)
    broker = Broker(
        app.connection_for_read().as_uri(include_password=True),
        broker_options=app.conf.broker_transport_options,
        broker_use_ssl=app.conf.broker_use_ssl,
    )
    return asyncio.run(broker.queues(["contacts"])) == [{"name": "contacts", "messages": 0}]


PARTS = pytest.mark.parametrize("part", [by_client, by_celery, by_flower])


@pytest.fixture(autouse=True)
def empty(address):
    yield
    with connect(f"{address}?ssl_cert_reqs=none") as client:
        client.flushall()


@PARTS
def test_on_heroku_a_chain_that_nobody_can_verify_is_taken(address, part):
    assert part(Settings.from_env({"DYNO": "web.1", "REDIS_URL": address}))


@PARTS
def test_the_address_can_say_that_nothing_is_verified(address, part):
    assert part(Settings.from_env({"REDIS_URL": f"{address}?ssl_cert_reqs=none"}))


@PARTS
@pytest.mark.parametrize(("dyno", "query"), [("", ""), ("web.1", "?ssl_cert_reqs=required")])
def test_elsewhere_and_where_the_address_says_so_such_a_chain_is_refused(address, part, dyno, query):
    with pytest.raises((redis.ConnectionError, OperationalError), match="certificate verify failed"):
        part(Settings.from_env({"DYNO": dyno, "REDIS_URL": f"{address}{query}"}))


@PARTS
def test_a_chain_is_verified_with_the_authority_that_the_address_names(address, certificate, part):
    assert part(Settings.from_env({"REDIS_URL": f"{address}?ssl_ca_certs={certificate}"}))
