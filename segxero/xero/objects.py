"""The Xero objects that segxero keeps in step: one row each."""

from segxero.xero import contacts, invoices, tracking
from segxero.xero.row import ObjectRow

OBJECTS: dict[str, ObjectRow] = {
    row.name: row for row in (contacts.ROW, tracking.CATEGORY, tracking.OPTION, invoices.ROW)
}
QUEUES: tuple[str, ...] = tuple(dict.fromkeys(row.queue for row in OBJECTS.values()))
FIELDS: dict[str, frozenset[str]] = {row.name: row.fields for row in OBJECTS.values()}


def in_queue(queue: str) -> tuple[ObjectRow, ...]:
    """Return the rows that *queue* delivers, those first that others depend on."""
    return tuple(row for row in OBJECTS.values() if row.queue == queue)
