"""The properties of a contact: how they are read, checked, stored and shown."""

import re
from collections.abc import Mapping
from typing import Any

from segxero.sandbox.objects.memberships import list_groups_of
from segxero.sandbox.query.conditions import Field
from segxero.sandbox.state.book import Book
from segxero.sandbox.state.table import Record
from segxero.sandbox.wire.dates import stamp
from segxero.sandbox.wire.model import Reader, currency, flag, identifier, ignore, many, number, shape, text, word

PHONE_SLOTS = ("DEFAULT", "DDI", "FAX", "MOBILE")
ADDRESS_SLOTS = ("STREET", "POBOX")
_LINE_AMOUNT_TYPE = word("LineAmountType", "INCLUSIVE", "EXCLUSIVE", "NONE")
_TERM = shape(
    {
        "Day": number,
        "Type": word(
            "PaymentTermType", "DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH", "OFCURRENTMONTH", "OFFOLLOWINGMONTH"
        ),
    }
)
_PHONE = shape(
    {
        "PhoneType": word("PhoneType", *PHONE_SLOTS, "OFFICE"),
        "PhoneNumber": text,
        "PhoneAreaCode": text,
        "PhoneCountryCode": text,
    }
)
_ADDRESS_TEXTS = (
    *(f"AddressLine{line}" for line in range(1, 5)),
    "City",
    "Region",
    "PostalCode",
    "Country",
    "AttentionTo",
)
_ADDRESS = shape({"AddressType": word("AddressType", *ADDRESS_SLOTS)} | dict.fromkeys(_ADDRESS_TEXTS, text))
_PERSON = shape({"FirstName": text, "LastName": text, "EmailAddress": text, "IncludeInEmails": flag})
_DEFAULT_TRACKING = many(shape({"TrackingCategoryName": text, "TrackingOptionName": text}))
_READ_ONLY = (
    "Attachments",
    "Balances",
    "ContactGroups",
    "Discount",
    "HasAttachments",
    "HasValidationErrors",
    "IsCustomer",
    "IsSupplier",
    "MergedToContactID",
    "StatusAttributeString",
    "UpdatedDateUTC",
    "ValidationErrors",
    "Website",
)
_TEXTS = (
    "ContactNumber",
    "AccountNumber",
    "Name",
    "FirstName",
    "LastName",
    "CompanyNumber",
    "EmailAddress",
    "BankAccountDetails",
    "TaxNumber",
    "AccountsReceivableTaxType",
    "AccountsPayableTaxType",
    "XeroNetworkKey",
    "SalesDefaultAccountCode",
    "PurchasesDefaultAccountCode",
    "TrackingCategoryName",
    "TrackingCategoryOption",
)
FIELDS: Mapping[str, Reader] = {
    "ContactID": identifier,
    **dict.fromkeys(_TEXTS, text),
    "ContactStatus": word("ContactStatus", "ACTIVE", "ARCHIVED", "GDPRREQUEST"),
    "TaxNumberType": word("TaxNumberType", "SSN", "EIN", "ITIN", "ATIN"),
    "SalesDefaultLineAmountType": _LINE_AMOUNT_TYPE,
    "PurchasesDefaultLineAmountType": _LINE_AMOUNT_TYPE,
    "DefaultCurrency": currency,
    "Phones": many(_PHONE),
    "Addresses": many(_ADDRESS),
    "ContactPersons": many(_PERSON),
    "SalesTrackingCategories": _DEFAULT_TRACKING,
    "PurchasesTrackingCategories": _DEFAULT_TRACKING,
    "PaymentTerms": shape({"Bills": _TERM, "Sales": _TERM}),
    **dict.fromkeys(_READ_ONLY, ignore),
}
CONTACT = shape(FIELDS)

FILTERS: Mapping[str, Field] = {
    "contactid": Field(kind="guid", get=lambda contact: contact["ContactID"], index="id"),
    "name": Field(kind="text", get=lambda contact: contact["Name"], index="any_name"),
    "emailaddress": Field(kind="text", get=lambda contact: contact.get("EmailAddress"), index="email"),
    "accountnumber": Field(kind="text", get=lambda contact: contact.get("AccountNumber"), index="account"),
    "contactnumber": Field(kind="text", get=lambda contact: contact.get("ContactNumber"), index="number"),
    "contactstatus": Field(kind="text", get=lambda contact: contact["ContactStatus"]),
    "firstname": Field(kind="text", get=lambda contact: contact.get("FirstName")),
    "lastname": Field(kind="text", get=lambda contact: contact.get("LastName")),
    "iscustomer": Field(kind="flag", get=lambda contact: contact["IsCustomer"]),
    "issupplier": Field(kind="flag", get=lambda contact: contact["IsSupplier"]),
    "updateddateutc": Field(kind="moment", get=lambda contact: contact["UpdatedDateUTC"]),
}
SEARCHED = ("Name", "FirstName", "LastName", "ContactNumber", "CompanyNumber", "EmailAddress")

