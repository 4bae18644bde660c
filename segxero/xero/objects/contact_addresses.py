"""Addresses of contacts and orders. Xero prints the contact's POBOX address; an invoice cannot have one of its own.

`contacts` keeps the newest address whole, `invoices` names another billing address in the first line of an order.
"""

from collections.abc import Mapping, Sequence
from typing import Any

PLACE = ("AddressLine1", "AddressLine2", "City", "Region", "PostalCode", "Country")
BILL_TO = "BillTo"  # a field of an order: the billing address that it states


def complete_addresses(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return *fields* whose addresses say of every part whether they have it: parts of two addresses never mix."""
    addresses = fields.get("Addresses")
    if not isinstance(addresses, list):
        return dict(fields)
    return {**fields, "Addresses": [_complete(entry) for entry in addresses]}


def drop_empty_parts(addresses: Any) -> Any:
    """Return *addresses* without empty parts: a write of an address replaces all of it."""
    if not isinstance(addresses, list):
        return addresses
    return [
        {name: part for name, part in entry.items() if part is not None} if isinstance(entry, Mapping) else entry
        for entry in addresses
    ]


def read_bill_to(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the billing address of an order's *event*, in Xero's words; {} without one."""
    properties = event.get("properties")
    found = properties.get("billing_address") if isinstance(properties, Mapping) else None
    if not isinstance(found, Mapping):
        return {}
    spelled = {
        "Name": ("company", "name"),
        "AddressLine1": ("street", "address1", "line1"),
        "City": ("city",),
        "PostalCode": ("postalCode", "postal_code", "zip"),
    }
    read = {part: next((found[name] for name in names if found.get(name)), "") for part, names in spelled.items()}
    return {part: str(text) for part, text in read.items() if text}


def write_bill_to(bill_to: Mapping[str, Any], addresses: Sequence[Mapping[str, Any]]) -> str:
    """Return `Bill to: Kauri Ltd, Dunedin` for an order billed elsewhere than to its contact; else ''."""
    known = next((entry for entry in addresses if entry.get("AddressType") == "POBOX"), {})
    place = [part for part in ("AddressLine1", "City", "PostalCode") if bill_to.get(part)]
    if not place or all(_plain(bill_to[part]) == _plain(known.get(part)) for part in place):
        return ""
    shown = [str(bill_to[part]) for part in ("Name", "City") if bill_to.get(part)] or [str(bill_to[place[0]])]
    return f"Bill to: {', '.join(shown)}"


def _complete(entry: Any) -> Any:
    if not isinstance(entry, Mapping) or not any(entry.get(part) for part in PLACE):
        return entry
    return {**dict.fromkeys(PLACE), **entry}


def _plain(text: Any) -> str:
    return " ".join(str(text or "").casefold().split())
