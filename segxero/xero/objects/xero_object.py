"""The base class of the Xero objects: the questions of `sync` about a kind of record, with the usual answers.

`sync` folds, delivers and rebuilds every record the same way. Each difference between the kinds is a constant,
in traits.py, or a hook of this class. The hooks are pure: they make no call and keep no state. `table.OBJECTS` lists
the subclasses.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from segxero.xero.api.request import Request
from segxero.xero.money.amounts import cents
from segxero.xero.objects.companions import Brought, Implied
from segxero.xero.objects.context import Context
from segxero.xero.objects.likeness import holds
from segxero.xero.objects.numbering import COPY, MOST_COPIES
from segxero.xero.objects.traits import Content, DeliveryTraits, Memory, SegmentTraits, XeroNames
from segxero.xero.objects.wanted import Batch, Prepared, Wanted


class XeroObject(XeroNames, Content, DeliveryTraits, Memory, SegmentTraits, ABC):
    """One kind of object in Xero. To add a kind, write a subclass and list it in `table.OBJECTS`."""

    # To read an event.

    def sort_fields(
        self, fields: Mapping[str, Any], fallbacks: Mapping[str, Any], keys: frozenset[str]
    ) -> dict[str, dict[str, Any]]:
        """Return *fields* and *fallbacks* of an event without those that Xero must not show; *keys* are its ids."""
        return {"fields": dict(fields), "fallbacks": dict(fallbacks)}

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

    def is_move(self, wanted: Wanted, payload: Mapping[str, Any]) -> bool:
        """Tell whether the change of a record in Xero only moves it to another contact."""
        return False

    @abstractmethod
    def lookup(self, batch: Sequence[Wanted], context: Context) -> Request:
        """Make the call to find *batch* in Xero."""

    def must_look(self, wanted: Wanted) -> bool:
        """Tell whether Xero is read before this record is sent, because something about it is not known."""
        return False

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

    def find_refused(self, sentences: Sequence[str], payload: Mapping[str, Any]) -> dict[str, str]:
        """Return what to remember so that optional fields refused by *sentences* are left out; {} for others."""
        return {}

    def find_doubt(self, wanted: Wanted, kinds: frozenset[str]) -> Mapping[str, str]:
        """Return what to remember when refusals of *kinds* tell that people changed Xero; {} for others.

        The record is looked up before it is sent again.
        """
        return {}

    def find_act(self, element: Mapping[str, Any], wanted: Wanted) -> Mapping[str, str]:
        """Return what to remember when *element*, looked up, shows that a person took it out of Xero; else {}."""
        return {}

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

    def freeze(self, wanted: Wanted, policy: str) -> Mapping[str, str] | None:
        """Return the facts to remember when Xero refuses to change or take away the record of an order.

        *policy* names the refusal, or is ''. None where the refusal is not of that kind.
        """
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

    def place_fact(self, fields: Mapping[str, Any], message_id: str, at: str) -> dict[str, Any]:
        """Return the fields of an event as the record keeps them; *at* is the event's time."""
        return dict(fields)

    def names(self, wanted: Wanted) -> tuple[str, ...]:
        """Return the possible names of the record, best first."""
        return ()

    def implied(self, key: str, fields: Mapping[str, Any]) -> Implied | None:
        """Return the record needed in Xero first."""
        return None

    def brings(self, key: str, fields: Mapping[str, Any]) -> Brought | None:
        """Return the record to make afterwards."""
        return None
