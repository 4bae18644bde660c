"""The number of the format: older data is brought up step by step, newer data is left alone."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from segxero.errors import ConfigError
from segxero.store import formats, keys


def adding(word):
    """Return a step that does its work once, however often it is run."""
    return lambda store: store.sadd("steps", word)


STEPS = {1: adding("one to two"), 2: adding("two to three")}


def number(store):
    return store.hget(keys.FORMAT, "number")


def test_a_new_redis_gets_todays_number_and_knows_nothing_of_the_time_before(redis_store):
    assert formats.settle(redis_store, STEPS, 3) == 3
    assert number(redis_store) == "3"
    assert redis_store.hget(keys.FORMAT, "knows_since").startswith("20")
    assert redis_store.exists("steps") == 0


def test_a_redis_from_before_the_number_takes_every_step_and_has_forgotten_nothing(redis_store):
    redis_store.hset(keys.MAPPINGS_SEEN, "main contacts", "v1")
    assert formats.settle(redis_store, STEPS, 3) == 3
    assert redis_store.smembers("steps") == {"one to two", "two to three"}
    assert redis_store.hmget(keys.FORMAT, "number", "knows_since") == ["3", ""]


def test_a_step_that_was_interrupted_is_taken_again_and_none_before_it(redis_store):
    redis_store.hset(keys.MAPPINGS_SEEN, "main contacts", "v1")

    def broken(store):
        store.sadd("steps", "half of it")
        raise RuntimeError("the process was killed")

    with pytest.raises(RuntimeError):
        formats.settle(redis_store, {**STEPS, 2: broken}, 3)
    assert number(redis_store) == "2"
    assert formats.settle(redis_store, {2: STEPS[2]}, 3) == 3
    assert redis_store.smembers("steps") == {"one to two", "half of it", "two to three"}


def test_many_processes_that_start_together_take_a_step_once(redis_store):
    redis_store.hset(keys.MAPPINGS_SEEN, "main contacts", "v1")
    steps = {1: lambda store: store.incr("taken")}
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: formats.settle(redis_store, steps, 2), range(8))) == {2}
    assert redis_store.get("taken") == "1"


def test_a_newer_format_is_refused_with_the_remedy_and_nothing_is_written(redis_store):
    redis_store.hset(keys.FORMAT, mapping={"number": 4, "knows_since": ""})
    with pytest.raises(ConfigError, match=r"format 4.*formats up to 3: install the version that wrote it"):
        formats.settle(redis_store, STEPS, 3)
    with pytest.raises(ConfigError, match="format 4"):
        formats.refuse_newer(redis_store, 3)
    assert redis_store.hgetall(keys.FORMAT) == {"number": "4", "knows_since": ""}
    assert redis_store.keys() == [keys.FORMAT]


def test_a_redis_that_is_emptied_while_processes_run_knows_nothing_of_the_time_before(redis_store):
    formats.keep(redis_store)
    found = redis_store.hgetall(keys.FORMAT)
    assert (found["number"], found["knows_since"][:2]) == (str(formats.FORMAT), "20")
    formats.keep(redis_store)
    assert redis_store.hget(keys.FORMAT, "knows_since") == found["knows_since"]


@pytest.mark.parametrize(("silent", "has_forgotten"), [(59, False), (61, True)])
def test_a_redis_that_was_silent_for_long_may_be_an_old_backup(redis_store, silent, has_forgotten):
    long_ago = "2026-01-01T00:00:00.000000"
    alive_at = redis_store.time()[0] - silent
    redis_store.hset(keys.FORMAT, mapping={"number": 1, "knows_since": long_ago, "alive_at": alive_at})
    formats.settle(redis_store)
    assert (redis_store.hget(keys.FORMAT, "knows_since") > long_ago) is has_forgotten
    assert redis_store.time()[0] - int(redis_store.hget(keys.FORMAT, "alive_at")) <= 1


def test_every_step_up_to_todays_format_is_there():
    assert list(formats.STEPS) == list(range(formats.OLDEST, formats.FORMAT))
