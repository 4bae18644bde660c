"""What became of a connection that Xero refuses is told: disconnected, or a demo company that was reset."""

import pytest

from segxero import jsontext
from segxero.mapping.model import MappingSet
from segxero.mapping.organisations import Organisation
from segxero.sandbox import LocalSandbox, SandboxOptions
from segxero.store import keys
from tests.support.set_ups.fake_services import some_mappings
from tests.support.xero.consents import Operator

NAMES = ("North", "South")


@pytest.fixture
def operator(redis_store):
    organisations = {name: Organisation(name=name, sources=(name,)) for name in NAMES}
    mappings = MappingSet(mappings=some_mappings().mappings, tables={}, organisations=organisations, version="1")
    with LocalSandbox(SandboxOptions(organisations=NAMES)) as sandbox:
        made = Operator(sandbox, redis_store, mappings)
        made.connect(*NAMES)
        yield made


def lost(operator, organisation="North"):
    return operator.services.connecting.explain_loss(organisation)


def tenant(operator):
    return operator.services.connections.of("North").tenant


def change(operator, **wanted):
    with operator.sandbox.world.lock:
        operator.sandbox.world.change(wanted)


def test_one_that_is_open_is_not_lost(operator):
    assert (lost(operator), lost(operator, "nobody")) == ("", "")


def test_one_that_somebody_disconnected(operator):
    change(operator, disconnect=tenant(operator))
    assert lost(operator) == "North was disconnected in Xero"
    assert lost(operator, "South") == ""


def test_a_demo_company_that_was_reset(operator):
    change(operator, reset_company="North")
    assert lost(operator) == "North was reset: Xero has it under a new tenant id, with empty books"


def test_a_demo_company_that_is_gone_may_have_been_reset(operator):
    known = jsontext.dumps([0, [{"IsDemoCompany": True}]])
    operator.store.hset(keys.books("North"), "Organisations", known)
    change(operator, disconnect=tenant(operator))
    assert lost(operator) == "North was disconnected in Xero, or reset: Xero resets demo companies after 28 days"


def test_nothing_is_guessed_while_xero_does_not_answer(operator):
    operator.sandbox.world.faults.add({"match": {"path": "/connections"}, "status": 503})
    change(operator, disconnect=tenant(operator))
    assert lost(operator) == ""
