"""Disconnecting: Xero's side first, then ours; tokens go with the last organisation that they open."""

import pytest

from segxero.errors import AuthenticationError, ConfigError, RetryableError
from segxero.mapping.model import MappingSet
from segxero.mapping.organisations import Organisation
from segxero.sandbox import LocalSandbox, SandboxOptions
from segxero.store import keys
from tests.support.set_ups.fake_services import some_mappings
from tests.support.xero.consents import Operator

NAMES = ("North", "South")


@pytest.fixture
def sandbox():
    with LocalSandbox(SandboxOptions(organisations=NAMES)) as running:
        yield running


@pytest.fixture
def operator(sandbox, redis_store):
    organisations = {name: Organisation(name=name, sources=(name,)) for name in NAMES}
    mappings = MappingSet(mappings=some_mappings().mappings, tables={}, organisations=organisations, version="1")
    made = Operator(sandbox, redis_store, mappings)
    made.connect(*NAMES)
    return made


def connection_id(sandbox):
    return next(book.connection for book in sandbox.world.books.values() if book.name == "North")


def token_sets(store):
    return store.keys(f"{keys.TOKENS}*")


def test_one_of_two_is_ended_at_xero_and_the_other_goes_on(operator, sandbox, redis_store):
    assert operator.services.connecting.disconnect("North") == "North"

    assert list(operator.services.connections.all()) == ["South"]
    deleted = [call for call in operator.calls(f"/connections/{connection_id(sandbox)}") if call.method == "DELETE"]
    assert [call.status for call in deleted] == [204]
    with pytest.raises(AuthenticationError, match="North is not connected"):
        operator.services.tokens.access("North")
    assert operator.services.tokens.access("South").tenant
    assert len(token_sets(redis_store)) == 1


def test_the_tokens_go_with_the_last_one(operator, redis_store):
    for name in NAMES:
        operator.services.connecting.disconnect(name)
    assert (operator.services.connections.all(), token_sets(redis_store)) == ({}, [])


def test_what_is_not_connected_cannot_be_ended(operator):
    with pytest.raises(ConfigError, match="West is not connected"):
        operator.services.connecting.disconnect("West")


def test_it_stays_connected_here_while_xero_does_not_answer(operator, sandbox):
    sandbox.world.faults.add({"match": {"method": "DELETE", "path": "/connections"}, "status": 503})
    with pytest.raises(RetryableError):
        operator.services.connecting.disconnect("North")
    assert list(operator.services.connections.all()) == ["North", "South"]
