"""The books of each organisation, read from Xero now, and compared with what the mappings write into them."""

from collections.abc import Iterator
from datetime import UTC, datetime

from segxero.check.books import compare
from segxero.check.finding import Finding, fault, unseen
from segxero.check.set_up import SetUp
from segxero.errors import AuthenticationError, SegxeroError
from segxero.xero.api.budget import BudgetError

SCOPES = frozenset({"accounting.settings", "accounting.settings.read"})


def look(set_up: SetUp) -> Iterator[Finding]:
    """Read the books of every organisation that lets us in (five calls each) and compare it."""
    services = set_up.services
    for organisation in services.mappings.organisations:
        name = f"books of {organisation}"
        if organisation not in set_up.let_in:
            yield unseen(name, f"Xero does not let {organisation} in")
        elif not SCOPES & set_up.let_in[organisation]:
            yield unseen(name, "no mapping needs the scope accounting.settings, so they cannot be read")
        else:
            try:
                books = services.books.of(organisation, fresh_seconds=0)
            except BudgetError as error:
                yield unseen(name, f"no call is left for it ({error})", "check again later: `segxero status` says when")
            except AuthenticationError as error:
                yield fault(name, str(error), f"connect it again: {services.settings.where_to_connect}")
            except SegxeroError as error:
                yield fault(name, str(error), "check again when Xero answers")
            else:
                yield from compare.findings(books, services.mappings, organisation, datetime.now(UTC).date())
