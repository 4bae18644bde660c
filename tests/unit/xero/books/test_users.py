"""Users: read once an hour, only when a record names one."""

import pytest

from segxero.errors import RetryableError
from segxero.xero.access.encryption import Cipher
from segxero.xero.api.request import Request
from segxero.xero.books.users import FRESH_SECONDS, Users
from tests.support.set_ups.core import CIPHER, ORG
from tests.support.xero.echo import EchoXero

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
    return Users(redis_store, xero, CIPHER)


def test_the_users_are_read_once_an_hour(users, xero, redis_store):
    xero.then(ANSWER, {"Users": []})
    assert users.names(ORG) == {"sam@example.com": "Sam Sales", "one@example.com": "One"}
    assert users.names(ORG)["sam@example.com"] == "Sam Sales"
    assert xero.calls == [Request(method="GET", path="/Users")]
    (key,) = redis_store.keys("*")
    assert FRESH_SECONDS - 5 < redis_store.ttl(key) <= FRESH_SECONDS
    redis_store.delete(key)
    assert users.names(ORG) == {}


def test_an_organisation_without_users_is_not_asked_again_and_again(users, xero):
    xero.then({"Users": []})
    users.names(ORG)
    users.names(ORG)
    assert len(xero.calls) == 1


def test_what_redis_keeps_of_them_is_sealed_and_what_it_kept_in_clear_goes(users, xero, redis_store):
    redis_store.hset("segxero:users:main", "sam@example.com", "Sam Sales")
    xero.then(ANSWER)
    users.names(ORG)
    (key,) = redis_store.keys("*")
    assert redis_store.get(key).startswith("gAAAA")
    assert "sam" not in key


def test_what_no_key_opens_any_more_is_read_anew(users, xero, redis_store):
    xero.then(ANSWER, {"Users": []})
    Users(redis_store, xero, Cipher(("a key of before",))).names(ORG)
    assert users.names(ORG) == {}


def test_users_that_cannot_be_read_are_read_the_next_time(users, xero):
    xero.then(RetryableError("Xero is down"), ANSWER)
    with pytest.raises(RetryableError):
        users.names(ORG)
    assert users.names(ORG)["one@example.com"] == "One"
