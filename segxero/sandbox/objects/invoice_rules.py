"""Rules of invoices: the moves between statuses, the changes of a paid invoice, and the checks of the header.

The writes of invoices and credit notes call it.
"""

import re
from datetime import date
from typing import Any

from segxero.sandbox.state.book import Book
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.table import Record

NOT_CREATABLE = "Invoice not of valid status for creation"
NOT_MODIFIABLE = "Invoice not of valid status for modification"
WRONG_TYPE = "Invoice not of valid type for creation"
NOT_UNIQUE = "Invoice # must be unique."
NO_LINES = "One or more line items must be specified"
NEGATIVE = "The total of the document must not be negative."
SETTLED = "This document cannot be edited as it has a payment or credit note allocated to it."
SETTLED_VOID = (
    "The status VOIDED cannot be applied to the invoice because it has payments or credit notes allocated to it."
)
PLAN_LIMIT = "You have reached the limit of invoices you can approve"
NOT_SENT = "Only AUTHORISED invoices may have SentToContact updated."
CREATABLE = frozenset({"DRAFT", "SUBMITTED", "AUTHORISED"})
COMPLETE = frozenset({"SUBMITTED", "AUTHORISED", "PAID"})
MOVES = {
    "DRAFT": frozenset({"DRAFT", "SUBMITTED", "AUTHORISED", "DELETED"}),
    "SUBMITTED": frozenset({"SUBMITTED", "DRAFT", "AUTHORISED", "DELETED"}),
    "AUTHORISED": frozenset({"AUTHORISED", "VOIDED"}),
    "PAID": frozenset({"PAID"}),
    "VOIDED": frozenset[str](),
    "DELETED": frozenset[str](),
}
MAXIMUM_TEXT = 255
_PRINTABLE = re.compile(r"[ -~]*")
_MONEY_OF_LINE = (
    *("LineItemID", "ItemCode", "Quantity", "UnitAmount", "LineAmount", "TaxType", "TaxAmount"),
    *("DiscountRate", "DiscountAmount"),
)


def is_settled(invoice: Record) -> bool:
    return bool(invoice["AmountPaid"] or invoice["AmountCredited"])


def read_fixed_values(invoice: Record) -> Any:
    """Return the values that stay fixed while money is applied to *invoice*."""
    lines = [tuple(line.get(name) for name in _MONEY_OF_LINE) for line in invoice["LineItems"]]
    header = ("Date", "CurrencyCode", "CurrencyRate", "LineAmountTypes", "Total")
    return [invoice.get(name) for name in header], lines


def check_change(old: Record, new: Record) -> list[str]:
    """Return why *old* cannot become *new*."""
    # PAID comes from money alone, and VOIDED and DELETED are final.
    if new["Status"] not in MOVES[old["Status"]]:
        return [NOT_MODIFIABLE]
    # Money or credit must be taken back first; Xero does not do it by itself.
    if is_settled(old) and new["Status"] == "VOIDED":
        return [SETTLED_VOID]
    if is_settled(old) and read_fixed_values(old) != read_fixed_values(new):
        return [SETTLED]
    return []


def is_silent_change(old: Record, new: Record) -> bool:
    """Say whether Xero leaves UpdatedDateUTC as it is: only accounts of lines, or the due date of a paid document."""
    return old != new and _hide_silent(old) == _hide_silent(new)


def _hide_silent(invoice: Record) -> Record:
    hidden = {"UpdatedDateUTC", *(("DueDate", "SentToContact") if is_settled(invoice) else ())}
    lines = [
        {name: line[name] for name in line if name not in {"AccountCode", "AccountID"}} for line in invoice["LineItems"]
    ]
    return {**{name: value for name, value in invoice.items() if name not in hidden}, "LineItems": lines}


def is_approval(old: Record, new: Record) -> bool:
    """Say whether *old* becomes an approved sales invoice, which counts against the plan."""
    approved = {"AUTHORISED", "PAID"}
    return new["Type"] == "ACCREC" and new["Status"] in approved and old["Status"] not in approved


def check_header(request: Request, invoice: Record) -> list[str]:
    """Return the faults of the header of *invoice*.

    The demand for a due date on an approved invoice, and its sentence, are not established by Xero's own pages.
    """
    faults = check_document(request, invoice, "InvoiceNumber")
    if invoice["Status"] in COMPLETE and "DueDate" not in invoice:
        faults.append("DueDate must be specified for an approved invoice.")
    if "xero" in invoice.get("Url", "").lower():
        faults.append("Url cannot contain the word xero.")
    return faults


def check_document(request: Request, document: Record, number: str) -> list[str]:
    """Return the faults in the common part of invoices and credit notes; *number* is the property of its number."""
    book, faults = request.book, []
    currency = document["CurrencyCode"]
    if currency not in book.currencies:
        faults.append(f"Organisation is not subscribed to currency {currency}")
    faults += check_locks(book, document["Date"])
    if document["Status"] in COMPLETE and not document["LineItems"]:
        faults.append(NO_LINES)
    if document["Status"] in COMPLETE and document["Total"] < 0:
        faults.append(NEGATIVE)
    if not _PRINTABLE.fullmatch(document.get(number, "")):
        faults.append(f"{number} can only contain printable ASCII characters.")
    return faults + [
        f"The field {name} must be a string with a maximum length of {MAXIMUM_TEXT}."
        for name in (number, "Reference")
        if len(document.get(name, "")) > MAXIMUM_TEXT
    ]


def check_locks(book: Book, day: date) -> list[str]:
    """Return why no document of *day* can be written; the sentence about the end of the year is a stand-in."""
    locks = {"period": book.period_lock_date, "end of year": book.end_of_year_lock_date}
    return [
        f"The document date cannot be before the {name} lock date, currently set at {lock.day} {lock:%B %Y}."
        for name, lock in locks.items()
        if lock and day <= lock
    ][:1]
