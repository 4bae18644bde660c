"""What the end-to-end tests share: a whole segxero as real processes, and Xero's own description of its calls.

A module whose scenarios mostly wait names them in SCENARIOS, functions by name. They start when the tests have been
collected and run in the background, SIDE_BY_SIDE at a time, while others are tested; the module itself comes last.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.openapi import MISSING, Spec
from tests.support.stack import stack

__all__ = ["scenario", "spec", "stack"]

SIDE_BY_SIDE = 6
PLAYED = pytest.StashKey()
POOL = pytest.StashKey()


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: hasattr(item.module, "SCENARIOS"))


def pytest_collection_finish(session):
    """Start the scenarios of the tests that were chosen."""
    modules = dict.fromkeys(item.module for item in session.items if hasattr(item.module, "SCENARIOS"))
    if not modules or session.config.option.collectonly:
        return
    pool = session.stash[POOL] = ThreadPoolExecutor(SIDE_BY_SIDE)
    session.stash[PLAYED] = {
        (module, name): pool.submit(play) for module in modules for name, play in module.SCENARIOS.items()
    }


def pytest_sessionfinish(session):
    """Begin none any more, and wait for those that run: each stops its own processes."""
    if POOL in session.stash:
        session.stash[POOL].shutdown(cancel_futures=True)


@pytest.fixture(scope="module")
def scenario(request):
    """Give the result of one of the module's scenarios by its name."""
    played = request.session.stash[PLAYED]
    return lambda name: played[request.module, name].result()


@pytest.fixture(scope="session")
def spec():
    """Xero's OpenAPI file; without it the test that asks for it is skipped."""
    found = Spec.load()
    if found is None:
        pytest.skip(MISSING)
    return found
