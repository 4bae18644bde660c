"""Set-off: the rest of each credit note is allocated to the amount still due (L3, step 8). Called by `want`."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from segxero.orders.books import WantedAllocation, WantedDocument
from segxero.orders.lines import ZERO


def set_off(
    notes: Sequence[tuple[WantedDocument, Decimal]], due: Sequence[tuple[WantedDocument, Decimal]]
) -> tuple[list[WantedAllocation], Mapping[str, Decimal]]:
    """Return the allocations of *notes* to the *due* invoices, and the open rest of each credit note."""
    still_due = {invoice.number: amount for invoice, amount in due}
    days = {invoice.number: invoice.day for invoice, _ in due}
    allocations = []
    open_credits = {}
    for note, rest in notes:
        left = rest
        for number, amount in still_due.items():
            part = min(left, amount)
            if part > 0:
                day = max(note.day, days[number])
                allocations.append(WantedAllocation(credit_note=note.number, invoice=number, amount=part, day=day))
                still_due[number] = amount - part
                left -= part
        open_credits[note.number] = left
    return allocations, {number: left for number, left in open_credits.items() if left > ZERO}
