"""A real Redis for the tests: the one that REDIS_URL names, else an embedded broker of their own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segxero.processes.broker import EmbeddedBroker
from segxero.store.client import connect


@contextmanager
def running_redis(directory: Path) -> Iterator[str]:
    """Give the address of a Redis that the tests may empty; refuse one that holds data."""
    given = os.environ.get("REDIS_URL")
    if not given:
        with EmbeddedBroker(directory) as broker:
            yield broker.url
        return
    with connect(given) as client:
        if client.dbsize():
            raise RuntimeError("REDIS_URL names a Redis that holds data; the tests would empty it, so unset it")
    yield given
