"""Users: read once an hour, only when a record names one."""

import pytest

from segxero.errors import RetryableError
from segxero.sync.users import FRESH_SECONDS, Users
from segxero.xero.row import Request
from tests.support.core import ORG
from tests.support.echo_xero import EchoXero

ANSWER = {
    "Users": [
        {"EmailAddress": "Sam@Example.com", "FirstName": "Sam", "LastName": "Sales"},
        {"EmailAddress": "one@example.com", "FirstName": "One"},
        {"FirstName": "No", "LastName": "Mail"},
    ]
}


@pytest.fixture
def xero():
    return EchoXero()


@pytest.fixture
def users(redis_store, xero):
    return Users(redis_store, xero)


def test_the_users_are_read_once_an_hour(users, xero):
    xero.then(ANSWER, {"Users": []})
    assert users.names(ORG, 10_000.0) == {"sam@example.com": "Sam Sales", "one@example.com": "One"}
    assert users.names(ORG, 10_000.0 + FRESH_SECONDS - 1)["sam@example.com"] == "Sam Sales"
    assert xero.calls == [Request(method="GET", path="/Users")]
    assert "sam@example.com" not in users.names(ORG, 10_000.0 + FRESH_SECONDS)


def test_an_organisation_without_users_is_not_asked_again_and_again(users, xero):
    xero.then({"Users": []})
    users.names(ORG, 10_000.0)
    users.names(ORG, 10_001.0)
    assert len(xero.calls) == 1


def test_users_that_cannot_be_read_are_read_the_next_time(users, xero):
    xero.then(RetryableError("Xero is down"), ANSWER)
    with pytest.raises(RetryableError):
        users.names(ORG, 10_000.0)
    assert users.names(ORG, 10_001.0)["one@example.com"] == "One"
