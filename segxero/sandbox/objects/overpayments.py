"""Overpayments: money of a customer above the invoices. They begin as bank transactions and are set off or paid back.

The API neither edits nor deletes them; only their allocations and repayments can be taken back.
"""

from typing import Any

from segxero.sandbox.objects import contact_fields
from segxero.sandbox.objects.credit_note_fields import show_allocation
from segxero.sandbox.objects.invoice_fields import show_line, write_dates
from segxero.sandbox.objects.route import Route, allow
from segxero.sandbox.query.conditions import Field, read_property
from segxero.sandbox.query.listing import list_records
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.scopes import BANK_TRANSACTIONS
from segxero.sandbox.state.table import Record
from segxero.sandbox.wire.answers import Answer
from segxero.sandbox.wire.dates import stamp

_FILTERS = {
    "overpaymentid": Field(kind="guid", get=lambda found: found["OverpaymentID"], index="id"),
    "contact.contactid": Field(kind="guid", get=lambda found: found["ContactID"]),
    **{name.lower(): read_property(name) for name in ("Type", "Status")},
    "remainingcredit": read_property("RemainingCredit", "number"),
}
_COPIED = (
    *("Type", "ContactID", "Date", "LineAmountTypes", "LineItems", "SubTotal", "TotalTax", "Total"),
    *("UpdatedDateUTC", "CurrencyCode", "CurrencyRate"),
)


def list_overpayments(request: Request) -> Answer:
    page = list_records(request, request.book.overpayments, _FILTERS, identity="OverpaymentID")
    return request.answer("Overpayments", [_show(request, found) for found in page.records], page.pagination)


def get_overpayment(request: Request) -> Answer:
    found = request.find("overpayment", request.book.overpayments)
    return request.answer("Overpayments", [_show(request, found)])


def open_overpayment(request: Request, transaction: Record) -> str:
    """Store the overpayment of the bank transaction *transaction*; return its id."""
    identity = request.book.new_id()
    overpayment = {name: transaction[name] for name in _COPIED} | {
        "OverpaymentID": identity,
        "Status": "AUTHORISED",
        "RemainingCredit": transaction["Total"],
        "Allocations": [],
        "HasAttachments": False,
    }
    request.book.overpayments.put(identity, overpayment)
    return identity


def _show(request: Request, found: Record) -> dict[str, Any]:
    hidden = {"ContactID", "LineItems", "Allocations", "FullyPaidOnDate"}
    body = {name: value for name, value in found.items() if name not in hidden}
    return write_dates(
        {
            **body,
            "Payments": list(found.get("Payments", ())),
            "Allocations": [show_allocation(allocation) for allocation in found["Allocations"]],
            "Contact": contact_fields.show_brief(request.book.contacts.get(found["ContactID"]) or {}),
            "LineItems": [show_line(line, request.unit_places) for line in found["LineItems"]],
            "UpdatedDateUTC": stamp(found["UpdatedDateUTC"]),
        }
    )


ROUTES = allow(
    BANK_TRANSACTIONS,
    Route("GET", "/Overpayments", list_overpayments),
    Route("GET", "/Overpayments/<overpayment>", get_overpayment),
)
