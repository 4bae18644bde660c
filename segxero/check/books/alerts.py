"""Alerts a person when an organisation's books no longer accept the mappings' accounts or tax types.

Called every hour by the schedule. The alert ends when the books accept them again.
"""

from datetime import date

from segxero.check.books import compare
from segxero.errors import SegxeroError
from segxero.services import Services
from segxero.telemetry.alerts import BOOKS, Cause
from segxero.xero.books.cache import BooksCache
from segxero.xero.books.parts import Books

FRESH_SECONDS = 86_400  # five calls a day for each organisation; `segxero check` always reads them anew


def alert_on_differences(services: Services, today: date) -> dict[str, int]:
    """Compare the books of every organisation. Return the numbers of new alerts and of recovered causes.

    An organisation with unreadable books keeps its alerts; other alerts report why Xero is unreachable.
    """
    mappings, alerts = services.mappings, services.alerts
    opened = alerts.open()
    told = {"alerts": 0, "recovered": 0}
    for organisation in mappings.organisations:
        books = _read(services.books, organisation)
        if books is None:
            continue
        found = set()
        for one in compare.compare_books(books, mappings, organisation, today):
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
