"""Wrong passwords by address and in total, in Redis as the receiver has it and in memory as Flower has it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from limits.storage import MemoryStorage

from segxero.operators.attempts import Attempts

HERE, THERE = "198.51.100.7", "198.51.100.8"


@pytest.fixture(params=["redis", "memory"])
def attempts(request, redis_store):
    return Attempts.shared(redis_store) if request.param == "redis" else Attempts(MemoryStorage())


def use_up(attempts, address, number=10):
    return [attempts.count_wrong(address) for _ in range(number)]


def test_an_address_has_ten_wrong_passwords_in_fifteen_minutes(attempts):
    assert use_up(attempts, HERE) == [0] * 10
    assert 890 < attempts.seconds_to_wait(HERE) <= 900
    assert 890 < attempts.count_wrong(HERE) <= 900
    assert attempts.seconds_to_wait(THERE) == 0


def test_of_attempts_at_the_same_moment_as_many_are_answered_as_one_after_the_other(redis_store):
    workers = [Attempts.shared(redis_store) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda number: workers[number % 4].count_wrong(HERE), range(50)))
    assert waits.count(0) == 10


def test_all_strangers_together_have_a_hundred(attempts):
    waits = [attempts.count_wrong(f"203.0.113.{number % 50}") for number in range(101)]
    assert (waits[:100], waits[100] > 0) == ([0] * 100, True)
    assert attempts.seconds_to_wait(HERE) > 0


def test_who_had_the_right_password_before_is_not_locked_out_by_strangers(attempts):
    attempts.remember_right(HERE)
    for number in range(100):
        attempts.count_wrong(f"203.0.113.{number}")
    assert attempts.seconds_to_wait(THERE) > 0
    assert attempts.seconds_to_wait(HERE) == 0
    assert use_up(attempts, HERE) == [0] * 10
    assert attempts.seconds_to_wait(HERE) > 0


def test_a_right_password_uses_up_nothing(attempts):
    for _ in range(50):
        assert attempts.seconds_to_wait(HERE) == 0
        attempts.remember_right(HERE)
    assert use_up(attempts, HERE) == [0] * 10


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:198.51.100.7", HERE, True),
        ("no address", "no address", True),
    ],
)
def test_an_ipv6_client_is_its_network_because_it_chooses_the_rest(attempts, one, other, same):
    use_up(attempts, one)
    assert (attempts.seconds_to_wait(other) > 0) is same


def test_redis_holds_no_address_and_forgets_the_attempts(redis_store):
    attempts = Attempts.shared(redis_store)
    attempts.count_wrong(HERE)
    found = {key: redis_store.ttl(key) for key in redis_store.scan_iter()}
    assert len(found) == 2
    assert all(key.startswith("segxero:attempts") and HERE not in key for key in found)
    assert all(0 < seconds <= 900 for seconds in found.values())
