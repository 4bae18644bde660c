"""The Xero objects that segxero keeps in step: one row each."""

from segxero.mapping.files.descriptions import Objects
from segxero.xero.objects import (
    allocations,
    contact_groups,
    contacts,
    credit_notes,
    history,
    invoices,
    items,
    payments,
    tracking,
)
from segxero.xero.objects.descriptions import describe
from segxero.xero.objects.row import ObjectRow

OBJECTS: dict[str, ObjectRow] = {
    row.name: row
    for row in (
        contacts.ROW,
        contact_groups.GROUP,
        contact_groups.MEMBER,
        tracking.CATEGORY,
        tracking.OPTION,
        items.ROW,
        invoices.ROW,
        credit_notes.ROW,
        allocations.ROW,
        payments.ROW,
        history.NOTE,
        history.ATTACHMENT,
    )
}
QUEUES: tuple[str, ...] = tuple(dict.fromkeys(row.queue for row in OBJECTS.values()))
LAST: tuple[str, ...] = tuple(
    queue for queue in QUEUES if all(row.spare for row in OBJECTS.values() if row.queue == queue)
)  # these go last, from calls that nothing else will need
SHARERS: tuple[str, ...] = tuple(queue for queue in QUEUES if queue not in LAST)  # these share the calls
FIELDS: Objects = {row.name: describe(row.schema, row.fields) for row in OBJECTS.values()}


def in_queue(queue: str) -> tuple[ObjectRow, ...]:
    """Return the rows that *queue* delivers, those first that others depend on."""
    return tuple(row for row in OBJECTS.values() if row.queue == queue)
