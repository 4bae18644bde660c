"""Finds the document in the path of a note or an attachment."""

from segxero.sandbox.state.request import Request
from segxero.sandbox.state.table import Record


def find_parent(request: Request) -> tuple[str, Record | None]:
    """Return the id in the path and the document. Only a uuid is taken here, no number."""
    book, params = request.book, request.params
    name, table = ("contact", book.contacts) if "contact" in params else ("invoice", book.invoices)
    identity = params[name].lower()
    return identity, table.get(identity)
