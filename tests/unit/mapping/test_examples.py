"""The examples are not loaded as they are shipped, and each is right when it is switched on."""

import pytest

from segxero.mapping.loader import load
from segxero.xero.objects import FIELDS
from tests.support.core import shipped_mappings
from tests.support.examples import switched_on

NAMES = {
    "history": {"note-on-contact", "note-on-invoice"},
    "attachments": {"order-as-attachment"},
    "owner": {"owner-of-contact", "owner-of-order", "owned-contact", "owned-order"},
}


def test_the_examples_are_off():
    loaded = {mapping.name for mapping in shipped_mappings().mappings}
    assert loaded.isdisjoint(set().union(*NAMES.values()))


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_right_when_it_is_switched_on(name, tmp_path):
    loaded = load(switched_on(tmp_path / "mappings", name), FIELDS)
    assert NAMES[name] <= {mapping.name for mapping in loaded.mappings}
    assert loaded.warnings == ()
