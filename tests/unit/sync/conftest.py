"""The core around a real Redis."""

import pytest

from segxero.store.client import Store
from tests.support.core import Core


@pytest.fixture
def core(redis_store: Store) -> Core:
    """A core with the project's own mappings and a scripted Xero."""
    return Core(redis_store)
