"""Directories of mapping files for tests, and the Xero objects that they may name."""

from pathlib import Path

from segxero.mapping.files.descriptions import DescribedField

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

TEXT = DescribedField(longest=50)
DESCRIBED = {
    "Contact": {
        "Name": DescribedField(longest=255),
        "EmailAddress": DescribedField(longest=255),
        "AccountNumber": TEXT,
        "Phones": DescribedField(
            fields={"PhoneType": DescribedField(words=("DEFAULT", "MOBILE", "FAX")), "PhoneNumber": TEXT}
        ),
        "Addresses": DescribedField(
            fields={"AddressType": DescribedField(words=("POBOX", "STREET")), "City": DescribedField(longest=255)}
        ),
        "PaymentTerms": DescribedField(),
    },
    "Invoice": {
        "Type": DescribedField(words=("ACCREC",)),
        "Status": DescribedField(words=("DRAFT", "SUBMITTED", "AUTHORISED")),
        "Contact": DescribedField(),
        "Reference": DescribedField(longest=255),
        "Total": DescribedField(is_number=True),
        "LineItems": DescribedField(
            fields={
                "Description": DescribedField(longest=4000),
                "Quantity": DescribedField(is_number=True),
                "UnitAmount": DescribedField(is_number=True),
                "AccountCode": DescribedField(longest=10),
                "Tracking": DescribedField(
                    fields={"Name": DescribedField(longest=100), "Option": DescribedField(longest=100)}
                ),
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
