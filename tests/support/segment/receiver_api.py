"""The receiver's OpenAPI description, and whether an answer is as it says."""

import re
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

FILE = Path(__file__).parents[3] / "segxero/receiver/openapi.yaml"
CONFORMANCE = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def load() -> Any:
    """Return the description."""
    return schemathesis.openapi.from_path(FILE)


def operations(description: Any) -> dict[tuple[str, str], Any]:
    """Return what is described, by method and path."""
    found = [one.ok() for one in description.get_all_operations()]
    return {(operation.method.upper(), operation.path): operation for operation in found}


def check(operation: Any, answer: Any) -> None:
    """Raise when the *answer* of requests or of Flask's client is none of those that *operation* describes."""
    names = re.findall(r"{(\w+)}", operation.path)
    operation.Case(path_parameters=dict.fromkeys(names, "any")).validate_response(answer, checks=CONFORMANCE)
