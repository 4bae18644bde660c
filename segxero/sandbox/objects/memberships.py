"""Members of contact groups: the group alone keeps the ids of its contacts."""

from collections.abc import Sequence
from typing import Any

from segxero.sandbox.state.book import Book
from segxero.sandbox.state.table import Record


def list_groups_of(book: Book, contact_id: str) -> list[dict[str, Any]]:
    """Return the groups of a contact as the contact shows them (recorded): without their members."""
    return [show_group(group) for group in book.contact_groups if contact_id in group["Members"]]


def show_group(group: Record, contacts: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """Return a group as it goes over the wire, with *contacts* already in their wire form."""
    return {
        "ContactGroupID": group["ContactGroupID"],
        "Name": group["Name"],
        "Status": group["Status"],
        "Contacts": list(contacts),
        "HasValidationErrors": False,
    }
