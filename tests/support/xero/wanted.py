"""Records as the rows of segxero.xero see them, with ids that a person can read."""

from typing import Any

from segxero.xero.objects.context import Context
from segxero.xero.objects.wanted import Linked, Wanted
from tests.support.segment.orders import TABLES, TAX

CONTACT_ID = "c0000000-0000-0000-0000-000000000001"
INVOICE_ID = "10000000-0000-0000-0000-000000000001"
CATEGORY_ID = "ca000000-0000-0000-0000-000000000001"
OPTION_ID = "0b000000-0000-0000-0000-000000000001"

CONTEXT = Context(tables=TABLES, order_id_in="InvoiceNumber", due_days=14, tax=TAX)


def wanted(key: str, *, xero_id: str = "", chosen_name: str = "", **fields: Any) -> Wanted:
    """Return a record that refers to nothing."""
    return Wanted(key=key, fields=fields, xero_id=xero_id, chosen_name=chosen_name)


def contact_link(key: str = "u1", xero_id: str = CONTACT_ID) -> Linked:
    return Linked(object="Contact", key=key, xero_id=xero_id, fields={})


def category_link(name: str = "Sales channel", xero_id: str = CATEGORY_ID) -> Linked:
    return Linked(
        object="TrackingCategory", key=name, xero_id=xero_id, fields={"Name": name}, remembered={"name": name}
    )


def option_link(option: str, category: str = "Sales channel") -> Linked:
    """Return a label as Xero spells it."""
    return Linked(
        object="TrackingOption",
        key=f"{category}: {option}",
        xero_id=OPTION_ID,
        fields={"Category": category.lower(), "Option": option.lower()},
        remembered={"name": option, "category": category},
    )
