"""Likeness: whether an element of Xero contains a payload. Xero shows more than it was sent, in its own spelling.

`XeroObject.is_held` and the rebuild of links (`sync.recovery.links`) call it.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

SLOTS = ("PhoneType", "AddressType")  # lists in slots are compared slot by slot
EMPTY: tuple[Any, ...] = (None, "", [], {})


def holds(shown: Any, wanted: Any) -> bool:
    """Tell whether *shown* contains all of *wanted*; other fields do not matter."""
    if wanted in EMPTY:
        return shown in EMPTY
    if isinstance(wanted, Mapping):
        return isinstance(shown, Mapping) and all(holds(shown.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        return isinstance(shown, Sequence) and _hold_list(shown, wanted)
    # In Python True equals 1, in Xero's JSON it does not.
    if isinstance(wanted, bool) or isinstance(shown, bool):
        return bool(shown is wanted)
    if isinstance(wanted, int | float | Decimal) and isinstance(shown, int | float | Decimal):
        return Decimal(str(shown)) == Decimal(str(wanted))
    return str(shown) == str(wanted)


def _hold_list(shown: Sequence[Any], wanted: Sequence[Any]) -> bool:
    slot = next((name for name in SLOTS if isinstance(wanted[0], Mapping) and name in wanted[0]), "")
    if not slot:
        return len(shown) == len(wanted) and all(map(holds, shown, wanted))
    by_slot = {entry.get(slot): entry for entry in shown if isinstance(entry, Mapping)}
    return all(holds(by_slot.get(entry.get(slot)), entry) for entry in wanted)
