"""Books: compares an organisation's accounts, taxes, tracking and currency with the mappings. Pure.

Called by `segxero check` (look.py) and by the hourly alerts (alerts.py).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tzlocal.windows_tz import win_tz

from segxero.check.books import accounts as account_rows
from segxero.check.books import payment_methods
from segxero.check.books import taxes as tax_rows
from segxero.check.books import tracking as tracking_rows
from segxero.check.books.wanted import Compared
from segxero.check.finding import Finding, fault, good, note
from segxero.mapping.model import MappingSet
from segxero.xero.books.parts import Books

# Xero names time zones like Windows, in capitals and without spaces.
ZONES = {"".join(filter(str.isalnum, name)).upper(): zone for name, zone in win_tz.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A part of the books: *look* yields faults and notes; *good* is the line when there are none."""

    name: str
    look: Callable[[Compared, str], Iterator[Finding]]
    good: Callable[[Compared], str]


def compare_books(books: Books, mappings: MappingSet, organisation: str, today: date) -> list[Finding]:
    """Compare *books* with everything *mappings* write to *organisation*; lock dates are compared with *today*."""
    wanted = Compared(books=books, mappings=mappings, organisation=organisation, today=today)
    found = []
    for subject in SUBJECTS:
        name = f"{organisation}: {subject.name}"
        lines = list(subject.look(wanted, name))
        found += lines or [good(name, subject.good(wanted))]
    return [*found, *_compare_shops(wanted, found)]


def _compare_shops(wanted: Compared, known: list[Finding]) -> Iterator[Finding]:
    """Yield what the tables of each shop add to the findings *known* of the organisation."""
    said = {(each.found, each.remedy) for each in known}
    for shop in wanted.settings.shops:
        for subject in (ACCOUNTS, WAYS_OF_PAYING, TAX_TYPES) if shop.tables else ():
            lines = subject.look(replace(wanted, shop=shop), f"{wanted.organisation}, shop {shop.name}: {subject.name}")
            yield from (each for each in lines if (each.found, each.remedy) not in said)


def _currency(wanted: Compared, name: str) -> Iterator[Finding]:
    currency, books = wanted.settings.currency, wanted.books
    if currency and currency not in {*books.currencies, books.base_currency}:
        yield fault(
            name,
            f"organisations.yaml says {currency}, which is not enabled in Xero",
            f"add {currency} in Xero's currency settings, or correct `currency` of {wanted.organisation}",
        )


def _locks(wanted: Compared, name: str) -> Iterator[Finding]:
    first = wanted.books.first_open_day
    if first and first > wanted.today:
        yield note(
            name,
            f"all days before {first} are locked, so today's orders cannot be booked",
            "move the lock date back in Xero, unless this is intended",
        )


def _locked(wanted: Compared) -> str:
    first = wanted.books.first_open_day
    return f"open from {first}" if first else "nothing is locked"


def _time_zone(wanted: Compared, name: str) -> Iterator[Finding]:
    word, ours = wanted.books.time_zone, wanted.settings.time_zone
    theirs = ZONES.get(word)
    # Zones of different names may have the same days, so offsets are compared.
    if theirs and _offsets(theirs, wanted.today.year) != _offsets(ours, wanted.today.year):
        yield note(
            name,
            f"invoices are dated in {ours}, but the organisation uses {theirs}",
            f"write `time_zone: {theirs}` for {wanted.organisation} in organisations.yaml",
        )


def _offsets(zone: str, year: int) -> list[object] | str:
    try:
        # January and July show summer time in both hemispheres.
        return [datetime(year, month, 15, tzinfo=ZoneInfo(zone)).utcoffset() for month in (1, 7)]
    except ZoneInfoNotFoundError:
        return zone


def _demo(wanted: Compared, name: str) -> Iterator[Finding]:
    if wanted.books.is_demo:
        yield note(
            name, f"{wanted.books.name} is a demo company: Xero empties it after 28 days", "use it for trials only"
        )


ACCOUNTS = Subject(
    name="accounts",
    look=account_rows.look,
    good=lambda wanted: f"{', '.join(account_rows.list_codes(wanted)) or 'none'} suit their use",
)
WAYS_OF_PAYING = Subject(name="ways of paying", look=payment_methods.look, good=payment_methods.describe)
TAX_TYPES = Subject(
    name="tax types",
    look=tax_rows.look,
    good=lambda wanted: f"{', '.join(tax_rows.types(wanted))} fit rates and accounts",
)
SUBJECTS = (
    ACCOUNTS,
    WAYS_OF_PAYING,
    TAX_TYPES,
    Subject(
        name="tracking",
        look=tracking_rows.look,
        good=lambda wanted: f"{', '.join(tracking_rows.list_names(wanted)) or 'no category'}: present, or can be added",
    ),
    Subject(
        name="currency",
        look=_currency,
        good=lambda wanted: (
            f"{wanted.settings.currency or wanted.books.base_currency} for orders that name no currency"
        ),
    ),
    Subject(name="lock dates", look=_locks, good=_locked),
    Subject(name="time zone", look=_time_zone, good=lambda wanted: wanted.settings.time_zone),
    Subject(name="organisation", look=_demo, good=lambda wanted: f"{wanted.books.name}, {wanted.books.country}"),
)
