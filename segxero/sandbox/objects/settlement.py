"""Settlement: the effect of payments and allocations on the sums and the status of their documents."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from segxero.sandbox.objects.invoice_fields import calculate_due
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.table import Record

Entry = Mapping[str, Any]


def settle_invoice(request: Request, invoice: Record, field: str, amount: Decimal, entries: list[Entry]) -> None:
    """Apply *amount* (negative: take it back) to *invoice*, which shows *entries* from now on.

    *field* is AmountPaid or AmountCredited.
    """
    shown = "Payments" if field == "AmountPaid" else "CreditNotes"
    new = {**invoice, field: invoice[field] + amount, shown: entries}
    request.book.invoices.put(new["InvoiceID"], _closed(request, new, calculate_due(new)))


def settle_note(request: Request, note: Record, amount: Decimal, **changes: Any) -> None:
    """Take *amount* (negative: give it back) from the remaining credit of *note*."""
    new = {**note, **changes, "RemainingCredit": note["RemainingCredit"] - amount}
    request.book.credit_notes.put(new["CreditNoteID"], _closed(request, new, new["RemainingCredit"]))


def _closed(request: Request, document: Record, left: Decimal) -> Record:
    """Return *document* as paid when nothing is *left*, and as approved again when something is."""
    open_again = {name: value for name, value in document.items() if name != "FullyPaidOnDate"}
    status = {"Status": "AUTHORISED", "UpdatedDateUTC": request.now}
    # A deleted payment or allocation opens a paid document again.
    if left:
        return {**open_again, **status}
    return {**open_again, **status, "Status": "PAID", "FullyPaidOnDate": request.book.today(request.now)}
