"""Directories of mapping files for tests, and the Xero objects that they may name."""

from pathlib import Path

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
