"""The scripted Xero of these tests."""

from collections.abc import Iterator

import pytest

from tests.support.xero_server import XeroServer, make_xero_server


@pytest.fixture
def xero_server() -> Iterator[XeroServer]:
    """A running token endpoint and API."""
    made = make_xero_server()
    with made.server:
        yield made
