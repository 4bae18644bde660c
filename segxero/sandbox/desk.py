"""The desk: what a person does in Xero's own pages and no API can: merge, archive and restore contacts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from segxero.sandbox.book import Book
from segxero.sandbox.objects.contact_writes import blank


def put_contacts(book: Book, contacts: Iterable[Mapping[str, Any]], now: datetime) -> list[str]:
    """Add *contacts*, or change those that name a ContactID, any property of them; return their ids.

    Raise ValueError for an id that there is not.
    """
    return [_put(book, dict(contact), now) for contact in contacts]


def _put(book: Book, changes: dict[str, Any], now: datetime) -> str:
    identity = changes.get("ContactID")
    old = book.contacts.get(identity) if identity else blank(book)
    if old is None:
        raise ValueError(f"There is no contact {identity}.")
    new = {**old, **changes, "UpdatedDateUTC": now}
    book.contacts.put(new["ContactID"], new)
    return str(new["ContactID"])
