from dataclasses import dataclass

import pytest
import redis

from workers.watchdog import DEAF_SECONDS, Watchdog


@dataclass
class Worker:
    """A worker as its watchdog sees it, and the clock."""

    waiting: bool = True
    free: bool = True
    now: float = 0.0
    redis_is_away: bool = False

    def waits(self):
        if self.redis_is_away:
            raise redis.ConnectionError
        return self.waiting


@pytest.fixture
def worker():
    return Worker()


@pytest.fixture
def dog(worker):
    return Watchdog(worker.waits, lambda: worker.free, lambda: worker.now)


def test_a_free_worker_that_takes_nothing_of_what_waits_is_deaf(worker, dog):
    worker.now = DEAF_SECONDS - 1
    assert not dog.is_deaf()
    worker.now = DEAF_SECONDS
    assert dog.is_deaf()


def test_a_worker_that_hears_anything_is_not_deaf(worker, dog):
    worker.now = DEAF_SECONDS - 1
    dog.hear(sender=None)
    worker.now = DEAF_SECONDS + 1
    assert not dog.is_deaf()


@pytest.mark.parametrize("change", [{"waiting": False}, {"free": False}, {"redis_is_away": True}])
def test_a_worker_with_nothing_to_hear_is_given_its_time_again(worker, dog, change):
    worker.now = DEAF_SECONDS - 1
    for name, value in change.items():
        setattr(worker, name, value)
    assert not dog.is_deaf()
    for name in change:
        setattr(worker, name, getattr(Worker(), name))
    worker.now = 2 * DEAF_SECONDS - 2
    assert not dog.is_deaf()
    worker.now = 2 * DEAF_SECONDS - 1
    assert dog.is_deaf()
