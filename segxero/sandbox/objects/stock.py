"""The stock of tracked items, counted from the lines of approved documents."""

from decimal import Decimal

from segxero.sandbox.state.book import Book

MOVES = {"ACCPAY": 1, "ACCREC": -1, "ACCRECCREDIT": 1, "ACCPAYCREDIT": -1}
COUNTED = frozenset({"AUTHORISED", "PAID"})


def count_on_hand(book: Book, code: str, *, but: str = "") -> Decimal:
    """Return the quantity of the item *code*; the line with the id *but* is not counted."""
    return sum(
        (
            MOVES[document["Type"]] * line.get("Quantity", Decimal(0))
            for table in (book.invoices, book.credit_notes)
            for document in table
            if document["Status"] in COUNTED
            for line in document["LineItems"]
            if line.get("ItemCode", "").casefold() == code.casefold() and line["LineItemID"] != but
        ),
        Decimal(0),
    )
