"""After a loss, with other settings: the order id in the Reference, custom fields in groups, notes, items."""

import pytest

from segxero.mapping.files.loader import load
from segxero.sync.recovery.links import Links
from segxero.sync.recovery.rebuild import Rebuild
from segxero.xero.objects.context import Context
from segxero.xero.objects.table import FIELDS
from tests.support.people import bookkeeper
from tests.support.set_ups.core import ORG, Core, identify, order_completed
from tests.support.xero.sandbox import SandboxXero

OBJECTS = frozenset({"Contact", "ContactGroupMember", "Invoice", "Item", "TrackingOption"})


@pytest.fixture(scope="module")
def mappings(tmp_path_factory):
    """The project's mappings with a custom field, items and notes on, and the order id in the Reference."""
    directory = bookkeeper.own_mappings(
        tmp_path_factory.mktemp("settings"),
        [("organisations.yaml", "order_id_in: InvoiceNumber", "order_id_in: Reference")],
    )
    bookkeeper.switches_on(directory, "custom_fields.yaml", "custom-contact")
    bookkeeper.switches_on(directory, "items.yaml", "product-of-order")
    bookkeeper.switches_on(directory, "history.yaml", "note-on-invoice")
    return load(directory, FIELDS)


@pytest.fixture
def core(redis_store, mappings):
    return Core(store=redis_store, mappings=mappings, xero=SandboxXero())


def lose(core, *, rebuilt):
    core.store.flushdb()
    if rebuilt:
        run = Rebuild(store=core.store, xero=core.xero, links=Links(core.store), objects=OBJECTS)
        list(run.run(ORG, Context.of(core.mappings, ORG)))
        run.outcome(ORG)
    core.xero.calls.clear()


def deliver(core):
    for _ in range(3):
        core.deliver("contacts", "tracking", "items", "invoices", "history")


def plan(value, time="2026-11-01T10:00:00Z"):
    return identify("u1", time, name="Ann Able", plan=value)


def groups(core):
    (ann,) = core.xero.sandbox.get("Contacts?page=1").json["Contacts"]
    return [group["Name"] for group in ann["ContactGroups"]]


ORDER = {
    **order_completed("1001", products=[{"name": "Mug", "sku": "M", "price": 10, "quantity": 2}]),
    "messageId": "o",
}


@pytest.mark.parametrize("rebuilt", [True, False])
def test_an_order_whose_id_is_in_the_reference_is_found_when_it_comes_again(core, rebuilt):
    core.feed(ORDER)
    deliver(core)
    lose(core, rebuilt=rebuilt)
    core.feed(ORDER)
    deliver(core)
    assert [one["Reference"] for one in core.xero.books["Invoices"]] == ["1001"]
    assert "PUT Invoices" not in core.xero.writes


def test_after_a_rebuild_its_correction_changes_that_invoice(core):
    core.feed(ORDER)
    deliver(core)
    lose(core, rebuilt=True)
    core.feed(order_completed("1001", time="2026-11-05T10:00:00Z", total=10, products=[{"name": "Mug", "price": 10}]))
    deliver(core)
    assert [(one["Reference"], one["Total"]) for one in core.xero.books["Invoices"]] == [("1001", 10)]


def test_a_contact_whose_plan_changes_leaves_the_group_that_it_was_in_before_the_loss(core):
    core.feed(plan("gold"))
    deliver(core)
    assert groups(core) == ["Plan: gold"]
    lose(core, rebuilt=True)
    core.feed(plan("silver", "2026-11-03T10:00:00Z"))
    deliver(core)
    assert groups(core) == ["Plan: silver"]


def test_the_same_plan_and_item_again_write_nothing_but_the_file_that_replaces_itself(core):
    core.feed(plan("gold"), ORDER)
    deliver(core)
    lose(core, rebuilt=True)
    core.feed(plan("gold"), ORDER)
    deliver(core)
    assert core.xero.writes == ["PUT segment-custom-fields.txt"]
    assert groups(core) == ["Plan: gold"]


@pytest.mark.parametrize("rebuilt", [True, False])
def test_a_note_that_may_be_there_from_before_is_looked_for(core, rebuilt):
    core.feed(ORDER)
    deliver(core)
    (invoice,) = core.xero.books["Invoices"]
    path = f"Invoices/{invoice['InvoiceID']}/History"
    before = core.xero.sandbox.get(path).json["HistoryRecords"]
    lose(core, rebuilt=rebuilt)
    core.feed(ORDER)
    deliver(core)
    assert core.xero.sandbox.get(path).json["HistoryRecords"] == before