# A list without pages leaves the first out; summaryOnly leaves out the second as well.
_ONLY_IN_PAGES = (
    "ContactPersons",
    "PaymentTerms",
    "SalesDefaultAccountCode",
    "PurchasesDefaultAccountCode",
    "SalesDefaultLineAmountType",
    "PurchasesDefaultLineAmountType",
    "SalesTrackingCategories",
    "PurchasesTrackingCategories",
    "MergedToContactID",
)
_NOT_IN_SUMMARY = (*_ONLY_IN_PAGES, "Addresses", "ContactGroups", "IsCustomer", "IsSupplier", "TrackingCategoryName")
_EMAIL = re.compile(r"[!-~]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_LENGTHS = {
    "Name": 255,
    "FirstName": 255,
    "LastName": 255,
    "EmailAddress": 255,
    "ContactNumber": 50,
    "AccountNumber": 50,
    "CompanyNumber": 50,
    "TaxNumber": 50,
    "PhoneNumber": 50,
    "PhoneAreaCode": 10,
    "PhoneCountryCode": 20,
    **{f"AddressLine{line}": 500 for line in range(1, 5)},
    "City": 255,
    "Region": 255,
    "AttentionTo": 255,
    "PostalCode": 50,
    "Country": 50,
}
MAXIMUM_PERSONS = 5


def show(book: Book, contact: Record, *, paged: bool = True, summary: bool = False) -> dict[str, Any]:
    """Return a contact as it goes over the wire; empty texts outside the slots are left out.

    Groups are shown where pages or a single contact are asked for; elsewhere their list is empty.
    """
    hidden = _NOT_IN_SUMMARY if summary else () if paged else _ONLY_IN_PAGES
    body = {
        name: value
        for name, value in contact.items()
        if name not in hidden and (value != "" or name == "BankAccountDetails")
    }
    body["UpdatedDateUTC"] = stamp(contact["UpdatedDateUTC"])
    if paged and not summary:
        body["ContactGroups"] = list_groups_of(book, contact["ContactID"])
    return body | {"HasValidationErrors": False}


def show_brief(contact: Record) -> dict[str, Any]:
    """Return a contact as lists of documents show it."""
    return {
        "ContactID": contact["ContactID"],
        "Name": contact["Name"],
        "Addresses": [],
        "Phones": [],
        "ContactGroups": [],
        "ContactPersons": [],
        "HasValidationErrors": False,
    }


def check_contact(element: Mapping[str, Any]) -> list[str]:
    """Return Xero's sentences about wrong values: lengths, e-mail addresses, names, persons.

    Only the sentence about e-mail addresses is recorded from Xero; the others are not established.
    """
    found = list(_length_faults(element))
    found += [fault for phone in element.get("Phones", ()) for fault in _length_faults(phone)]
    for address in element.get("Addresses", ()):
        found += _length_faults(address)
        if re.search(r"\d", address.get("Country", "")):
            found.append("The Country of an address can only contain letters.")
    persons = element.get("ContactPersons", ())
    if len(persons) > MAXIMUM_PERSONS:
        found.append(f"A contact can have a maximum of {MAXIMUM_PERSONS} ContactPersons.")
    for holder in (element, *persons):
        address = holder.get("EmailAddress", "")
        if address and not _EMAIL.fullmatch(address):
            found.append("Email address must be valid.")
    return found + _name_faults(element.get("Name", ""))


def _length_faults(element: Mapping[str, Any]) -> list[str]:
    return [
        f"The field {name} must be a string with a maximum length of {maximum}."
        for name, maximum in _LENGTHS.items()
        if len(element.get(name, "")) > maximum
    ]


def _name_faults(name: str) -> list[str]:
    found = []
    if "<" in name or ">" in name:
        found.append("The contact name cannot contain angle brackets.")
    if name != name.strip() or "  " in name:
        found.append("The contact name cannot begin or end with a space or contain two spaces in a row.")
    return found
