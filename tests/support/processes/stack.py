"""A whole segxero as real processes, for the tests that need one: import the fixture `stack` or start a LocalStack."""

from collections.abc import Iterator

import pytest

from segxero.demo import LocalStack


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    """Broker, sandbox, receiver, worker and beat, ready, with the project's mappings; once per test module."""
    with LocalStack() as running:
        running.wait_ready()
        yield running
