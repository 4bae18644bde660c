"""Directories of mapping files for tests, and the Xero objects that they may name."""

from pathlib import Path

from segxero.mapping.files.descriptions import Field

OBJECTS = {
    "Contact": frozenset(
        [
            "Name",
            "ContactNumber",
            "AccountNumber",
            "FirstName",
            "LastName",
            "EmailAddress",
            "CompanyNumber",
            "TaxNumber",
            "Phones",
            "Addresses",
            "ContactPersons",
        ]
    ),
    "Invoice": frozenset(
        [
            "Type",
            "Contact",
            "LineItems",
            "Date",
            "DueDate",
            "LineAmountTypes",
            "InvoiceNumber",
            "Reference",
            "Status",
            "CurrencyCode",
            "Url",
            "Shipping",
            "Discount",
            "Tax",
            "Total",
            "Subtotal",
            "Tracking",
        ]
    ),
    "TrackingOption": frozenset(["Category", "Option"]),
}

TEXT = Field(longest=50)
DESCRIBED = {
    "Contact": {
        "Name": Field(longest=255),
        "EmailAddress": Field(longest=255),
        "AccountNumber": TEXT,
        "Phones": Field(fields={"PhoneType": Field(words=("DEFAULT", "MOBILE", "FAX")), "PhoneNumber": TEXT}),
        "Addresses": Field(fields={"AddressType": Field(words=("POBOX", "STREET")), "City": Field(longest=255)}),
        "PaymentTerms": Field(),
    },
    "Invoice": {
        "Type": Field(words=("ACCREC",)),
        "Status": Field(words=("DRAFT", "SUBMITTED", "AUTHORISED")),
        "Contact": Field(),
        "Reference": Field(longest=255),
        "Total": Field(is_number=True),
        "LineItems": Field(
            fields={
                "Description": Field(longest=4000),
                "Quantity": Field(is_number=True),
                "UnitAmount": Field(is_number=True),
                "AccountCode": Field(longest=10),
                "Tracking": Field(fields={"Name": Field(longest=100), "Option": Field(longest=100)}),
            }
        ),
    },
}

MAPPING = """\
- name: identify
  object: Contact
  trigger: type = "identify"
  key: $.userId
  fields:
    EmailAddress: $.traits.email
"""

GOOD = {
    "contacts.yaml": MAPPING,
    "organisations.yaml": "main: {sources: all}\n",
    "tables/accounts.yaml": 'default: "200"\n',
}


def write_mappings(directory: Path, files: dict[str, str | None] | None = None) -> Path:
    """Write a directory that loads, changed by *files*: a text replaces or adds a file, None takes it away."""
    for name, text in {**GOOD, **(files or {})}.items():
        if text is not None:
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return directory
