"""Mappings that are shipped switched off make nothing, cost nothing, and each is right when it is switched on."""

import pytest

from segxero.mapping.files.loader import load
from segxero.xero.objects.table import FIELDS, OBJECTS
from tests.support.set_ups.core import identify, order_completed, shipped_mappings
from tests.support.set_ups.examples import switched_on

NAMES = {
    "history": {"note-on-contact", "note-on-invoice"},
    "attachments": {"order-as-attachment"},
    "items": {"product-of-order", "product-seen", "order-items"},
    "shopify": {"pos-customer", "pos-order"},
    "recharge": {"recharge-customer", "recharge-order"},
    "saas": {"account-created", "subscription-renewed"},
    "custom_fields": {"custom-contact-plan", "custom-order-event", "custom-order"},
}
EVENTS = [identify("u1", name="Ann", plan="gold"), order_completed("o1")]


def objects(loaded):
    return {draft.object for event in EVENTS for draft in loaded.drafts({"messageId": "m", "projectId": "p", **event})}


def test_what_is_switched_off_makes_nothing_and_needs_no_scope():
    shipped = shipped_mappings()
    off = {mapping.name for mapping in shipped.mappings} - {mapping.name for mapping in shipped.enabled}
    assert set().union(*NAMES.values()) <= off
    assert objects(shipped) == {"Contact", "Order"}
    assert "accounting.attachments" not in {OBJECTS[mapping.object].scope for mapping in shipped.enabled}


def test_a_mapping_that_is_switched_off_says_so():
    (note,) = [mapping for mapping in shipped_mappings().mappings if mapping.name == "note-on-contact"]
    assert note.why_not(EVENTS[0]) == "it is switched off (enabled: false)"
    assert not note.wants(EVENTS[0])


@pytest.mark.parametrize("name", NAMES)
def test_each_is_right_when_it_is_switched_on(name, tmp_path):
    loaded = load(switched_on(tmp_path / "mappings", name), FIELDS)
    assert NAMES[name] <= {mapping.name for mapping in loaded.enabled}
    assert loaded.warnings == ()
