"""The properties of a credit note: how they are read, filtered and shown."""

from collections.abc import Mapping
from typing import Any

from segxero.sandbox.objects import contact_fields
from segxero.sandbox.objects.invoice_fields import LINE, show_line, write_dates
from segxero.sandbox.query.conditions import Field, read_property
from segxero.sandbox.state.table import Record
from segxero.sandbox.wire.dates import stamp, stamp_day, write_utc
from segxero.sandbox.wire.model import Reader, currency, day, identifier, ignore, many, number, shape, text, word

_READ_ONLY = (
    "Allocations",
    "AppliedAmount",
    "DateString",
    "DueDate",
    "FullyPaidOnDate",
    "HasAttachments",
    "HasErrors",
    "ID",
    "Payments",
    "RemainingCredit",
    "SentToContact",
    "StatusAttributeString",
    "SubTotal",
    "Total",
    "TotalTax",
    "UpdatedDateUTC",
    "UpdatedDateUTCString",
    "ValidationErrors",
    "Warnings",
)
FIELDS: Mapping[str, Reader] = {
    "Type": word("CreditNoteType", "ACCRECCREDIT", "ACCPAYCREDIT"),
    "CreditNoteID": identifier,
    "BrandingThemeID": identifier,
    "Contact": contact_fields.CONTACT,
    "LineItems": many(LINE),
    "Date": day,
    "LineAmountTypes": word("LineAmountTypes", "Exclusive", "Inclusive", "NoTax"),
    **dict.fromkeys(("CreditNoteNumber", "Reference"), text),
    "CurrencyCode": currency,
    "CurrencyRate": number,
    "Status": word("CreditNoteStatus", "DRAFT", "SUBMITTED", "DELETED", "AUTHORISED", "PAID", "VOIDED"),
    **dict.fromkeys(_READ_ONLY, ignore),
}
CREDIT_NOTE = shape(FIELDS)
FILTERS: dict[str, Field] = {
    "creditnoteid": Field(kind="guid", get=lambda note: note["CreditNoteID"], index="id"),
    "creditnotenumber": Field(kind="text", get=lambda note: note.get("CreditNoteNumber"), index="any_number"),
    "reference": Field(kind="text", get=lambda note: note.get("Reference"), index="reference"),
    "contact.contactid": Field(kind="guid", get=lambda note: note["ContactID"]),
    **{name.lower(): read_property(name) for name in ("Type", "Status", "CurrencyCode")},
    **{name.lower(): read_property(name, "number") for name in ("Total", "RemainingCredit")},
}
HIDDEN = frozenset({"ContactID", "LineItems", "Allocations"})


def show(note: Record, contact: Mapping[str, Any], *, places: int, lines: bool = True) -> dict[str, Any]:
    """Return a credit note as it goes over the wire, with *contact* already in its wire form."""
    body = {name: value for name, value in note.items() if name not in HIDDEN and value != ""}
    body |= {
        "ID": note["CreditNoteID"],
        "Payments": list(note.get("Payments", ())),
        "Allocations": [show_allocation(allocation) for allocation in note["Allocations"]],
        "HasErrors": False,
        "UpdatedDateUTCString": f"{write_utc(note['UpdatedDateUTC'])}Z",
        "UpdatedDateUTC": stamp(note["UpdatedDateUTC"]),
        "Contact": contact,
        "LineItems": [show_line(line, places) for line in note["LineItems"]] if lines else [],
    }
    return write_dates(body)


def show_allocation(allocation: Record) -> dict[str, Any]:
    """Return an allocation as its credit note shows it."""
    return {
        "AllocationID": allocation["AllocationID"],
        "Amount": allocation["Amount"],
        "Date": stamp_day(allocation["Date"]),
        "Invoice": {"InvoiceID": allocation["InvoiceID"], "InvoiceNumber": allocation["InvoiceNumber"]},
        "IsDeleted": False,
    }
