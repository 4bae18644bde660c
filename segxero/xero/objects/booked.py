"""Content that the queue `orders` has computed for a record, and how far Xero has it.

Such a record has the field `Booked`: its content as Xero takes it, or the status DELETED or VOIDED where Xero should
not have it any more. The record remembers the content that Xero has as `made`. Documents, payments and allocations
read it.
"""

from collections.abc import Mapping
from typing import Any

from segxero import jsontext
from segxero.xero.objects.wanted import Wanted

BOOKED = "Booked"
MADE = "made"  # remembered: the content that Xero has
AMOUNT = "amount"  # remembered of a payment or allocation: the amount that Xero has
FROZEN = "frozen"  # remembered: Xero has refused to change the record or to take it away
NOWHERE = "-"  # the Xero id of a payment or allocation that was taken away
GONE = ("DELETED", "VOIDED")
HEADS = ("Header", "Refers")  # of a document: its other fields, and the keys that its references name


def get_booked(wanted: Wanted) -> Mapping[str, Any] | None:
    """Return the content that an order wants; None for a record that no order has computed."""
    found = wanted.fields.get(BOOKED)
    return found if isinstance(found, Mapping) else None


def get_made(remembered: Mapping[str, str]) -> dict[str, Any]:
    """Return the content that Xero has; {} where it has none."""
    found: dict[str, Any] = jsontext.loads(remembered.get(MADE) or "{}")
    return found


def has_same_content(made: Mapping[str, Any], booked: Mapping[str, Any]) -> bool:
    """Tell whether both differ at most in the head of their document."""
    return {**made, **dict.fromkeys(HEADS)} == {**booked, **dict.fromkeys(HEADS)}


def is_gone(booked: Mapping[str, Any]) -> bool:
    """Tell whether Xero should not have the record."""
    return booked.get("Status") in GONE


def is_in_xero(wanted: Wanted) -> bool:
    """Tell whether Xero has the payment or allocation."""
    return wanted.xero_id not in ("", NOWHERE)


def must_go(wanted: Wanted) -> bool:
    """Tell whether a payment or allocation in Xero is to be taken away: Xero cannot change it."""
    booked = get_booked(wanted)
    if booked is None or not is_in_xero(wanted) or wanted.remembered.get(FROZEN):
        return False
    # A record from before orders had facts carries no content, so it is left as it is.
    made = get_made(wanted.remembered)
    return is_gone(booked) or (bool(made) and made != dict(booked))


def is_given_up(wanted: Wanted) -> bool:
    """Tell whether an order gave the record up before Xero had it: there is nothing to send and nothing to wait for."""
    booked = get_booked(wanted)
    return booked is not None and is_gone(booked) and not is_in_xero(wanted)


def keep(booked: Mapping[str, Any]) -> dict[str, str]:
    """Return the facts to remember once Xero has *booked*."""
    return {MADE: jsontext.canonical(dict(booked)), FROZEN: ""}


def forget() -> dict[str, str]:
    """Return the facts to remember once Xero has the record no more."""
    return {MADE: "", FROZEN: ""}
