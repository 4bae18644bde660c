"""The Xero objects that segxero keeps in step: one row each."""

from segxero.mapping.descriptions import Objects
from segxero.xero import contacts, invoices, tracking
from segxero.xero.descriptions import describe
from segxero.xero.row import ObjectRow

OBJECTS: dict[str, ObjectRow] = {
    row.name: row for row in (contacts.ROW, tracking.CATEGORY, tracking.OPTION, invoices.ROW)
}
QUEUES: tuple[str, ...] = tuple(dict.fromkeys(row.queue for row in OBJECTS.values()))
FIELDS: Objects = {row.name: describe(row.schema, row.fields) for row in OBJECTS.values()}


def in_queue(queue: str) -> tuple[ObjectRow, ...]:
    """Return the rows that *queue* delivers, those first that others depend on."""
    return tuple(row for row in OBJECTS.values() if row.queue == queue)
