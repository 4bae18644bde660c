"""Payload schemas: what Xero takes, field by field (lengths and words from Xero's OpenAPI file, version 16.1.0).

A payload is checked before it is sent, so that a record Xero would refuse costs no call.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema, fields, validate


def _text(longest: int) -> fields.String:
    return fields.String(validate=validate.Length(max=longest), allow_none=False)


def _word(*words: str) -> fields.String:
    return fields.String(validate=validate.OneOf(words))


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


class ContactSchema(Schema):
    """A contact."""

    Name = fields.String(required=True, validate=validate.Length(min=1, max=255))
    FirstName = _text(255)
    LastName = _text(255)
    EmailAddress = fields.String(
        validate=[
            validate.Length(max=255),
            validate.Regexp(r"^$|^[^@\s]+@[^@\s]+\.[^@\s]+$", error="{input} is not an e-mail address"),
        ]
    )
    AccountNumber = _text(50)
    CompanyNumber = _text(50)
    TaxNumber = _text(50)
    Phones = fields.List(fields.Nested(PhoneSchema))
    Addresses = fields.List(fields.Nested(AddressSchema))
    ContactPersons = fields.List(fields.Nested(ContactPersonSchema), validate=validate.Length(max=5))
    DefaultCurrency = _text(3)
    BankAccountDetails = fields.String()
    PaymentTerms = fields.Dict()
    AccountsReceivableTaxType = _text(50)
    SalesDefaultAccountCode = _text(10)


class TrackingSchema(Schema):
    """A tracking option on a line."""

    Name = _text(100)
    Option = _text(100)


class LineItemSchema(Schema):
    """A line of an invoice."""

    Description = fields.String(validate=validate.Length(min=1, max=4000))
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

    ContactID = fields.String(required=True, validate=validate.Length(min=1))


class InvoiceSchema(Schema):
    """A sales invoice."""

    Type = _word("ACCREC")
    Status = _word("DRAFT", "SUBMITTED", "AUTHORISED")
    Contact = fields.Nested(ContactReferenceSchema, required=True)
    Date = fields.String(required=True)
    DueDate = fields.String(required=True)
    LineAmountTypes = _word("Exclusive", "Inclusive", "NoTax")
    LineItems = fields.List(fields.Nested(LineItemSchema), required=True, validate=validate.Length(min=1))
    InvoiceNumber = _text(255)
    Reference = _text(255)
    CurrencyCode = fields.String(validate=validate.Regexp(r"^[A-Z]{3}$", error="{input} is not a currency code"))
    CurrencyRate = fields.Decimal(as_string=False)
    BrandingThemeID = fields.String()
    Url = fields.Url()
    SentToContact = fields.Boolean()


class TrackingCategorySchema(Schema):
    """A tracking category."""

    Name = fields.String(required=True, validate=validate.Length(min=1, max=100))


class TrackingOptionSchema(Schema):
    """An option of a tracking category."""

    Name = fields.String(required=True, validate=validate.Length(min=1, max=100))


def refusals(schema: Schema, payload: Mapping[str, Any]) -> str:
    """Return why Xero would refuse *payload*, in one line; '' when it would not."""
    return "; ".join(_flat(schema.validate(payload)))


def _flat(messages: Any, path: str = "") -> Iterator[str]:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from _flat(inner, f"{path}.{name}" if path else str(name))
    else:
        for message in messages:
            yield f"{path}: {message}"
