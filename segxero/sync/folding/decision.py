"""Decides whether an event is folded or ignored, and finds the money in an ignored event.

The receiver, the events queue and the rehearsal of an import ask `decide`. It is pure: the counting is in `unbooked`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from segxero.errors import MappingError
from segxero.mapping.model import MappingSet, source_of
from segxero.mapping.names import NO_NAMES, Names
from segxero.mapping.values import numbers
from segxero.xero.objects.table import MONEY

IDS = tuple(
    spelling
    for noun in ("order", "invoice", "refund", "payment", "charge", "transaction", "subscription")
    for spelling in (f"{noun}_id", f"{noun}Id", f"{noun}_number", f"{noun}Number")
)
AMOUNTS = ("total", "revenue", "amount")
LONGEST_NAME = 100
LARGEST = Decimal(10) ** 10  # a larger amount is a fault of the sender and would spoil the sum
NO_ID = ("", None)
_CURRENCY = re.compile(r"[A-Z]{3}")


class Why(StrEnum):
    """Why an event is ignored."""

    UNWANTED = "no mapping wants it"
    NO_ORGANISATION = "its source belongs to no organisation"
    SOURCE = "its source may not book money"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The *organisation* of an event ('' for none), and *why* the event is ignored; None when it is folded."""

    organisation: str = ""
    why: Why | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unbooked:
    """Money of one ignored event; *amount* is None where the event's amount cannot be read."""

    organisation: str
    why: Why
    source: str
    event: str
    message_id: str
    currency: str
    amount: Decimal | None


def decide(mappings: MappingSet, event: Mapping[str, Any], names: Names = NO_NAMES) -> Decision:
    """Decide about *event* as segment.event.read gave it."""
    is_wanted = mappings.wants(event, names)
    organisation = mappings.organisation_of(event)
    if organisation is None:
        return Decision(why=Why.NO_ORGANISATION)
    if not is_wanted:
        return Decision(organisation=organisation, why=Why.UNWANTED)
    settings = mappings.organisations[organisation]
    # A contact from any source does no harm. An order from a browser may be anybody's invention.
    if not settings.may_book(source_of(event)) and mappings.objects_of(event, names) & MONEY:
        return Decision(organisation=organisation, why=Why.SOURCE)
    return Decision(organisation=organisation)


def find_unbooked(
    mappings: MappingSet, event: Mapping[str, Any], decision: Decision, message_id: str
) -> Unbooked | None:
    """Return the money of *event* when the *decision* ignores it; None when it carries none."""
    properties = event.get("properties")
    if decision.why is None or event.get("type") != "track" or not isinstance(properties, Mapping):
        return None
    if all(properties.get(name) in NO_ID for name in IDS):
        return None
    stated = next((properties[name] for name in AMOUNTS if properties.get(name) not in NO_ID), None)
    if stated is None:
        return None
    amount = _read_amount(stated)
    if amount == 0:
        return None
    organisation = mappings.organisations.get(decision.organisation)
    return Unbooked(
        organisation=decision.organisation,
        why=decision.why,
        source=source_of(event)[:LONGEST_NAME],
        event=str(event.get("event") or "")[:LONGEST_NAME],
        message_id=message_id,
        currency=_find_currency(properties) or (organisation.currency if organisation else ""),
        amount=amount,
    )


def _read_amount(stated: Any) -> Decimal | None:
    try:
        amount = numbers.read(stated)
    except MappingError:
        return None
    return amount if abs(amount) < LARGEST else None


def _find_currency(properties: Mapping[str, Any]) -> str:
    """Return the currency of the event, or the currency of its first product that names any."""
    products = properties.get("products")
    found = [one for one in products if isinstance(one, Mapping)] if isinstance(products, list) else []
    for holder in (properties, *found):
        code = holder.get("currency")
        if isinstance(code, str) and _CURRENCY.fullmatch(code.strip().upper()):
            return code.strip().upper()
    return ""
