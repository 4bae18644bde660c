"""The core of segxero and a scripted Xero, for the unit tests of every room."""

from collections.abc import Iterator

import pytest

from segxero.store.client import Store
from tests.support.set_ups.core import Core
from tests.support.xero.server import XeroServer, make_xero_server


@pytest.fixture
def core(redis_store: Store) -> Core:
    """A core with the project's own mappings and a scripted Xero."""
    return Core(redis_store)


@pytest.fixture
def xero_server() -> Iterator[XeroServer]:
    """A running token endpoint and API."""
    made = make_xero_server()
    with made.server:
        yield made
