"""Errors: a tree that says what happens next, and that survives Celery's pickling."""

import importlib
import pickle
import pkgutil

import pytest

import segxero
import workers
from segxero.errors import (
    AuthenticationError,
    ConfigError,
    Fault,
    InvalidEventError,
    MappingError,
    ParkedError,
    PermanentError,
    RetryableError,
    SegxeroError,
    UncertainError,
    XeroValidationError,
)


def all_errors():
    """Return every error class of the project, wherever it is defined."""
    for package in (segxero, workers):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found, left = [], [SegxeroError]
    while left:
        error = left.pop()
        found.append(error)
        left += error.__subclasses__()
    return sorted(set(found), key=lambda error: error.__qualname__)


ERRORS = all_errors()


def test_errors_beyond_the_first_module_are_found():
    assert {"BudgetError", "ExpiredTokenError", "UnreadableBodyError", "NotThereError"} <= {
        error.__name__ for error in ERRORS
    }


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__qualname__)
def test_celery_can_pickle_every_error(error):
    made = error("a sentence")
    again = pickle.loads(pickle.dumps(made))
    assert type(again) is error
    assert str(again) == str(made)
    assert again.__dict__ == made.__dict__


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__qualname__)
def test_every_error_can_be_made_from_its_sentence_alone_or_from_nothing(error):
    assert "a sentence" in str(error("a sentence"))
    error()


@pytest.mark.parametrize(
    "made",
    [
        RetryableError("later", 26.5),
        UncertainError("lost", 10.0),
        XeroValidationError("no", ["one", "two"]),
        ConfigError("wrong", [Fault("is not set", path="PORT"), Fault("bad", file="a.yaml", line=3, path="/0")]),
    ],
    ids=lambda made: type(made).__name__,
)
def test_what_an_error_carries_survives_pickling(made):
    again = pickle.loads(pickle.dumps(made))
    assert again.__dict__ == made.__dict__
    assert str(again) == str(made)


@pytest.mark.parametrize(
    ("error", "parent"),
    [
        (UncertainError, RetryableError),
        (InvalidEventError, PermanentError),
        (MappingError, PermanentError),
        (XeroValidationError, PermanentError),
    ],
)
def test_the_tree_says_what_happens_next(error, parent):
    assert issubclass(error, parent)


def test_the_branches_do_not_overlap():
    branches = (RetryableError, PermanentError, ParkedError, AuthenticationError, ConfigError)
    for error in ERRORS:
        assert sum(issubclass(error, branch) for branch in branches) <= 1


def test_a_set_up_error_lists_all_faults_with_their_places():
    faults = [
        Fault("is not set", path="PORT"),
        Fault("has no row", file="a.yaml", line=3, path="/0/key"),
        Fault("is not a directory", file="mappings"),
    ]
    assert str(ConfigError("Wrong:", faults)) == (
        "Wrong:\nPORT: is not set\na.yaml:3: /0/key: has no row\nmappings: is not a directory"
    )
    assert str(ConfigError("", faults[:1])) == "PORT: is not set"
