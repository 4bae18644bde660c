"""Payload schemas: what Xero takes, field by field (lengths and words from Xero's OpenAPI file, version 16.1.0).

A payload is checked before it is sent, so that a record Xero would refuse costs no call. Text that an event sends as
a number becomes text; null clears a field, which Xero writes as empty text.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from segxero.errors import PermanentError

EMAIL = re.compile(r"^$|^[^@\s]+@[^@\s]+\.[^@\s]+$")


class Text(fields.String):
    """Text; a number is written as one would read it aloud, without exponent."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            value = f"{value:f}" if isinstance(value, Decimal) else str(value)
        return super()._deserialize(value, attr, data, **kwargs).strip()


def _text(longest: int) -> Text:
    return Text(validate=validate.Length(max=longest))


def _word(*words: str) -> Text:
    return Text(validate=validate.OneOf(words))


class PhoneSchema(Schema):
    """One of the four phone slots."""

    PhoneType = _word("DEFAULT", "DDI", "MOBILE", "FAX")
    PhoneNumber = _text(50)
    PhoneAreaCode = _text(10)
    PhoneCountryCode = _text(20)


class AddressSchema(Schema):
    """One of the two address slots."""

    AddressType = _word("POBOX", "STREET")
    AddressLine1 = _text(500)
    AddressLine2 = _text(500)
    AddressLine3 = _text(500)
    AddressLine4 = _text(500)
    City = _text(255)
    Region = _text(255)
    PostalCode = _text(50)
    Country = _text(50)
    AttentionTo = _text(255)


class ContactPersonSchema(Schema):
    """One of at most five further persons."""

    FirstName = _text(255)
    LastName = _text(255)
    EmailAddress = _text(255)
    IncludeInEmails = fields.Boolean()


class SalesTrackingSchema(Schema):
    """A label that every invoice of a contact gets by default."""

    TrackingCategoryName = _text(100)
    TrackingOptionName = _text(100)


class ContactSchema(Schema):
    """A contact."""

    Name = Text(required=True, validate=validate.Length(min=1, max=255))
    FirstName = _text(255)
    LastName = _text(255)
    EmailAddress = Text(
        validate=[
            validate.Length(max=255),
            validate.Regexp(EMAIL, error="{input} is not an e-mail address"),
        ]
    )
    AccountNumber = _text(50)
    CompanyNumber = _text(50)
    TaxNumber = _text(50)
    Phones = fields.List(fields.Nested(PhoneSchema))
    Addresses = fields.List(fields.Nested(AddressSchema))
    ContactPersons = fields.List(fields.Nested(ContactPersonSchema), validate=validate.Length(max=5))
    DefaultCurrency = _text(3)
    BankAccountDetails = Text()
    PaymentTerms = fields.Dict()
    AccountsReceivableTaxType = _text(50)
    SalesDefaultAccountCode = _text(10)
    SalesTrackingCategories = fields.List(fields.Nested(SalesTrackingSchema), validate=validate.Length(max=2))


class TrackingSchema(Schema):
    """A tracking option on a line."""

    Name = _text(100)
    Option = _text(100)


class LineItemSchema(Schema):
    """A line of an invoice."""

    Description = Text(validate=validate.Length(min=1, max=4000))
    Quantity = fields.Decimal(as_string=False)
    UnitAmount = fields.Decimal(as_string=False)
    ItemCode = _text(30)
    AccountCode = _text(10)
    TaxType = _text(50)
    TaxAmount = fields.Decimal(as_string=False)
    DiscountRate = fields.Decimal(as_string=False)
    DiscountAmount = fields.Decimal(as_string=False)
    Tracking = fields.List(fields.Nested(TrackingSchema), validate=validate.Length(max=2))


class ContactReferenceSchema(Schema):
    """A contact on a document: its id and nothing else, because anything else is written to the contact."""

    ContactID = Text(required=True, validate=validate.Length(min=1))


class InvoiceSchema(Schema):
    """A sales invoice."""

    Type = _word("ACCREC")
    Status = _word("DRAFT", "SUBMITTED", "AUTHORISED")
    Contact = fields.Nested(ContactReferenceSchema, required=True)
    Date = Text(required=True)
    DueDate = Text(required=True)
    LineAmountTypes = _word("Exclusive", "Inclusive", "NoTax")
    LineItems = fields.List(fields.Nested(LineItemSchema), required=True, validate=validate.Length(min=1))
    InvoiceNumber = _text(255)
    Reference = _text(255)
    CurrencyCode = Text(validate=validate.Regexp(r"^[A-Z]{3}$", error="{input} is not a currency code"))
    CurrencyRate = fields.Decimal(as_string=False)
    BrandingThemeID = Text()
    Url = fields.Url()
    SentToContact = fields.Boolean()


