"""`segxero connect` and `segxero keys rotate`, as a person types them."""

import os
import socket
import subprocess
from urllib.parse import urlencode, urlsplit

import pytest
import requests

from segxero.demo import organisations
from segxero.demo.stack import PROJECT
from segxero.sandbox import LocalSandbox, SandboxOptions
from segxero.xero.access.connections import Connections
from tests.support.processes.command import COMMAND, segxero
from tests.support.processes.http_server import free_port
from tests.support.processes.waiting import within
from tests.support.set_ups.mapping_files import write_mappings
from tests.support.xero.consents import KEY, environment

NAMES = ("North", "South")
TWO = "North: {sources: [a]}\nmain: {sources: [b]}\n"


@pytest.fixture
def sandbox():
    with LocalSandbox(SandboxOptions(organisations=NAMES)) as running:
        yield running


@pytest.fixture
def env(sandbox, redis_url, redis_store, tmp_path):
    mappings = write_mappings(tmp_path / "mappings", {"organisations.yaml": TWO})
    return {
        **environment(sandbox.url),
        "PATH": os.environ["PATH"],
        "REDIS_URL": redis_url,
        "SEGXERO_MAPPINGS": str(mappings),
        "XERO_REDIRECT_URL": f"http://localhost:{free_port()}/xero/callback",
    }


@pytest.fixture
def start(env):
    """Start `segxero connect …` and read the address that it prints; without a terminal, so that it reads its input."""
    started = []

    def command(*arguments):
        process = subprocess.Popen(
            [*COMMAND, "connect", *arguments],
            env={**env, "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore"},
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        address = next(line.strip() for line in process.stdout if line.startswith("http"))
        return process, address

    yield command
    for process in started:
        process.kill()
        process.communicate()


def listens(url):
    """Tell whether the command waits for the browser now; it does so a moment after it has printed where to go."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", urlsplit(url).port)) == 0


def connected(store):
    return {name: one.name for name, one in Connections(store).all().items()}


def test_it_waits_for_the_browser_at_the_registered_address_and_asks_which_is_which(start, env, redis_store):
    process, address = start()
    back = organisations.allow(address, NAMES)
    assert within(30, lambda: listens(env["XERO_REDIRECT_URL"]))
    assert requests.get(env["XERO_REDIRECT_URL"].replace("callback", "other"), timeout=30).status_code == 404
    page = requests.get(env["XERO_REDIRECT_URL"], params=back, timeout=30)
    assert "Continue in the terminal" in page.text
    out, err = process.communicate("1\n", timeout=30)
    assert (process.returncode, err) == (0, "")
    assert "1. South (" in out
    assert connected(redis_store) == {"North": "North", "main": "South"}


def test_the_address_can_be_pasted_where_the_browser_is_elsewhere_and_is_not_shown(start, env, redis_store):
    process, address = start("--paste")
    back = f"{env['XERO_REDIRECT_URL']}?{urlencode(organisations.allow(address, ('North',)))}"
    out, _ = process.communicate(f"{back}\n", timeout=30)
    assert process.returncode == 0
    assert "code=" not in out
    assert connected(redis_store) == {"North": "North"}


def test_an_answer_to_another_consent_connects_nothing(start, env, redis_store):
    process, _ = start("--paste")
    _, err = process.communicate(f"{env['XERO_REDIRECT_URL']}?code=x&state=other\n", timeout=30)
    assert process.returncode == 1
    assert "belongs to another consent; begin again" in err
    assert connected(redis_store) == {}


def test_where_the_receiver_has_the_port_it_says_what_to_open(start, env):
    port = int(env["XERO_REDIRECT_URL"].split(":")[2].split("/")[0])
    with socket.create_server(("127.0.0.1", port)):
        process, _ = start()
        _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "if the receiver runs there, open its /xero/connect" in err


def test_a_custom_connection_needs_no_consent(env):
    said = segxero({**env, "XERO_GRANT": "client_credentials"}, "connect")
    assert said.status == 1
    assert "set XERO_GRANT=authorization_code to connect many organisations" in said.err


def test_keys_are_rotated_and_what_no_key_reads_is_named(start, env):
    process, address = start("--paste")
    back = organisations.allow(address, ("North",))
    process.communicate(f"http://localhost/xero/callback?{urlencode(back)}\n", timeout=30)
    both = {**env, "SEGXERO_SECRET_KEY": f"another key of the tests,{KEY}"}
    said = [segxero(both, "keys", "rotate") for _ in range(2)]
    assert [(one.status, one.out) for one in said] == [
        (0, "1 encrypted anew, 0 had the first key already.\n"),
        (0, "0 encrypted anew, 1 had the first key already.\n"),
    ]
    said = segxero({**env, "SEGXERO_SECRET_KEY": "a third key of the tests"}, "keys", "rotate")
    assert said.status == 1
    assert "No key decrypts" in said.err
