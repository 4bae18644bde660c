"""The figures of a run: calls, limits and the sums in the books. The control page and the demo show them."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from segxero.sandbox.objects import contact_fields, credit_note_fields, invoice_fields, items, payments, tracking
from segxero.sandbox.objects.contact_groups import show_with_members
from segxero.sandbox.state.book import Book
from segxero.sandbox.state.calls import ADVISED_ELEMENTS, Call
from segxero.sandbox.state.table import Record
from segxero.sandbox.state.world import World


def summarize(world: World) -> dict[str, Any]:
    """Return the figures of all calls so far and of all books together."""
    calls = world.calls.list_since(0)
    accounting = [call for call in calls if call.tenant]
    books = list(world.books.values())
    return {
        "calls": len(calls),
        "accounting_calls": len(accounting),
        "writes": sum(call.method != "GET" for call in accounting),
        "by_method": dict(Counter(call.method for call in accounting)),
        "by_resource": _by_resource(accounting),
        "by_status": dict(Counter(str(call.status) for call in calls)),
        "max_in_flight": max((call.in_flight for call in accounting), default=0),
        "max_elements": max((call.elements for call in accounting), default=0),
        "calls_over_50_elements": sum(call.elements > ADVISED_ELEMENTS for call in accounting),
        "calls_during_retry_after": sum(call.during_retry_after for call in accounting),
        "limit_breaches": dict(Counter(call.limit for call in accounting if call.limit)),
        "replayed": sum(call.replayed for call in accounting),
        "ignored_properties": dict(Counter(_bare(path) for call in accounting for path in call.ignored)),
        "limits": world.limits.measure(world.seconds()),
        "records": {
            "Contacts": sum(len(book.contacts) for book in books),
            "Invoices": sum(len(book.invoices) for book in books),
            "CreditNotes": sum(len(book.credit_notes) for book in books),
            "Allocations": sum(len(note["Allocations"]) for book in books for note in book.credit_notes),
            "Payments": sum(payment["Status"] != "DELETED" for book in books for payment in book.payments),
            "Items": sum(len(book.items) for book in books),
            "TrackingCategories": sum(len(book.tracking) for book in books),
            "TrackingOptions": sum(len(category["Options"]) for book in books for category in book.tracking),
            "HistoryRecords": sum(len(notes) for book in books for notes in book.history.values()),
            "ContactGroups": sum(len(book.contact_groups) for book in books),
            "ContactGroupMembers": sum(len(group["Members"]) for book in books for group in book.contact_groups),
            "Attachments": sum(len(held) for book in books for held in book.attachments.values()),
        },
        "invoices_by_currency": _by_currency(books),
        "invoices_by_status": dict(Counter(invoice["Status"] for book in books for invoice in book.invoices)),
    }


def collect_records(world: World, last: int, organisation: str = "") -> dict[str, Any]:
    """Return the stored records in wire form, of *organisation* or all: the *last* changed of each kind."""
    books = [book for book in world.books.values() if organisation in ("", book.name)]
    return {
        "Contacts": [contact_fields.show(book, contact) for book in books for contact in book.contacts.newest(last)],
        "Invoices": [_invoice(book, invoice) for book in books for invoice in book.invoices.newest(last)],
        "CreditNotes": [_credit_note(book, note) for book in books for note in book.credit_notes.newest(last)],
        "Payments": [payments.show(book, payment) for book in books for payment in book.payments.newest(last)],
        "Items": [items.show(book, item) for book in books for item in book.items.newest(last)],
        "TrackingCategories": [tracking.show(category, archived=True) for book in books for category in book.tracking],
        "HistoryRecords": {
            identity: [note["Details"] for note in notes]
            for book in books
            for identity, notes in list(book.history.items())[-last:]
        },
        "ContactGroups": [show_with_members(book, group) for book in books for group in book.contact_groups],
        "Attachments": {
            identity: list(held) for book in books for identity, held in list(book.attachments.items())[-last:]
        },
    }


def _invoice(book: Book, invoice: Record) -> dict[str, Any]:
    contact = contact_fields.show_brief(book.contacts.get(invoice["ContactID"]) or {})
    return invoice_fields.show(invoice, contact, places=4)


def _credit_note(book: Book, note: Record) -> dict[str, Any]:
    contact = contact_fields.show_brief(book.contacts.get(note["ContactID"]) or {})
    return credit_note_fields.show(note, contact, places=4)


def _by_resource(calls: Iterable[Call]) -> dict[str, dict[str, int]]:
    """Return per `PUT Contacts` the calls and the elements they carried."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: {"calls": 0, "elements": 0})
    for call in calls:
        row = found[f"{call.method} {_resource(call.path)}"]
        row["calls"] += 1
        row["elements"] += call.elements
    return dict(found)


def _resource(path: str) -> str:
    """Return the resource of a call: `Contacts`, or a part of it such as `History` and `ContactGroups/Contacts`."""
    parts = path.split("/")[3:] or [""]
    nested = next((part for part in parts if part in {"Allocations", "Attachments", "History", "Options"}), "")
    members = parts[0] == "ContactGroups" and "Contacts" in parts
    return nested or (f"{parts[0]}/Contacts" if members else parts[0])


def _by_currency(books: Iterable[Book]) -> dict[str, dict[str, Any]]:
    """Return the sums of the invoices, but for voided and deleted invoices."""
    sums: dict[str, dict[str, Any]] = {}
    for book in books:
        for invoice in book.invoices:
            # Recorded: a voided invoice keeps its Total, so sums must leave it out.
            if invoice["Status"] in {"VOIDED", "DELETED"}:
                continue
            row = sums.setdefault(
                invoice["CurrencyCode"],
                {"invoices": 0, "SubTotal": Decimal(0), "TotalTax": Decimal(0), "Total": Decimal(0)},
            )
            row["invoices"] += 1
            for name in ("SubTotal", "TotalTax", "Total"):
                row[name] += invoice[name]
    return sums


def _bare(path: str) -> str:
    """Return a JSON path without its indexes."""
    return ".".join(part.partition("[")[0] for part in path.split("."))
