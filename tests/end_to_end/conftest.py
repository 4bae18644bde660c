"""What the end-to-end tests share: a whole segxero as real processes, and Xero's own description of its calls.

A module whose scenarios mostly wait names them in SCENARIOS, functions by name. They run side by side, and such a
module begins before all others, so that it is not the last one to end.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.processes.stack import stack
from tests.support.xero.openapi import MISSING, Spec

__all__ = ["scenario", "spec", "stack"]

SIDE_BY_SIDE = 6


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: not hasattr(item.module, "SCENARIOS"))


@pytest.fixture(scope="module")
def scenario(request):
    """Play the module's scenarios and give the result of each by its name."""
    pool = ThreadPoolExecutor(SIDE_BY_SIDE)
    played = {name: pool.submit(play) for name, play in request.module.SCENARIOS.items()}
    yield lambda name: played[name].result()
    pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="session")
def spec():
    """Xero's OpenAPI file; without it the test that asks for it is skipped."""
    found = Spec.load()
    if found is None:
        pytest.skip(MISSING)
    return found
