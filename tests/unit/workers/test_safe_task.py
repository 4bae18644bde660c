"""The base of all tasks, under Celery's own tracing: nothing is deleted silently."""

import pytest
import redis
from celery.exceptions import Ignore, Reject

from segxero.dead_letters import DeadLetters
from segxero.errors import ConfigError, RetryableError
from segxero.settings import Settings
from tests.support.processes.celery_worker import handle_next, waiting
from tests.support.processes.http_server import free_port
from workers.app import make
from workers.base import UNAVAILABLE, SafeTask


@pytest.fixture
def celery(wired, redis_url):
    """An application of its own, whose queue `events` belongs to the tasks of a test."""
    made = make(Settings.from_env({"REDIS_URL": redis_url}))
    yield made
    made.close()


def run(celery, redis_url, function, *args):
    """Register *function* as a task, send it to `events` and let a worker handle it."""
    task = celery.task(base=SafeTask, bind=True, shared=False, name="workers.events.tried")(function)
    task.apply_async(args)
    return handle_next(celery, redis_url, "events")


def test_a_task_that_ends_well_is_acknowledged(celery, redis_url, redis_store):
    def fine(self, name):
        return name

    handled = run(celery, redis_url, fine, "a")
    assert (handled.state, handled.args) == ("ACK", ["a"])
    assert redis_store.llen("events") == 0
    assert len(DeadLetters(redis_store)) == 0


def test_an_exception_that_nobody_foresaw_becomes_a_dead_letter(celery, redis_url, redis_store):
    def broken(self, name):
        raise ZeroDivisionError("ours")

    handled = run(celery, redis_url, broken, "a1")
    (letter,) = DeadLetters(redis_store)
    assert (letter.error, letter.message, letter.queue, letter.key) == ("ZeroDivisionError", "ours", "events", "a1")
    assert letter.next_step == "this is a fault of segxero: keep the log, upgrade, then replay or discard"
    assert handled.state == "ACK"
    assert redis_store.llen("events") == 0


def test_a_retry_goes_to_the_end_of_the_queue_with_its_count(celery, redis_url, redis_store):
    def later(self):
        raise self.retry(exc=RetryableError("down"), countdown=30)

    handled = run(celery, redis_url, later)
    assert handled.state == "ACK"
    (message,) = waiting(redis_url, "events")
    assert message.headers["retries"] == 1
    assert message.headers["eta"]
    assert len(DeadLetters(redis_store)) == 0


def test_a_retry_may_be_repeated_for_ever(celery, redis_url, redis_store):
    def later(self):
        raise self.retry(exc=RetryableError("down"), countdown=0)

    task = celery.task(base=SafeTask, bind=True, shared=False, name="workers.events.tried")(later)
    task.apply_async(retries=500)
    assert handle_next(celery, redis_url, "events").state == "ACK"
    assert [message.headers["retries"] for message in waiting(redis_url, "events")] == [501]
    assert len(DeadLetters(redis_store)) == 0


def test_a_retry_that_cannot_be_published_gives_the_message_back(celery, redis_url, redis_store):
    def later(self):
        celery.conf.broker_url = f"redis://127.0.0.1:{free_port()}/0"
        celery._pool = celery.amqp._producer_pool = None
        raise self.retry(exc=RetryableError("down"), countdown=30)

    handled = run(celery, redis_url, later)
    assert handled.state == "REQUEUED"
    assert redis_store.llen("events") == 1
    assert len(DeadLetters(redis_store)) == 0


@pytest.mark.parametrize(
    "error",
    [
        redis.ConnectionError("down"),
        redis.TimeoutError("slow"),
        redis.exceptions.BusyLoadingError("loading"),
        redis.exceptions.OutOfMemoryError("OOM command not allowed"),
        redis.exceptions.ReadOnlyError("a replica"),
        redis.exceptions.LockNotOwnedError("taken over"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_redis_in_trouble_gives_the_message_back(error):
    assert isinstance(error, UNAVAILABLE)


def test_a_redis_that_is_away_for_the_task_gives_the_message_back(celery, redis_url, redis_store):
    def cut_off(self):
        raise redis.ConnectionError("down")

    handled = run(celery, redis_url, cut_off)
    assert handled.state == "REQUEUED"
    assert redis_store.llen("events") == 1
    assert len(DeadLetters(redis_store)) == 0


def test_a_fault_that_cannot_even_be_buried_gives_the_message_back(celery, redis_url, redis_store):
    def broken(self):
        # From here on the list of dead letters takes nothing.
        redis_store.set("dead_letters", "not a list")
        raise ZeroDivisionError("ours")

    handled = run(celery, redis_url, broken)
    assert handled.state == "REQUEUED"
    assert redis_store.llen("events") == 1


@pytest.mark.parametrize(("error", "state"), [(Ignore(), "ACK"), (Reject("no", requeue=True), "REQUEUED")])
def test_celerys_own_signals_pass(celery, redis_url, redis_store, error, state):
    def signal(self):
        raise error

    assert run(celery, redis_url, signal).state == state
    assert len(DeadLetters(redis_store)) == 0


def test_a_set_up_error_inside_a_task_is_a_dead_letter_too(celery, redis_url, redis_store):
    def wrong(self):
        raise ConfigError("wrong")

    run(celery, redis_url, wrong)
    assert [letter.error for letter in DeadLetters(redis_store)] == ["ConfigError"]
