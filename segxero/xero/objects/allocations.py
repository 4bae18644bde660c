"""Allocations: a credit note set off against its invoice, in a call of its own.

An allocation has no number and cannot be changed, and Xero takes a second allocation of the same money. The
invoice is therefore read before each is sent. A paid invoice takes none: the credit stays open until it is paid out.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from marshmallow import Schema, fields

from segxero.errors import ParkedError
from segxero.xero.api.request import Request
from segxero.xero.money.amounts import cents
from segxero.xero.objects import by_hand
from segxero.xero.objects.booked import FROZEN, NOWHERE, forget, get_booked, is_gone, is_in_xero, keep, must_go
from segxero.xero.objects.context import Context
from segxero.xero.objects.document import APPROVED
from segxero.xero.objects.invoices import InvoiceReferenceSchema
from segxero.xero.objects.open_days import kept_day, read_day
from segxero.xero.objects.references import read_total
from segxero.xero.objects.schemas import Text, check_payload
from segxero.xero.objects.wanted import Batch, Linked, Prepared, Wanted
from segxero.xero.objects.xero_object import XeroObject

PAID_STATUS = "PAID"


class AllocationSchema(Schema):
    """The part of a credit note allocated to an invoice."""

    Amount = fields.Decimal(as_string=False, required=True)
    Date = Text(required=True)
    Invoice = fields.Nested(InvoiceReferenceSchema, required=True)


class Allocations(XeroObject):
    """A whole credit note, allocated to the invoice of its order."""

    name = "Allocation"
    queue = "credit_notes"
    scope = "accounting.invoices"
    id_field = "AllocationID"
    collection = "Allocations"
    fields = frozenset({"CreditNote", "Invoice"})
    schema = AllocationSchema()
    batch = 1
    look_first = True
    appends = True
    written_once = True

    def prepare(self, wanted: Wanted, context: Context) -> Prepared:
        """Return the allocation. Raise ParkedError unless both of its documents are approved."""
        note, invoice = _get(wanted, "CreditNote"), _get(wanted, "Invoice")
        if (booked := get_booked(wanted)) is not None:
            return self._prepare_booked(wanted, booked, invoice)
        if wanted.xero_id:
            return Prepared(payload={}, needless=True)
        for noun, document in (("credit note", note), ("invoice", invoice)):
            status = document.fields.get("Status") or APPROVED
            if status != APPROVED:
                raise ParkedError(f"the {noun} is made as {status}; approve it in Xero and allocate the credit there")
        own = read_day(note.fields.get("Date"), "Date", context.zone)
        payload = {
            "Amount": read_total(note),
            # Xero refuses an allocation older than its credit note.
            "Date": (kept_day(note.remembered) or own).isoformat(),
            "Invoice": {"InvoiceID": invoice.xero_id},
        }
        return Prepared(payload=check_payload(self.schema, payload, "allocation"))

    def _prepare_booked(self, wanted: Wanted, booked: Mapping[str, Any], invoice: Linked) -> Prepared:
        """Return the next step of an allocation that its order computed: take it back, make it, or nothing."""
        if must_go(wanted):
            return Prepared(payload={"Status": "DELETED"}, unfinished=not is_gone(booked), makes=forget())
        if is_gone(booked) or is_in_xero(wanted):
            return Prepared(payload={}, needless=True)
        payload = {
            "Amount": cents(Decimal(str(booked["Amount"]))),
            "Date": booked["Date"],
            "Invoice": {"InvoiceID": invoice.xero_id},
        }
        return Prepared(payload=check_payload(self.schema, payload, "allocation"), makes=keep(booked))

    def must_look(self, wanted: Wanted) -> bool:
        """Xero does not always name a new allocation, and takes it back by its id only; refused, it is looked at."""
        is_unnamed = must_go(wanted) and wanted.xero_id == _get(wanted, "CreditNote").xero_id
        return is_unnamed or by_hand.must_read(wanted)

    def find_doubt(self, wanted: Wanted, kinds: frozenset[str]) -> Mapping[str, str]:
        """A credit that its invoice does not take may meet an invoice that a person paid or voided (L15)."""
        return by_hand.find_doubt(wanted, kinds)

    def write(self, batch: Batch) -> Request:
        """Allocate a credit note."""
        ((wanted, payload),) = batch
        if must_go(wanted):
            note = _get(wanted, "CreditNote").xero_id
            return Request(method="DELETE", path=f"/CreditNotes/{note}/Allocations/{wanted.xero_id}")
        path = f"/CreditNotes/{_get(wanted, 'CreditNote').xero_id}/Allocations"
        return Request(method="PUT", path=path, params={"summarizeErrors": "false"}, body={"Allocations": [payload]})

    def lookup(self, batch: Sequence[Wanted], context: Context) -> Request:
        """Read the invoice: the due amount, and the allocated credit notes."""
        if must_go(batch[0]):
            return Request(method="GET", path=f"/CreditNotes/{_get(batch[0], 'CreditNote').xero_id}")
        return Request(method="GET", path=f"/Invoices/{_get(batch[0], 'Invoice').xero_id}")

    def elements(self, answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
        """Return the allocation just made, or the credit notes on the invoice."""
        if must_go(wanted):
            return _list_standing(answer, wanted)
        applied = [note for invoice in answer.get("Invoices", []) for note in invoice.get("CreditNotes") or []]
        return [*answer.get("Allocations", []), *({"CreditNote": note} for note in applied)]

    def is_same(self, element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
        """Compare the ids of both documents; Xero does not always name both."""
        ours = {"CreditNote": _get(wanted, "CreditNote").xero_id, "Invoice": _get(wanted, "Invoice").xero_id}
        named = {name: element[name].get(f"{name}ID") for name in ours if element.get(name)}
        return all(str(found).lower() == ours[name].lower() for name, found in named.items() if found)

    def identify(self, element: Mapping[str, Any], wanted: Wanted) -> str:
        """Return the allocation's id; where Xero names none, the credit note's id stands for it."""
        if must_go(wanted) and element.get("IsDeleted"):
            return NOWHERE
        return str(element.get("AllocationID") or _get(wanted, "CreditNote").xero_id)

    def is_written(self, element: Mapping[str, Any], prepared: Prepared) -> bool:
        """An allocation is never written twice; one that is to go is done once it is gone."""
        return bool(element.get("IsDeleted")) if prepared.payload.get("Status") else True

    def freeze(self, wanted: Wanted, policy: str) -> Mapping[str, str] | None:
        """An allocation that Xero does not take back (locked) stays (L5)."""
        return {FROZEN: policy or "refused"} if must_go(wanted) else None

    def refuse(self, answer: Mapping[str, Any], wanted: Wanted) -> str:
        """Return why the invoice takes no allocation."""
        booked = get_booked(wanted)
        if booked is not None and not by_hand.must_read(wanted):
            return ""
        total = cents(Decimal(str(booked["Amount"]))) if booked else read_total(_get(wanted, "CreditNote"))
        for invoice in answer.get("Invoices", []):
            status, due = invoice.get("Status"), cents(Decimal(str(invoice.get("AmountDue") or 0)))
            if status == PAID_STATUS:
                return f"the invoice is paid, so the credit of {total} stays open: pay it out or use it in Xero"
            if status != APPROVED:
                return f"the invoice is {status} in Xero, so the credit of {total} stays open: allocate it there"
            if due < total:
                return f"of the invoice only {due} is due, so the credit of {total} stays open: allocate it in Xero"
        return ""


def _list_standing(answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
    """Return the allocation that is to go while Xero has it, or the sign that it has it no more.

    A credit note may be set off against several invoices, so the invoice is compared as well.
    """
    if "CreditNotes" not in answer:
        return [{"IsDeleted": True}]
    invoice = _get(wanted, "Invoice").xero_id.lower()
    listed = [each for note in answer["CreditNotes"] for each in note.get("Allocations") or []]
    found = [each for each in listed if str((each.get("Invoice") or {}).get("InvoiceID", "")).lower() == invoice]
    return [{"AllocationID": each.get("AllocationID")} for each in found] or [{"IsDeleted": True}]


def _get(wanted: Wanted, name: str) -> Linked:
    return wanted.references[name][0]
