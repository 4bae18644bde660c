"""What the end-to-end tests share: a whole segxero as real processes, and Xero's own description of its calls."""

import pytest

from tests.support.openapi import MISSING, Spec
from tests.support.stack import stack

__all__ = ["spec", "stack"]


@pytest.fixture(scope="session")
def spec():
    """Xero's OpenAPI file; without it the test that asks for it is skipped."""
    found = Spec.load()
    if found is None:
        pytest.skip(MISSING)
    return found
