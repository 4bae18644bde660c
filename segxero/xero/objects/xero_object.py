"""The base class of the Xero objects: the questions of `sync` about a kind of record, with the usual answers.

`sync` folds, delivers and rebuilds every record the same way. Each difference between the kinds is a class attribute
or a hook of this class. The hooks are pure: they make no call and keep no state. `table.OBJECTS` lists the subclasses.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar

from marshmallow import Schema

from segxero.xero.api.request import Request
from segxero.xero.money.amounts import cents
from segxero.xero.objects.companions import Brought, Implied
from segxero.xero.objects.context import Context
from segxero.xero.objects.likeness import holds
from segxero.xero.objects.numbering import COPY, MOST_COPIES
from segxero.xero.objects.wanted import Batch, Prepared, Wanted


class XeroObject(ABC):
    """One kind of object in Xero. To add a kind, write a subclass and list it in `table.OBJECTS`."""

    #: Xero's word for the object; mappings and records use it.
    name: ClassVar[str]
    #: Celery queue that delivers the records.
    queue: ClassVar[str]
    #: Least OAuth scope that writes the object.
    scope: ClassVar[str]
    #: Key of the object's id in Xero's answers.
    id_field: ClassVar[str]
    #: Key of the list of elements in Xero's answers.
    collection: ClassVar[str]
    #: Fields that a mapping may set.
    fields: ClassVar[frozenset[str]]
    #: Payload as Xero takes it.
    schema: ClassVar[Schema]
    #: List fields folded entry by entry, with the key of an entry.
    slots: ClassVar[Mapping[str, str]] = MappingProxyType({})
    #: Most characters of our key in Xero; 0 where Xero holds no key.
    longest: ClassVar[int] = 0
    #: Most records in a call.
    batch: ClassVar[int] = 50
    #: Ask Xero for the record before it is created.
    look_first: ClassVar[bool] = False
    #: Every write adds something, so a lost answer is looked up even where the id is known.
    appends: ClassVar[bool] = False
    #: Goes last, with calls to spare.
    spare: ClassVar[bool] = False
    #: A record in Xero needs no second write.
    written_once: ClassVar[bool] = False
    #: Names are unique in Xero: delivery adopts an existing record, or picks a free name.
    has_unique_names: ClassVar[bool] = False
    #: Remembered for a record in Xero before us; '' where such records are not adopted.
    adopted_as: ClassVar[str] = ""
    #: Remembered: the id of a record before somebody archived or merged it; '' where Xero archives none.
    archived_as: ClassVar[str] = ""
    #: Remembered facts, dropped with the next delivery.
    forgets: ClassVar[tuple[str, ...]] = ()
    #: Segment is told the Xero id of the record.
    is_told_to_segment: ClassVar[bool] = False
    #: Fields whose record is the sender of the events, or refers to the sender. Empty: the record is the sender.
    names_sender: ClassVar[tuple[str, ...]] = ()
    #: A bookkeeper's word for the record, in alerts and lists.
    noun: ClassVar[str] = "record"
    #: A record changes what somebody owes or has paid; see `booking_sources` and `shops` in organisations.yaml.
    books_money: ClassVar[bool] = False
    #: A record is a person or company, whom the shops of an organisation share unless a shop says otherwise.
    is_debtor: ClassVar[bool] = False
    #: Field of a mapping that holds the key of an order.
    order_field: ClassVar[str] = ""
    #: Address of a record's page in Xero, with {} for its id (developer.xero.com, "Deep link to Xero").
    page: ClassVar[str] = ""

    # To make a call.

    @abstractmethod
    def prepare(self, wanted: Wanted, context: Context) -> Prepared:
        """Return the payload. Raise ParkedError while something is missing, PermanentError for bad data."""

    @abstractmethod
    def write(self, batch: Batch) -> Request:
        """Make the call to write *batch*, whose records are all new or all known to Xero."""

    def together(self, wanted: Wanted) -> str:
        """Return a text; records with the same text share a call."""
        return ""

    @abstractmethod
    def lookup(self, batch: Sequence[Wanted], context: Context) -> Request:
        """Make the call to find *batch* in Xero."""

    # To read an answer.

    def elements(self, answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
        """Return the candidates for this record in *answer*."""
        return list(answer.get(self.collection, []))

    @abstractmethod
    def is_same(self, element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
        """Tell whether *element* is this record."""

    def identify(self, element: Mapping[str, Any], wanted: Wanted) -> str:
        """Return the Xero id of *element*."""
        return str(element.get(self.id_field) or "")

    def is_ours(self, element: Mapping[str, Any], prepared: Prepared) -> bool:
        """Tell whether an element with our number is our record, and not made by somebody else."""
        return True

    def is_written(self, element: Mapping[str, Any], prepared: Prepared) -> bool:
        """Tell whether Xero already has the payload and needs no write."""
        return self.written_once

    def is_held(self, seen: Mapping[str, Any], prepared: Prepared) -> bool:
        """Tell whether the facts *seen* by a listing already contain the payload."""
        return self.written_once or holds(seen, prepared.payload)

    def takes_two(self, context: Context) -> bool:
        """Tell whether Xero would create the same record twice without a refusal."""
        return False

    def remembers(self, element: Mapping[str, Any], wanted: Wanted) -> dict[str, str]:
        """Return the facts of *element* for later calls."""
        return {}

    def faults(self, element: Mapping[str, Any], wanted: Wanted, prepared: Prepared) -> tuple[str, ...]:
        """Return sentences for a person about the differences between *element*, just written, and the payload."""
        found = element.get("Total")
        if prepared.total is None or (found is not None and cents(Decimal(str(found))) == prepared.total):
            return ()
        return (f"Xero's total is {found}, the order's is {prepared.total}",)

    # When Xero refuses, or would refuse.

    def refuse(self, answer: Mapping[str, Any], wanted: Wanted) -> str:
        """Return why a record missing from a look-up cannot be created; '' when it can."""
        return ""

    def policy_of(self, answer: Mapping[str, Any], wanted: Wanted) -> str:
        """Return the policy for the reason of `refuse`; '' when a person must decide."""
        return ""

    def needs_open_day(self, remembered: Mapping[str, str]) -> bool:
        """Tell whether the next payload depends on the organisation's lock dates."""
        return False

    def move_date(self, wanted: Wanted) -> Mapping[str, str] | None:
        """Return the facts to date the record on the first open day; None when its date cannot move."""
        return None

    def narrow(self, wanted: Wanted) -> Mapping[str, str] | None:
        """Return the facts to limit an update to changeable fields; None where Xero takes no update."""
        return None

    def renumber(self, wanted: Wanted) -> Mapping[str, str] | None:
        """Return the facts to try the next number; None after MOST_COPIES."""
        copy = int(wanted.remembered.get(COPY) or 1) + 1
        if copy > MOST_COPIES:
            return None
        # The next number belongs to a new record in Xero, so the archived id is of no more use.
        return {COPY: str(copy), **({self.archived_as: ""} if self.archived_as else {})}

    def counts_for_plan(self, prepared: Prepared) -> bool:
        """Tell whether a new record counts towards the monthly limit of Xero's plan."""
        return False

    # To relate to other records.

    def names(self, wanted: Wanted) -> tuple[str, ...]:
        """Return the possible names of the record, best first."""
        return ()

    def implied(self, key: str, fields: Mapping[str, Any]) -> Implied | None:
        """Return the record needed in Xero first."""
        return None

    def brings(self, key: str, fields: Mapping[str, Any]) -> Brought | None:
        """Return the record to make afterwards."""
        return None
