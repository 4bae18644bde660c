"""The sandbox's records as a bookkeeper reads them: by number, without ids and without what Xero adds by itself."""

PERSON = ("Name", "FirstName", "LastName", "EmailAddress")
HEADER = (
    "Reference",
    "Status",
    "CurrencyCode",
    "LineAmountTypes",
    "SubTotal",
    "TotalTax",
    "Total",
    "DateString",
    "DueDateString",
)
LINE = ("Description", "Quantity", "UnitAmount", "LineAmount", "TaxType", "TaxAmount", "AccountCode")
CHANCE = ("UpdatedDateUTC", "UpdatedDateUTCString")  # with the ids, what differs between two runs of the same traffic


def contacts(records):
    """Return the contacts by number: their names and e-mail, and the phones and addresses that say something."""
    return {
        contact.get("ContactNumber", contact["Name"]): {
            **{name: contact[name] for name in PERSON if name in contact},
            **_slots(contact, "Phones", "PhoneType"),
            **_slots(contact, "Addresses", "AddressType"),
        }
        for contact in records["Contacts"]
    }


def names(records):
    """Return the name of each contact by number."""
    return {number: contact["Name"] for number, contact in contacts(records).items()}


def emails(records):
    """Return the e-mail of each contact by number."""
    return {number: contact.get("EmailAddress") for number, contact in contacts(records).items()}


def invoices(records, number="InvoiceNumber"):
    """Return the invoices by *number*: header, number of the contact, lines and the labels of the first line."""
    holders = {contact["ContactID"]: contact.get("ContactNumber") for contact in records["Contacts"]}
    return {
        invoice[number]: {
            **{name: invoice[name] for name in HEADER if name in invoice},
            "Contact": holders[invoice["Contact"]["ContactID"]],
            "Lines": [tuple(line[name] for name in LINE) for line in invoice["LineItems"]],
            "Labels": labels(invoice),
        }
        for invoice in records["Invoices"]
    }


def labels(invoice):
    """Return the labels that all lines of *invoice* carry."""
    (found,) = {tuple((label["Name"], label["Option"]) for label in line["Tracking"]) for line in invoice["LineItems"]}
    return dict(found)


def totals(records):
    """Return the total of each invoice by number."""
    return {number: invoice["Total"] for number, invoice in invoices(records).items()}


def categories(records):
    """Return the tracking categories with their options."""
    return {
        category["Name"]: sorted(option["Name"] for option in category["Options"])
        for category in records["TrackingCategories"]
    }


def comparable(records):
    """Return all of *records* but ids and times, in an order that does not depend on when they came."""
    holders = {contact["ContactID"]: contact.get("ContactNumber") for contact in records["Contacts"]}
    plain = _plain(records, holders)
    plain["Contacts"].sort(key=lambda contact: contact["Name"])
    plain["Invoices"].sort(key=lambda invoice: invoice["InvoiceNumber"])
    plain["TrackingCategories"].sort(key=lambda category: category["Name"])
    for category in plain["TrackingCategories"]:
        category["Options"].sort(key=lambda option: option["Name"])
    return plain


def _plain(value, holders):
    if isinstance(value, list):
        return [_plain(item, holders) for item in value]
    if not isinstance(value, dict):
        return value
    plain = {
        name: _plain(item, holders) for name, item in value.items() if not name.endswith("ID") and name not in CHANCE
    }
    return plain | ({"of": holders[value["ContactID"]]} if value.get("ContactID") in holders else {})


def _slots(contact, name, kind):
    found = {
        slot[kind]: {leaf: text for leaf, text in slot.items() if leaf != kind and text}
        for slot in contact.get(name, [])
    }
    found = {slot: leaves for slot, leaves in found.items() if leaves}
    return {name: found} if found else {}
