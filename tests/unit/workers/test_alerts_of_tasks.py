"""What a task meets reaches Sentry as Celery's integration sees it, without anything of a person."""

from collections.abc import Iterator

import pytest
import sentry_sdk

from segxero.dead_letters import DeadLetters
from segxero.errors import RetryableError
from segxero.settings import Settings
from segxero.telemetry import alerts, sentry
from tests.support.processes.celery_worker import handle_next
from tests.support.processes.http_server import HttpServer
from tests.support.processes.sentry_ingest import PATH, SentryIngest, dsn
from workers.app import make
from workers.base import SafeTask

NAME = "Zyxomma"  # far from where it is used: an issue shows the lines of code around a fault


@pytest.fixture
def ingest(wired) -> Iterator[SentryIngest]:
    kept = SentryIngest()
    with HttpServer({PATH: kept}) as server:
        sentry.init(Settings.from_env({"SENTRY_DSN": dsn(server.url)}), "worker", wired.alerts.admits)
        yield kept
        sentry_sdk.get_client().close()
        sentry_sdk.get_global_scope().set_client(None)
        sentry_sdk.get_global_scope().clear()


@pytest.fixture
def celery(wired, redis_url):
    made = make(Settings.from_env({"REDIS_URL": redis_url}))
    yield made
    made.close()


def run(celery, redis_url, function, *args):
    task = celery.task(base=SafeTask, bind=True, shared=False, name="workers.events.tried")(function)
    task.apply_async(args)
    return handle_next(celery, redis_url, "events")


def test_a_fault_that_comes_three_times_is_one_issue_and_its_letters_are_the_same_one(
    wired, celery, redis_url, ingest, redis_store
):
    def broken(self, name):
        person = {"name": name}
        raise KeyError(person)

    for _ in range(3):
        run(celery, redis_url, broken, NAME)
    assert wired.watch.look()["alerts"] == 0
    sentry_sdk.flush(5)
    (event,) = ingest.events
    assert event["fingerprint"] == alerts.fault("events", "KeyError").fingerprint
    assert event["exception"]["values"][0]["stacktrace"]["frames"][-1]["function"] == "broken"
    assert len(DeadLetters(redis_store)) == 3
    assert [text for text in ingest.texts if NAME in text] == []


def test_a_retry_tells_nobody(wired, celery, redis_url, ingest):
    def later(self):
        raise self.retry(exc=RetryableError("down"), countdown=30)

    assert run(celery, redis_url, later).state == "ACK"
    sentry_sdk.flush(5)
    assert ingest.texts == []
    assert wired.alerts.open() == {}
