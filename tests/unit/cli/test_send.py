"""`segxero send`: plays Segment against a real receiver."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result
from werkzeug.serving import make_server

from segxero.cli import commands
from segxero.errors import ConfigError, RetryableError
from segxero.processes import free_port
from segxero.receiver import create_app
from segxero.services import Services
from tests.support.segment.calls import SECRET, an_event
from tests.support.set_ups.fake_services import make_services


@pytest.fixture
def services() -> Services:
    return make_services()


@pytest.fixture
def port(services: Services) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, create_app(services), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.port
    server.shutdown()
    thread.join()


def send(port: int, *arguments: str, text: str = "", secret: str = SECRET) -> Result:
    env = {"PORT": str(port), "SEGMENT_SHARED_SECRET": secret}
    return CliRunner().invoke(commands, ["send", *arguments], input=text, env=env)


def lines(number: int) -> str:
    return "".join(json.dumps(an_event(messageId=f"m{count}")) + "\n" for count in range(number))


def row(status: int, accepted: Any = "", ignored: Any = "", rejected: str = "") -> dict[str, Any]:
    return {"file": "-", "status": status, "accepted": accepted, "ignored": ignored, "rejected": rejected}


def test_an_event_is_posted_signed_and_the_answer_is_shown(services, port):
    done = send(port, "-", "--json", text=json.dumps(an_event()))
    assert (done.exit_code, json.loads(done.output)) == (0, [row(200, 1, 0)])
    assert services.redis.hlen("segxero:inbox") == 1


def test_an_event_a_line_makes_batches_of_a_hundred(services, port):
    done = send(port, "-", "--json", text=lines(250))
    assert json.loads(done.output) == [row(200, 100, 0), row(200, 100, 0), row(200, 50, 0)]
    assert services.redis.hlen("segxero:inbox") == 250


def test_a_batch_goes_as_one_body_signed_over_its_first_event(services, port):
    done = send(port, "-", "--json", text=json.dumps([an_event(messageId="a"), an_event(messageId="b")]))
    assert json.loads(done.output) == [row(200, 2, 0)]


def test_the_exit_status_tells_a_call_that_was_not_taken(services, port):
    done = send(port, "-", "--json", text=json.dumps(an_event()), secret="another-secret-of-twenty")
    assert (done.exit_code, json.loads(done.output)[0]["status"]) == (1, 503)
    assert services.redis.hlen("segxero:inbox") == 0


def test_the_exit_status_tells_an_event_that_is_refused(port):
    done = send(port, "-", "--json", text=json.dumps([an_event(), 7]))
    assert (done.exit_code, json.loads(done.output)[0]["accepted"]) == (1, 1)
    assert json.loads(done.output)[0]["rejected"] != ""


def test_a_file_that_holds_no_json_is_named_and_nothing_is_sent(services, port):
    done = send(port, "-", text="no json")
    assert isinstance(done.exception, ConfigError)
    assert "neither JSON nor one event per line" in str(done.exception)
    assert services.redis.hlen("segxero:inbox") == 0


def test_a_receiver_that_does_not_run_is_named():
    done = send(free_port(), "-", text=json.dumps(an_event()))
    assert isinstance(done.exception, RetryableError)
    assert "is the receiver running?" in str(done.exception)