class CreditNoteSchema(Schema):
    """A credit note for a sales invoice."""

    Type = _word("ACCRECCREDIT")
    Status = _word("DRAFT", "SUBMITTED", "AUTHORISED")
    Contact = fields.Nested(ContactReferenceSchema, required=True)
    Date = Text(required=True)
    LineAmountTypes = _word("Exclusive", "Inclusive", "NoTax")
    LineItems = fields.List(fields.Nested(LineItemSchema), required=True, validate=validate.Length(min=1))
    CreditNoteNumber = _text(255)
    Reference = _text(255)
    CurrencyCode = Text(validate=validate.Regexp(r"^[A-Z]{3}$", error="{input} is not a currency code"))
    CurrencyRate = fields.Decimal(as_string=False)
    BrandingThemeID = Text()


class InvoiceReferenceSchema(Schema):
    """An invoice on a payment or an allocation: its id and nothing else."""

    InvoiceID = Text(required=True, validate=validate.Length(min=1))


class CreditNoteReferenceSchema(Schema):
    """A credit note on a payment: its id and nothing else."""

    CreditNoteID = Text(required=True, validate=validate.Length(min=1))


class AllocationSchema(Schema):
    """What of a credit note is set off against an invoice."""

    Amount = fields.Decimal(as_string=False, required=True)
    Date = Text(required=True)
    Invoice = fields.Nested(InvoiceReferenceSchema, required=True)


class AccountReferenceSchema(Schema):
    """The account of a payment, by its code or its id."""

    Code = _text(10)
    AccountID = Text()


class PaymentSchema(Schema):
    """A payment for an invoice, or back for a credit note."""

    Invoice = fields.Nested(InvoiceReferenceSchema)
    CreditNote = fields.Nested(CreditNoteReferenceSchema)
    Account = fields.Nested(AccountReferenceSchema, required=True)
    Date = Text(required=True)
    Amount = fields.Decimal(as_string=False, required=True)
    CurrencyRate = fields.Decimal(as_string=False)
    Reference = Text(required=True, validate=validate.Length(min=1, max=100))


class ItemDetailsSchema(Schema):
    """How an item is sold, or bought."""

    UnitPrice = fields.Decimal(as_string=False)
    AccountCode = _text(10)
    COGSAccountCode = _text(10)
    TaxType = _text(50)


class ItemSchema(Schema):
    """An item of the price list."""

    Code = Text(required=True, validate=validate.Length(min=1, max=30))
    Name = _text(50)
    Description = _text(4000)
    PurchaseDescription = _text(4000)
    InventoryAssetAccountCode = _text(10)
    SalesDetails = fields.Nested(ItemDetailsSchema)
    PurchaseDetails = fields.Nested(ItemDetailsSchema)


class ContactGroupSchema(Schema):
    """A contact group."""

    Name = Text(required=True, validate=validate.Length(min=1, max=255))


class MembershipSchema(Schema):
    """A contact that joins a group or leaves one; *Joins* and *Leaves* are ids of groups."""

    ContactID = Text(required=True, validate=validate.Length(min=1))
    Group = _text(255)
    Joins = Text()
    Leaves = Text()


class HistoryNoteSchema(Schema):
    """A note in a record's history."""

    Details = Text(required=True, validate=validate.Length(min=1, max=2500))


class AttachmentSchema(Schema):
    """A file on a record; its content is text."""

    FileName = Text(required=True)
    Content = Text(required=True)


class TrackingCategorySchema(Schema):
    """A tracking category."""

    Name = Text(required=True, validate=validate.Length(min=1, max=100))


class TrackingOptionSchema(Schema):
    """An option of a tracking category."""

    Name = Text(required=True, validate=validate.Length(min=1, max=100))


def checked(schema: Schema, payload: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Return *payload* as Xero takes it. Raise PermanentError, for *what* it is, with all that Xero would refuse."""
    try:
        return dict(schema.load(_blank(payload)))
    except ValidationError as error:
        faults = "; ".join(_flat(error.messages))
        raise PermanentError(f"Xero would refuse this {what}: {faults}; correct it at its source and replay") from None


def _blank(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _blank(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_blank(inner) for inner in value]
    return "" if value is None else value


def _flat(messages: Any, path: str = "") -> Iterator[str]:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from _flat(inner, f"{path}.{name}" if path else str(name))
    else:
        for message in messages:
            yield f"{path}: {message}"
