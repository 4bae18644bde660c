"""Acts of people in Xero (L15): money is not entered twice, and money or a credit without a place is asked about.

Xero refuses our payment or allocation then; its document is read once, and the entries on it are compared. Pure;
called by `payments` and `allocations`.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from segxero.xero.api.refusals import Kind
from segxero.xero.books.parts import read_day as read_stamp
from segxero.xero.money.amounts import cents
from segxero.xero.objects.booked import BOOKED, GONE, get_booked, is_in_xero
from segxero.xero.objects.numbering import LONGEST_MARKER, fit_key
from segxero.xero.objects.open_days import read_day
from segxero.xero.objects.wanted import Wanted

READS = "reads_document"  # remembered: Xero has refused the record, so a document is read first
OPEN, DONE = "open", "done"
DOUBT = {READS: OPEN}
SAME = timedelta(days=5)
TAKEN_OUT = "taken_out"  # the value of `frozen` of a document that a person voided


def find_doubt(wanted: Wanted, kinds: frozenset[str]) -> Mapping[str, str]:
    """Return what to remember when Xero refuses an entry for lack of an open amount; {} for other refusals."""
    is_ours = get_booked(wanted) is not None and not is_in_xero(wanted)
    return DOUBT if is_ours and Kind.NOTHING_DUE in kinds and not must_read(wanted) else {}


def must_read(wanted: Wanted) -> bool:
    """Tell whether the document of an entry is read before the entry is sent again."""
    return bool(wanted.remembered.get(READS)) and get_booked(wanted) is not None and not is_in_xero(wanted)


def list_payments(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the payments on the document in *answer*."""
    return [payment for document in _list_documents(answer) for payment in document.get("Payments") or []]


def is_same_payment(element: Mapping[str, Any], wanted: Wanted, zone: ZoneInfo) -> bool:
    """Tell whether the payment *element* is *wanted*, or was entered by a person for the same money within 5 days."""
    reference = str(element.get("Reference") or "")
    if reference == fit_key(wanted.key, LONGEST_MARKER):
        return True
    booked = wanted.fields[BOOKED]
    order = wanted.key.partition(" ")[0]
    # Another tender of the order may have the same amount; its marker begins with the order's number.
    if reference.startswith(f"{order} ") or _read_amount(element.get("Amount")) != _read_amount(booked["Amount"]):
        return False
    day = read_stamp(element.get("Date"))
    return day is not None and abs(day - read_day(booked["Date"], "Date", zone)) <= SAME


def ask(answer: Mapping[str, Any], wanted: Wanted) -> str:
    """Return the question where the document in *answer* takes no such payment; '' where it does."""
    booked = wanted.fields[BOOKED]
    money = f"{booked['Amount']} of {booked['Date']}"
    for document in _list_documents(answer):
        number = document.get("InvoiceNumber") or document.get("CreditNoteNumber") or booked.get("Document")
        due = _read_amount(document.get("AmountDue", document.get("RemainingCredit")))
        if document.get("Status") in GONE:
            return (
                f"{money} was paid for {number}, which somebody took out of Xero by hand. Enter the money in Xero, or"
                " send it back; then discard this payment."
            )
        if due < _read_amount(booked["Amount"]):
            return (
                f"{money} was paid for {number}, and only {due} of it is open in Xero. Was it entered by hand, in"
                " parts or with another day? Then discard this payment; else correct the document and replay it."
            )
    return ""


def _list_documents(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*answer.get("Invoices", []), *answer.get("CreditNotes", [])]


def _read_amount(value: Any) -> Decimal:
    return cents(Decimal(str(value or 0)))
