"""Reads each organisation's books from Xero now and compares them with the mappings. An area of the set-up check."""

from collections.abc import Iterator
from datetime import UTC, datetime

from segxero.check.books import compare
from segxero.check.finding import Finding, fault, unseen
from segxero.check.set_up import SetUp
from segxero.errors import AuthenticationError, SegxeroError
from segxero.xero.api.budget import BudgetError

SCOPES = frozenset({"accounting.settings", "accounting.settings.read"})


def look(set_up: SetUp) -> Iterator[Finding]:
    """Read and compare the books of every connected organisation (five calls each)."""
    services = set_up.services
    for organisation in services.mappings.organisations:
        name = f"books of {organisation}"
        if organisation not in set_up.let_in:
            yield unseen(name, f"{organisation} is not connected")
        elif not SCOPES & set_up.let_in[organisation]:
            yield unseen(name, "no mapping needs the scope accounting.settings, which reading them requires")
        else:
            try:
                books = services.books.of(organisation, fresh_seconds=0)
            # A spent budget is no fault of the set-up.
            except BudgetError as error:
                yield unseen(
                    name, f"no Xero call is left today ({error})", "run the check later: `segxero status` shows when"
                )
            except AuthenticationError as error:
                yield fault(name, str(error), f"connect it again: {services.settings.where_to_connect}")
            except SegxeroError as error:
                yield fault(name, str(error), "run the check again when Xero answers")
            else:
                yield from compare.compare_books(books, services.mappings, organisation, datetime.now(UTC).date())
