"""Likeness: does what Xero shows hold what a payload says? Xero shows more than it was sent, and spells it its way."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

SLOTS = ("PhoneType", "AddressType")  # lists that Xero keeps in slots are compared slot by slot
EMPTY: tuple[Any, ...] = (None, "", [], {})


def holds(shown: Any, wanted: Any) -> bool:
    """Tell whether *shown* has all that *wanted* says; what *wanted* leaves out does not matter."""
    if wanted in EMPTY:
        return shown in EMPTY
    if isinstance(wanted, Mapping):
        return isinstance(shown, Mapping) and all(holds(shown.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        return isinstance(shown, Sequence) and _lists(shown, wanted)
    if isinstance(wanted, bool) or isinstance(shown, bool):
        return bool(shown is wanted)
    if isinstance(wanted, int | float | Decimal) and isinstance(shown, int | float | Decimal):
        return Decimal(str(shown)) == Decimal(str(wanted))
    return str(shown) == str(wanted)


def _lists(shown: Sequence[Any], wanted: Sequence[Any]) -> bool:
    slot = next((name for name in SLOTS if isinstance(wanted[0], Mapping) and name in wanted[0]), "")
    if not slot:
        return len(shown) == len(wanted) and all(map(holds, shown, wanted))
    by_slot = {one.get(slot): one for one in shown if isinstance(one, Mapping)}
    return all(holds(by_slot.get(one.get(slot)), one) for one in wanted)
