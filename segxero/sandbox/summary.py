"""What a run has done, in figures: calls, limits and the sums in the books."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from segxero.sandbox.book import Book
from segxero.sandbox.calls import ADVISED_ELEMENTS, Call
from segxero.sandbox.objects import contact_fields, invoice_fields, tracking
from segxero.sandbox.table import Record
from segxero.sandbox.world import World


def summary(world: World) -> dict[str, Any]:
    """Return the figures of all calls so far and of all books together."""
    calls = world.calls.since(0)
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
        "limits": world.limits.state(world.seconds()),
        "records": {
            "Contacts": sum(len(book.contacts) for book in books),
            "Invoices": sum(len(book.invoices) for book in books),
            "TrackingCategories": sum(len(book.tracking) for book in books),
            "TrackingOptions": sum(len(category["Options"]) for book in books for category in book.tracking),
            "HistoryRecords": sum(len(notes) for book in books for notes in book.history.values()),
        },
        "invoices_by_currency": _by_currency(books),
        "invoices_by_status": dict(Counter(invoice["Status"] for book in books for invoice in book.invoices)),
    }


def records(world: World, last: int) -> dict[str, Any]:
    """Return what is stored, in wire form, all organisations together: of each kind the *last* that were changed."""
    books = world.books.values()
    return {
        "Contacts": [contact_fields.shown(contact) for book in books for contact in book.contacts.newest(last)],
        "Invoices": [_invoice(book, invoice) for book in books for invoice in book.invoices.newest(last)],
        "TrackingCategories": [tracking.shown(category, archived=True) for book in books for category in book.tracking],
        "HistoryRecords": {
            identity: [note["Details"] for note in notes]
            for book in books
            for identity, notes in list(book.history.items())[-last:]
        },
    }


def _invoice(book: Book, invoice: Record) -> dict[str, Any]:
    contact = contact_fields.brief(book.contacts.get(invoice["ContactID"]) or {})
    return invoice_fields.shown(invoice, contact, places=4)


def _by_resource(calls: Iterable[Call]) -> dict[str, dict[str, int]]:
    """Return per `PUT Contacts` the calls and the elements they carried."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: {"calls": 0, "elements": 0})
    for call in calls:
        parts = call.path.split("/")
        resource = parts[-1] if parts[-1] in {"History", "Options"} else parts[3] if len(parts) > 3 else ""  # noqa: PLR2004
        row = found[f"{call.method} {resource}"]
        row["calls"] += 1
        row["elements"] += call.elements
    return dict(found)


def _by_currency(books: Iterable[Book]) -> dict[str, dict[str, Any]]:
    """Return the sums of what is not voided or deleted."""
    sums: dict[str, dict[str, Any]] = {}
    for book in books:
        for invoice in book.invoices:
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
