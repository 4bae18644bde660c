"""Fixtures of all tests: a real Redis, emptied before each test that asks for it."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from segxero.store.client import Store, connect
from tests.support.redis.server import running_redis

# The machine may be busy; what is too slow is a matter for the benchmarks.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# What one run finds every run finds; `make fuzz` looks for more.
settings.register_profile("segxero", _PATIENT, derandomize=True)
settings.register_profile("fuzz", _PATIENT, max_examples=2000)
settings.load_profile("segxero")


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Redis, one for the whole session."""
    with running_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def redis_store(redis_url: str) -> Iterator[Store]:
    """A client of an empty real Redis."""
    client: Any = connect(redis_url)
    client.flushall()
    yield client
    client.close()
