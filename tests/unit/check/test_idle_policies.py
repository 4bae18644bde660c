"""A chosen policy that decides nothing is told with the rule that decides instead."""

from pathlib import Path

import pytest

from segxero.check.finding import State
from segxero.check.mappings import find_idle_policies
from segxero.mapping.files.loader import load
from segxero.xero.objects.table import FIELDS
from tests.support.set_ups.mapping_files import write_mappings

SHIPPED = Path(__file__).parents[3] / "mappings"
ORGANISATION = "main:\n  sources: all\n  policies: {paid_invoice: allowed, lock_date: park}\n"
INVOICE = """\
- name: order
  object: Invoice
  enabled: %s
  trigger: type = "track" and event = "Order Completed"
  key: $.properties.order_id
  without_key: skip
  fields: {Total: $.properties.total}
"""


def list_idle(tmp_path, files):
    mappings = load(write_mappings(tmp_path, {"organisations.yaml": ORGANISATION, **files}), FIELDS)
    return [(one.state, one.found, one.remedy) for one in find_idle_policies(mappings)]


@pytest.mark.parametrize("orders", [(SHIPPED / "orders.yaml").read_text(encoding="utf-8"), INVOICE % "false"])
def test_l5_paid_invoice_is_told_its_successor_where_no_mapping_makes_invoices_directly(tmp_path, orders):
    assert list_idle(tmp_path, {"orders.yaml": orders}) == [
        (
            State.NOTE,
            (
                "the policy paid_invoice of main decides nothing: a change of a paid or credited order is a further"
                " invoice or a credit note (rule L5)"
            ),
            "delete the line",
        )
    ]


def test_paid_invoice_still_decides_for_a_mapping_that_makes_invoices_directly(tmp_path):
    assert list_idle(tmp_path, {"orders.yaml": INVOICE % "true"}) == []
