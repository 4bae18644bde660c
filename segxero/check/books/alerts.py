"""Calls a person when an organisation's books no longer take what the mappings write, and says when they do again."""

from datetime import date

from segxero.check.books import compare
from segxero.errors import SegxeroError
from segxero.services import Services
from segxero.telemetry.alerts import BOOKS, Cause
from segxero.xero.books.cache import BooksCache
from segxero.xero.books.parts import Books

FRESH_SECONDS = 86_400  # five calls a day for each organisation; `segxero check` reads them at once


def tell(services: Services, today: date) -> dict[str, int]:
    """Compare the books of every organisation, and return how many causes are new and how many are over.

    One whose books cannot be read now is left as it is: others tell why.
    """
    mappings, alerts = services.mappings, services.alerts
    opened = alerts.open()
    told = {"alerts": 0, "recovered": 0}
    for organisation in mappings.organisations:
        books = _read(services.books, organisation)
        if books is None:
            continue
        found = set()
        for one in compare.findings(books, mappings, organisation, today):
            if not one.good:
                cause = Cause(kind=BOOKS, organisation=organisation, object=one.name, sentence=one.found)
                found.add(cause.id)
                told["alerts"] += alerts.call(cause, f"{one.name}: {one.found}.", f"{one.remedy}.", count=1)
        over = [
            one
            for name, one in opened.items()
            if one.cause.kind == BOOKS and one.cause.organisation == organisation and name not in found
        ]
        told["recovered"] += sum(alerts.recovered(one) for one in over)
    return told


def _read(books: BooksCache, organisation: str) -> Books | None:
    try:
        return books.of(organisation, fresh_seconds=FRESH_SECONDS)
    except SegxeroError:
        return None
