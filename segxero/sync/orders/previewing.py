"""The records of orders, computed from folded values alone: without Redis and without Xero.

Called by the preview of an event and by the rehearsal of an import.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from segxero.orders.books import Question
from segxero.sync.orders.computing import HANDED_ON, Computed, compute
from segxero.sync.orders.laying import Laid
from segxero.sync.orders.settings import choose_context
from segxero.sync.records.operations import REFERENCE, unflatten
from segxero.xero.objects.booked import BOOKED
from segxero.xero.objects.context import Context
from segxero.xero.objects.orders import Orders
from segxero.xero.objects.wanted import Linked

Ref: TypeAlias = tuple[str, str]  # object, key
Values: TypeAlias = Mapping[str, Any]  # path -> value
ORDER = Orders.name
ITEMS = "Items"


@dataclass(slots=True, kw_only=True)
class ExpandedOrder:
    """The *values* of all records, with those written by orders; the *written* and the *questions* of each order."""

    values: dict[Ref, dict[str, Any]]
    written: dict[str, list[Ref]] = field(default_factory=dict)
    questions: dict[str, tuple[Question, ...]] = field(default_factory=dict)

    def get_booked(self, ref: Ref) -> Any:
        """Return the content wanted of a record by its order."""
        return self.values.get(ref, {}).get(BOOKED)


def expand(values: Mapping[Ref, Values], context: Context) -> ExpandedOrder:
    """Return *values* with the records written by their orders."""
    expanded = ExpandedOrder(values={ref: dict(found) for ref, found in values.items()})
    for (name, number), found in values.items():
        if name == ORDER:
            _expand_order(expanded, number, found, context)
    return expanded


def _expand_order(expanded: ExpandedOrder, number: str, found: Values, context: Context) -> None:
    plain = {path: value for path, value in found.items() if not path.startswith(REFERENCE)}
    items = tuple(
        Linked(object="Item", key=str(entry["key"]), xero_id="?", fields={})
        for entry in found.get(f"{REFERENCE}{ITEMS}") or []
    )
    fields = unflatten(plain, Orders.slots)
    computed = compute(number, fields, choose_context(context, fields), items)
    expanded.questions[number] = tuple(computed.questions)
    expanded.written[number] = [(each.object, each.key) for each in computed.laid]
    for each in computed.laid:
        record = expanded.values.setdefault((each.object, each.key), {})
        record |= _make_values(each, computed, found)


def _make_values(each: Laid, computed: Computed, order: Values) -> dict[str, Any]:
    """Return the values of a record as book.lua writes them."""
    values: dict[str, Any] = {BOOKED: dict(each.booked)}
    for name, target in each.references.items():
        values[f"{REFERENCE}{name}"] = [{"object": target.object, "key": target.key, "optional": False}]
    if "LineItems" in each.booked:
        handed = {f"{REFERENCE}{name}" for name in HANDED_ON}
        values |= {path: value for path, value in order.items() if path in handed}
        values |= computed.get_header(each.source)
    return values
