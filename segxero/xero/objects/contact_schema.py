"""The payload of a contact, with the phones, addresses and persons in it. Used by `contacts`."""

import re

from marshmallow import Schema, fields, validate

from segxero.xero.objects.schemas import Text, text, word

EMAIL = re.compile(r"^$|^[^@\s]+@[^@\s]+\.[^@\s]+$")


class PhoneSchema(Schema):
    """A phone slot; a contact has four."""

    PhoneType = word("DEFAULT", "DDI", "MOBILE", "FAX")
    PhoneNumber = text(50)
    PhoneAreaCode = text(10)
    PhoneCountryCode = text(20)


class AddressSchema(Schema):
    """An address slot; a contact has two."""

    AddressType = word("POBOX", "STREET")
    AddressLine1 = text(500)
    AddressLine2 = text(500)
    AddressLine3 = text(500)
    AddressLine4 = text(500)
    City = text(255)
    Region = text(255)
    PostalCode = text(50)
    Country = text(50)
    AttentionTo = text(255)


class ContactPersonSchema(Schema):
    """A further person; a contact has at most five."""

    FirstName = text(255)
    LastName = text(255)
    EmailAddress = text(255)
    IncludeInEmails = fields.Boolean()


class SalesTrackingSchema(Schema):
    """The default tracking option of the contact's invoices."""

    TrackingCategoryName = text(100)
    TrackingOptionName = text(100)


class ContactSchema(Schema):
    """A contact."""

    Name = Text(required=True, validate=validate.Length(min=1, max=255))
    FirstName = text(255)
    LastName = text(255)
    EmailAddress = Text(
        validate=[
            validate.Length(max=255),
            validate.Regexp(EMAIL, error="{input} is not an e-mail address"),
        ]
    )
    AccountNumber = text(50)
    CompanyNumber = text(50)
    TaxNumber = text(50)
    Phones = fields.List(fields.Nested(PhoneSchema))
    Addresses = fields.List(fields.Nested(AddressSchema))
    ContactPersons = fields.List(fields.Nested(ContactPersonSchema), validate=validate.Length(max=5))
    DefaultCurrency = text(3)
    BankAccountDetails = Text()
    PaymentTerms = fields.Dict()
    AccountsReceivableTaxType = text(50)
    SalesDefaultAccountCode = text(10)
    SalesTrackingCategories = fields.List(fields.Nested(SalesTrackingSchema), validate=validate.Length(max=2))
