"""The properties of an invoice: how they are read, filtered and shown."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from segxero.sandbox.objects import contact_fields
from segxero.sandbox.query.conditions import Field, read_property
from segxero.sandbox.state.book import Book
from segxero.sandbox.state.table import Record
from segxero.sandbox.wire.dates import stamp, stamp_day, write_day, write_utc
from segxero.sandbox.wire.model import Reader, currency, day, flag, identifier, ignore, many, number, shape, text, word

DATES = ("Date", "DueDate", "ExpectedPaymentDate", "PlannedPaymentDate", "FullyPaidOnDate")
_TRACKING = shape({"TrackingCategoryID": identifier, "TrackingOptionID": identifier, "Name": text, "Option": text})
LINE = shape(
    {
        "LineItemID": identifier,
        "AccountID": identifier,
        **dict.fromkeys(("Description", "ItemCode", "AccountCode", "TaxType"), text),
        **dict.fromkeys(
            ("Quantity", "UnitAmount", "TaxAmount", "LineAmount", "DiscountRate", "DiscountAmount"), number
        ),
        "Tracking": many(_TRACKING),
    }
)
_READ_ONLY = (
    "AmountCredited",
    "AmountDue",
    "AmountPaid",
    "Attachments",
    "CISDeduction",
    "CISRate",
    "CreditNotes",
    "DateString",
    "DueDateString",
    "FullyPaidOnDate",
    "HasAttachments",
    "HasErrors",
    "InvoiceAddresses",
    "IsDiscounted",
    "Overpayments",
    "Payments",
    "Prepayments",
    "StatusAttributeString",
    "SubTotal",
    "Total",
    "TotalDiscount",
    "TotalTax",
    "UpdatedDateUTC",
    "UpdatedDateUTCString",
    "ValidationErrors",
    "Warnings",
)
FIELDS: Mapping[str, Reader] = {
    "Type": word(
        "InvoiceType",
        *("ACCREC", "ACCPAY", "ACCPAYCREDIT", "APOVERPAYMENT", "APPREPAYMENT"),
        *("ACCRECCREDIT", "AROVERPAYMENT", "ARPREPAYMENT"),
    ),
    "InvoiceID": identifier,
    "BrandingThemeID": identifier,
    "RepeatingInvoiceID": identifier,
    "Contact": contact_fields.CONTACT,
    "LineItems": many(LINE),
    **dict.fromkeys(DATES[:4], day),
    "LineAmountTypes": word("LineAmountTypes", "Exclusive", "Inclusive", "NoTax"),
    **dict.fromkeys(("InvoiceNumber", "Reference", "Url"), text),
    "CurrencyCode": currency,
    "CurrencyRate": number,
    "Status": word("InvoiceStatus", "DRAFT", "SUBMITTED", "DELETED", "AUTHORISED", "PAID", "VOIDED"),
    "SentToContact": flag,
    **dict.fromkeys(_READ_ONLY, ignore),
}
INVOICE = shape(FIELDS)


def round_money(amount: Decimal, places: int = 2) -> Decimal:
    """Round as Xero does: half away from zero."""
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def calculate_due(invoice: Record) -> Decimal:
    return Decimal(invoice["Total"] - invoice["AmountPaid"] - invoice["AmountCredited"])


def list_filters(book: Book) -> Mapping[str, Field]:
    """Return the fields to filter and order invoices by."""

    def of_contact(name: str) -> Field:
        return Field(kind="text", get=lambda invoice: (book.contacts.get(invoice["ContactID"]) or {}).get(name))

    return _FILTERS | {"contact.name": of_contact("Name"), "contact.contactnumber": of_contact("ContactNumber")}


def _moment(name: str) -> Field:
    def get(invoice: Record) -> datetime | None:
        value: date | None = invoice.get(name)
        return datetime.combine(value, time(), UTC) if value else None

    return Field(kind="moment", get=get)


_FILTERS: dict[str, Field] = {
    "invoiceid": Field(kind="guid", get=lambda invoice: invoice["InvoiceID"], index="id"),
    "contact.contactid": Field(kind="guid", get=lambda invoice: invoice["ContactID"], index="contact"),
    "invoicenumber": Field(kind="text", get=lambda invoice: invoice.get("InvoiceNumber"), index="any_number"),
    "reference": Field(kind="text", get=lambda invoice: invoice.get("Reference"), index="reference"),
    **{name.lower(): read_property(name) for name in ("Type", "Status", "CurrencyCode")},
    **{name.lower(): read_property(name, "number") for name in ("Total", "AmountPaid", "AmountCredited")},
    "amountdue": Field(kind="number", get=calculate_due),
    **{name.lower(): _moment(name) for name in DATES},
    "updateddateutc": Field(kind="moment", get=lambda invoice: invoice["UpdatedDateUTC"]),
}


def write_dates(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return *values* with their dates as Xero writes them, each with its companion."""
    result: dict[str, Any] = {}
    for name, value in values.items():
        if name in DATES and isinstance(value, date):
            if name != "FullyPaidOnDate":
                result[f"{name}String"] = write_day(value)
            result[name] = stamp_day(value)
        else:
            result[name] = value
    return result


def show(
    invoice: Record, contact: Mapping[str, Any], *, places: int, lines: bool = True, summary: bool = False
) -> dict[str, Any]:
    """Return an invoice as it goes over the wire, with *contact* already in its wire form."""
    body = {name: value for name, value in invoice.items() if name not in {"ContactID", "LineItems"} and value != ""}
    body |= {
        "Payments": list(invoice.get("Payments", ())),
        "CreditNotes": list(invoice.get("CreditNotes", ())),
        "Prepayments": [],
        "Overpayments": list(invoice.get("Overpayments", ())),
        "AmountDue": calculate_due(invoice),
        "IsDiscounted": any("DiscountRate" in line or "DiscountAmount" in line for line in invoice["LineItems"]),
        "HasErrors": False,
        "InvoicePaymentServices": [],
        "UpdatedDateUTCString": f"{write_utc(invoice['UpdatedDateUTC'])}Z",
        "UpdatedDateUTC": stamp(invoice["UpdatedDateUTC"]),
        "Contact": contact,
        "LineItems": [show_line(line, places) for line in invoice["LineItems"]] if lines else [],
    }
    if summary:
        del body["LineItems"], body["HasAttachments"], body["Payments"]
    return write_dates(body)


def show_line(line: Record, places: int) -> dict[str, Any]:
    body = dict(line)
    if "UnitAmount" in body:
        body["UnitAmount"] = round_money(body["UnitAmount"], places)
    body["Tracking"] = [
        {name: tracking[name] for name in ("Name", "Option", "TrackingCategoryID")} | {"Options": []}
        for tracking in line["Tracking"]
    ]
    return body
