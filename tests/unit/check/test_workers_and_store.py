"""What the check reads of the Procfile, and what it makes of a Redis that tells little or is too old."""

import pytest
import redis

from segxero.check import SetUp, store
from segxero.check.finding import State
from segxero.check.queues import read_served_queues
from segxero.errors import ConfigError
from segxero.store import keys
from segxero.store.formats import FORMAT

QUEUES = ("events", "contacts", "schedule")


@pytest.mark.parametrize(
    ("lines", "served"),
    [
        ("worker: celery -A workers.app worker -Q events,contacts", {"events", "contacts"}),
        ("a: celery -A workers.app worker -Qevents\nb: celery -A x worker --queues=contacts", {"events", "contacts"}),
        ("a: celery -A workers.app worker --queues schedule -c 2", {"schedule"}),
        ("worker: celery -A workers.app worker -P threads", set(QUEUES)),
        ("beat: celery -A workers.app beat\nweb: gunicorn -Q events", set()),
        ("# worker: celery -A workers.app worker -Q events", set()),
        ("worker: celery -A workers.app worker -Q", set(QUEUES)),
    ],
)
def test_the_queues_of_the_procfiles_workers(tmp_path, lines, served):
    (tmp_path / "Procfile").write_text(lines + "\n")
    assert read_served_queues(tmp_path / "Procfile", QUEUES) == served


def test_a_procfile_that_is_not_there_is_said(tmp_path):
    with pytest.raises(ConfigError):
        read_served_queues(tmp_path / "Procfile", QUEUES)


@pytest.mark.parametrize(
    ("version", "state"), [("6.2.0", State.GOOD), ("7.2.4", State.GOOD), ("6.0.16", State.FAULT), ("", State.FAULT)]
)
def test_an_old_redis_is_a_fault(version, state):
    assert store._version({"redis_version": version}).state is state


@pytest.mark.parametrize(("number", "state"), [(None, State.GOOD), (FORMAT, State.GOOD), (FORMAT + 1, State.FAULT)])
def test_data_of_a_newer_version_is_a_fault(redis_store, number, state):
    if number:
        redis_store.hset(keys.FORMAT, "number", number)
    found = store._format(redis_store)
    assert (found.state, "install the version" in found.remedy) == (state, state is State.FAULT)


def test_memory_is_full_at_nine_tenths_of_its_limit():
    states = [store._memory({"used_memory": used, "maxmemory": 1000}).state for used in (0, 900, 901)]
    assert states == [State.GOOD, State.GOOD, State.FAULT]


@pytest.mark.parametrize(
    ("error", "url", "found"),
    [
        (redis.AuthenticationError("NOAUTH"), "redis://h/0", "requires a password, but REDIS_URL has none"),
        (redis.AuthenticationError("WRONGPASS"), "redis://:p@h/0", "refuses the password"),
        (redis.exceptions.BusyLoadingError("LOADING"), "redis://h/0", "is loading its data"),
        (
            redis.ConnectionError("certificate verify failed"),
            "rediss://h/0",
            "has a certificate that cannot be verified",
        ),
        (redis.ConnectionError("reset"), "rediss://h/0", "does not answer by TLS (ConnectionError)"),
        (redis.TimeoutError("too late"), "redis://h/0", "does not answer (TimeoutError)"),
    ],
)
def test_why_redis_does_not_answer_is_said_and_nothing_else_asks_it(tmp_path, error, url, found):
    set_up = SetUp(environ={"REDIS_URL": url}, queues=QUEUES, procfile=tmp_path / "Procfile")
    one = store._explain_failure(set_up, error)
    assert (one.state, one.found) == (State.FAULT, found)
    assert set_up.missing["Redis"].startswith("Redis does not")
