"""A change of the mappings that needs a scope which consents lack: told by the next look, before any call."""

from segxero.sandbox import LocalSandbox, SandboxOptions
from segxero.xero.access.connections import list_missing
from tests.support.set_ups.core import ORG, earlier_mappings
from tests.support.xero.consents import Operator


def test_a_scope_that_is_needed_since_a_change_of_the_mappings_is_told_until_it_is_granted(redis_store):
    before = earlier_mappings()
    after = before.switched_on("attachments.yaml")
    with LocalSandbox(SandboxOptions(organisations=(ORG,))) as sandbox:
        operator = Operator(sandbox, redis_store, before)
        operator.connect(ORG)
        assert operator.services.watch.look() == {"alerts": 0, "recovered": 0}
        operator.mappings = after
        assert operator.services.watch.look() == {"alerts": 1, "recovered": 0}
        (told,) = operator.services.alerts.open().values()
        assert told.message == f"The mappings need the scope accounting.attachments, which {ORG} did not grant."
        with sandbox.world.lock:
            assert [call for call in sandbox.world.calls.list_since(0) if call.tenant] == []
        operator.connect(ORG)
        assert operator.services.watch.look() == {"alerts": 0, "recovered": 1}


def test_a_custom_connection_is_not_looked_at_it_is_given_no_token_without_its_scopes(redis_store):
    with LocalSandbox(SandboxOptions(organisations=(ORG,))) as sandbox:
        changes = {"XERO_GRANT": "client_credentials"}
        operator = Operator(sandbox, redis_store, earlier_mappings().switched_on("attachments.yaml"), changes)
        assert operator.services.watch.look() == {"alerts": 0, "recovered": 0}


def test_a_scope_that_writes_reads_as_well():
    granted = ("accounting.settings", "accounting.contacts.read")
    needed = ("accounting.settings.read", "accounting.contacts", "accounting.contacts.read")
    assert list_missing(needed, granted) == ["accounting.contacts"]
