"""The Xero objects kept in step by segxero, and the tables derived from them: queues, scopes, fields of mappings."""

from collections.abc import Collection, Iterable
from typing import Any

from marshmallow import Schema, validate
from marshmallow import fields as schema_fields

from segxero.mapping.files.descriptions import ANYTHING, DescribedField, Objects
from segxero.mapping.shops import KeyNames
from segxero.xero.objects.allocations import Allocations
from segxero.xero.objects.contact_groups import ContactGroups
from segxero.xero.objects.contacts import Contacts
from segxero.xero.objects.credit_notes import CreditNotes
from segxero.xero.objects.history import Attachments, HistoryNotes
from segxero.xero.objects.invoices import Invoices
from segxero.xero.objects.items import Items
from segxero.xero.objects.memberships import ContactGroupMembers
from segxero.xero.objects.orders import Orders
from segxero.xero.objects.payments import Payments
from segxero.xero.objects.tracking import TrackingCategories, TrackingOptions
from segxero.xero.objects.xero_object import XeroObject

OBJECTS: dict[str, XeroObject] = {
    xero_object.name: xero_object
    for xero_object in (
        Contacts(),
        ContactGroups(),
        ContactGroupMembers(),
        TrackingCategories(),
        TrackingOptions(),
        Items(),
        Orders(),
        Invoices(),
        CreditNotes(),
        Allocations(),
        Payments(),
        HistoryNotes(),
        Attachments(),
    )
}
SCOPES: dict[str, str] = {name: xero_object.scope for name, xero_object in OBJECTS.items()}
MONEY: frozenset[str] = frozenset(name for name, xero_object in OBJECTS.items() if xero_object.books_money)
KEY_NAMES = KeyNames(
    orders=MONEY,
    people=frozenset(name for name, xero_object in OBJECTS.items() if xero_object.is_debtor),
    links=frozenset(xero_object.order_field for xero_object in OBJECTS.values() if xero_object.order_field),
)
# The queues that call Xero, and all queues of records.
QUEUES: tuple[str, ...] = tuple(dict.fromkeys(member.queue for member in OBJECTS.values() if member.calls_xero))
RECORD_QUEUES: tuple[str, ...] = tuple(dict.fromkeys(member.queue for member in OBJECTS.values()))


def in_queue(queue: str) -> tuple[XeroObject, ...]:
    """Return the objects of *queue*; an object stands behind its dependencies."""
    return tuple(xero_object for xero_object in OBJECTS.values() if xero_object.queue == queue)


def add_carriers(made: Iterable[str], scopes: Collection[str]) -> frozenset[str]:
    """Return the objects *made* by mappings and those that carry them to Xero."""
    names = frozenset(made)
    carriers = {carrier for name in names for carrier in OBJECTS[name].carried_by}
    # Without the scope of a carrier nothing of it was ever written, and Xero shows no list of it.
    return names | {carrier for carrier in carriers if SCOPES[carrier] in scopes}


# These queues go last, with calls to spare; all others share the calls.
LAST: tuple[str, ...] = tuple(queue for queue in QUEUES if all(member.spare for member in in_queue(queue)))
SHARERS: tuple[str, ...] = tuple(queue for queue in QUEUES if queue not in LAST)
# The records of these queues make those of DOCUMENTS, without a call.
COMPUTING: tuple[str, ...] = tuple(queue for queue in RECORD_QUEUES if queue not in QUEUES)
DOCUMENTS = frozenset(member.queue for member in OBJECTS.values() if member.books_money and member.calls_xero)
# The most records of a queue in one call.
BATCHES: dict[str, int] = {queue: max(member.batch for member in in_queue(queue)) for queue in QUEUES}


def describe(schema: Schema, names: Iterable[str]) -> dict[str, DescribedField]:
    """Describe the fields *names* for the loader of mappings; a name of our own takes anything."""
    return {name: _describe(schema.fields[name]) if name in schema.fields else ANYTHING for name in names}


def _describe(field: schema_fields.Field[Any]) -> DescribedField:
    if isinstance(field, schema_fields.List):
        return _describe(field.inner)
    if isinstance(field, schema_fields.Nested):
        inner = field.schema
        assert isinstance(inner, Schema)
        return DescribedField(fields={name: _describe(member) for name, member in inner.fields.items()})
    if isinstance(field, schema_fields.Decimal):
        return DescribedField(is_number=True)
    longest, words = None, ()
    for validator in field.validators:
        if isinstance(validator, validate.Length):
            longest = validator.max
        elif isinstance(validator, validate.OneOf):
            words = tuple(validator.choices)
    return DescribedField(longest=longest, words=words)


FIELDS: Objects = {name: describe(member.schema, member.fields) for name, member in OBJECTS.items()}
