"""Allocations: a credit note set off against its invoice, in a call of its own.

An allocation has no number and cannot be changed, and Xero takes a second one for the same money: so the invoice is
read before each is sent. One that is paid takes none: the credit stays open until a person pays it out.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from segxero.errors import ParkedError
from segxero.xero.money.amounts import cents
from segxero.xero.objects import invoices
from segxero.xero.objects.credit_notes import total_of
from segxero.xero.objects.open_days import kept_day
from segxero.xero.objects.row import Batch, Context, Linked, ObjectRow, Prepared, Request, Wanted
from segxero.xero.objects.schemas import AllocationSchema, checked

APPROVED, PAID = "AUTHORISED", "PAID"


def prepare(wanted: Wanted, context: Context) -> Prepared:
    """Return the allocation as Xero takes it. Raise ParkedError when a document of it is no approved one."""
    note, invoice = _linked(wanted, "CreditNote"), _linked(wanted, "Invoice")
    if wanted.xero_id:
        return Prepared(payload={}, needless=True)
    for what, document in (("credit note", note), ("invoice", invoice)):
        status = document.fields.get("Status") or APPROVED
        if status != APPROVED:
            raise ParkedError(f"the {what} is made as {status}; approve it in Xero and allocate the credit there")
    own = invoices.day(note.fields.get("Date"), "Date", ZoneInfo(context.time_zone))
    payload = {
        "Amount": total_of(note),
        "Date": (kept_day(note.remembered) or own).isoformat(),
        "Invoice": {"InvoiceID": invoice.xero_id},
    }
    return Prepared(payload=checked(AllocationSchema(), payload, "allocation"))


def _linked(wanted: Wanted, name: str) -> Linked:
    return wanted.references[name][0]


def write(batch: Batch) -> Request:
    """Make the call that allocates one credit note."""
    ((wanted, payload),) = batch
    path = f"/CreditNotes/{_linked(wanted, 'CreditNote').xero_id}/Allocations"
    return Request(method="PUT", path=path, params={"summarizeErrors": "false"}, body={"Allocations": [payload]})


def lookup(batch: Sequence[Wanted], context: Context) -> Request:
    """Make the call that reads the invoice: what is due of it, and which credit notes are allocated to it."""
    return Request(method="GET", path=f"/Invoices/{_linked(batch[0], 'Invoice').xero_id}")


def elements(answer: Mapping[str, Any], wanted: Wanted) -> list[Mapping[str, Any]]:
    """Return the allocations in *answer*: one just made, or the credit notes on the invoice that was read."""
    applied = [note for invoice in answer.get("Invoices", []) for note in invoice.get("CreditNotes") or []]
    return [*answer.get("Allocations", []), *({"CreditNote": note} for note in applied)]


def is_same(element: Mapping[str, Any], wanted: Wanted, context: Context) -> bool:
    """Tell whether *element* of an answer is this allocation."""
    ours = {"CreditNote": _linked(wanted, "CreditNote").xero_id, "Invoice": _linked(wanted, "Invoice").xero_id}
    named = {name: element[name].get(f"{name}ID") for name in ours if element.get(name)}
    return all(str(found).lower() == ours[name].lower() for name, found in named.items() if found)


def id_of(element: Mapping[str, Any], wanted: Wanted) -> str:
    """Return the allocation's id; Xero does not always name it, and its credit note stands for it then."""
    return str(element.get("AllocationID") or _linked(wanted, "CreditNote").xero_id)


def is_written(element: Mapping[str, Any], prepared: Prepared) -> bool:
    """An allocation that is there needs no further call."""
    return True


def refuse(answer: Mapping[str, Any], wanted: Wanted) -> str:
    """Return why the invoice that was read takes no allocation; '' when it does."""
    total = total_of(_linked(wanted, "CreditNote"))
    for invoice in answer.get("Invoices", []):
        status, due = invoice.get("Status"), cents(Decimal(str(invoice.get("AmountDue") or 0)))
        if status == PAID:
            return f"the invoice is paid, so the credit of {total} stays open: pay it out or use it in Xero"
        if status != APPROVED:
            return f"the invoice is {status} in Xero, so the credit of {total} stays open: allocate it there"
        if due < total:
            return f"of the invoice only {due} is due, so the credit of {total} stays open: allocate it in Xero"
    return ""


ROW = ObjectRow(
    name="Allocation",
    queue="credit_notes",
    scope="accounting.invoices",
    id_field="AllocationID",
    fields=frozenset({"CreditNote", "Invoice"}),
    schema=AllocationSchema(),
    batch=1,
    look_first=True,
    appends=True,
    prepare=prepare,
    write=write,
    lookup=lookup,
    elements=elements,
    is_same=is_same,
    is_written=is_written,
    id_of=id_of,
    refuse=refuse,
)
