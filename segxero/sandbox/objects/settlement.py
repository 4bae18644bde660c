"""Settlement: the effect of payments and allocations on the sums and the status of their documents."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from segxero.sandbox.objects.invoice_fields import calculate_due
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.table import Record

Entry = Mapping[str, Any]


def settle_invoice(request: Request, invoice: Record, shown: str, amount: Decimal, entries: list[Entry]) -> None:
    """Apply *amount* (negative: take it back) to *invoice*, which shows *entries* under *shown* from now on.

    *shown* is Payments, CreditNotes or Overpayments.
    """
    field = "AmountPaid" if shown == "Payments" else "AmountCredited"
    new = {**invoice, field: invoice[field] + amount, shown: entries}
    request.book.invoices.put(new["InvoiceID"], _closed(request, new, calculate_due(new)))


def settle_credit(request: Request, credit: Record, amount: Decimal, **changes: Any) -> None:
    """Take *amount* (negative: give it back) from the remaining credit of a credit note or an overpayment."""
    new = {**credit, **changes, "RemainingCredit": credit["RemainingCredit"] - amount}
    is_overpayment = "OverpaymentID" in new
    table = request.book.overpayments if is_overpayment else request.book.credit_notes
    identity = new["OverpaymentID" if is_overpayment else "CreditNoteID"]
    table.put(identity, _closed(request, new, new["RemainingCredit"]))


def _closed(request: Request, document: Record, left: Decimal) -> Record:
    """Return *document* as paid when nothing is *left*, and as approved again when something is."""
    open_again = {name: value for name, value in document.items() if name != "FullyPaidOnDate"}
    status = {"Status": "AUTHORISED", "UpdatedDateUTC": request.now}
    # A deleted payment or allocation opens a paid document again.
    if left:
        return {**open_again, **status}
    return {**open_again, **status, "Status": "PAID", "FullyPaidOnDate": request.book.today(request.now)}
