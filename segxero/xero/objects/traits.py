"""The constants of a Xero object, by noun. `XeroObject` inherits all of them; each object sets those that it needs."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from marshmallow import Schema


class XeroNames:
    """The names of the object in Xero's API and on Xero's pages."""

    #: Xero's word for the object; mappings and records use it.
    name: ClassVar[str]
    #: A bookkeeper's word for the record, in alerts and lists.
    noun: ClassVar[str] = "record"
    #: Key of the object's id in Xero's answers.
    id_field: ClassVar[str]
    #: Key of the list of elements in Xero's answers.
    collection: ClassVar[str]
    #: Most characters of our key in Xero; 0 where Xero holds no key.
    longest: ClassVar[int] = 0
    #: Address of a record's page in Xero, with {} for its id (developer.xero.com, "Deep link to Xero").
    page: ClassVar[str] = ""


class Content:
    """The fields of the object, in mappings and in the payload."""

    #: Fields that a mapping may set.
    fields: ClassVar[frozenset[str]]
    #: Payload as Xero takes it.
    schema: ClassVar[Schema]
    #: List fields folded entry by entry, with the key of an entry.
    slots: ClassVar[Mapping[str, str]] = MappingProxyType({})


class DeliveryTraits:
    """The delivery of the object: its queue, and the rules of its calls."""

    #: Celery queue that delivers the records.
    queue: ClassVar[str]
    #: Least OAuth scope that writes the object.
    scope: ClassVar[str]
    #: Most records in a call.
    batch: ClassVar[int] = 50
    #: Ask Xero for the record before it is created.
    look_first: ClassVar[bool] = False
    #: Every write adds something, so a lost answer is looked up even where the id is known.
    appends: ClassVar[bool] = False
    #: Its queue calls Xero; the queue of orders only writes the records of other queues.
    calls_xero: ClassVar[bool] = True
    #: The objects whose records take it to Xero, where its own queue does not.
    carried_by: ClassVar[tuple[str, ...]] = ()
    #: Goes last, with calls to spare.
    spare: ClassVar[bool] = False
    #: A record in Xero needs no second write.
    written_once: ClassVar[bool] = False
    #: Names are unique in Xero: delivery adopts an existing record, or picks a free name.
    has_unique_names: ClassVar[bool] = False
    #: Keys of one person are joined, and one record stands for them all.
    joins_people: ClassVar[bool] = False
    #: The record says who owes money: a person, or the company for which the person bought.
    has_debtor: ClassVar[bool] = False
    #: A record changes what somebody owes or has paid; see `booking_sources` and `shops` in organisations.yaml.
    books_money: ClassVar[bool] = False
    #: A record is a person or company, whom the shops of an organisation share unless a shop says otherwise.
    is_debtor: ClassVar[bool] = False
    #: Field of a mapping that holds the key of an order.
    order_field: ClassVar[str] = ""


class Memory:
    """The names of the facts that a record remembers of Xero's answers."""

    #: Remembered for a record in Xero before us; '' where such records are not adopted.
    adopted_as: ClassVar[str] = ""
    #: Remembered: the id of a record before somebody archived or merged it; '' where Xero archives none.
    archived_as: ClassVar[str] = ""
    #: Remembered facts, dropped with the next delivery.
    forgets: ClassVar[tuple[str, ...]] = ()


class SegmentTraits:
    """The link of the object to Segment."""

    #: Segment is told the Xero id of the record.
    is_told_to_segment: ClassVar[bool] = False
    #: Fields whose record is the sender of the events, or refers to the sender. Empty: the record is the sender.
    names_sender: ClassVar[tuple[str, ...]] = ()
