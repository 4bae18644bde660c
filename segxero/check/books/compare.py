"""The books: whether an organisation's accounts, taxes, labels and currency take what the mappings write. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tzlocal.windows_tz import win_tz

from segxero.check.books import accounts as account_rows
from segxero.check.books import taxes as tax_rows
from segxero.check.books import tracking as tracking_rows
from segxero.check.books.wanted import Compared
from segxero.check.finding import Finding, fault, good, note
from segxero.mapping.model import MappingSet
from segxero.xero.books.parts import Books

# Xero's words for time zones are Windows' names in capitals without their spaces.
ZONES = {"".join(filter(str.isalnum, name)).upper(): zone for name, zone in win_tz.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A part of the books: what is wrong or worth knowing there, and the line for when nothing is."""

    name: str
    look: Callable[[Compared, str], Iterator[Finding]]
    good: Callable[[Compared], str]


def findings(books: Books, mappings: MappingSet, organisation: str, today: date) -> list[Finding]:
    """Compare *books* with what *mappings* write into *organisation*; *today* tells what is locked."""
    wanted = Compared(books=books, mappings=mappings, organisation=organisation, today=today)
    found = []
    for subject in SUBJECTS:
        name = f"{organisation}: {subject.name}"
        lines = list(subject.look(wanted, name))
        found += lines or [good(name, subject.good(wanted))]
    return found


def _currency(wanted: Compared, name: str) -> Iterator[Finding]:
    currency, books = wanted.settings.currency, wanted.books
    if currency and currency not in {*books.currencies, books.base_currency}:
        yield fault(
            name,
            f"organisations.yaml has {currency}, which is not enabled",
            f"add {currency} in Xero's currency settings, or correct `currency` of {wanted.organisation}",
        )


def _locks(wanted: Compared, name: str) -> Iterator[Finding]:
    first = wanted.books.first_open_day
    if first and first > wanted.today:
        yield note(
            name,
            f"everything before {first} is locked, so nothing of today can be booked",
            "set the lock date back in Xero, unless that is meant",
        )


def _locked(wanted: Compared) -> str:
    first = wanted.books.first_open_day
    return f"open from {first} on" if first else "nothing is locked"


def _time_zone(wanted: Compared, name: str) -> Iterator[Finding]:
    word, ours = wanted.books.time_zone, wanted.settings.time_zone
    theirs = ZONES.get(word)
    if theirs and _offsets(theirs, wanted.today.year) != _offsets(ours, wanted.today.year):
        yield note(
            name,
            f"dates are made in {ours}, and the organisation's days are those of {theirs}",
            f"write `time_zone: {theirs}` for {wanted.organisation} in organisations.yaml",
        )


def _offsets(zone: str, year: int) -> list[object] | str:
    try:
        return [datetime(year, month, 15, tzinfo=ZoneInfo(zone)).utcoffset() for month in (1, 7)]
    except ZoneInfoNotFoundError:
        return zone


def _demo(wanted: Compared, name: str) -> Iterator[Finding]:
    if wanted.books.is_demo:
        yield note(name, f"{wanted.books.name} is a demo company: Xero empties it after 28 days", "fine for trying")


SUBJECTS = (
    Subject(
        name="accounts",
        look=account_rows.look,
        good=lambda wanted: f"{', '.join(account_rows.codes(wanted)) or 'none'} take what is written to them",
    ),
    Subject(
        name="tax types",
        look=tax_rows.look,
        good=lambda wanted: f"{', '.join(tax_rows.types(wanted))} fit rates and accounts",
    ),
    Subject(
        name="tracking",
        look=tracking_rows.look,
        good=lambda wanted: f"{', '.join(tracking_rows.names(wanted)) or 'no category'}: there, or room for it",
    ),
    Subject(
        name="currency",
        look=_currency,
        good=lambda wanted: f"{wanted.settings.currency or wanted.books.base_currency} where an order names none",
    ),
    Subject(name="lock dates", look=_locks, good=_locked),
    Subject(name="time zone", look=_time_zone, good=lambda wanted: wanted.settings.time_zone),
    Subject(name="organisation", look=_demo, good=lambda wanted: f"{wanted.books.name}, {wanted.books.country}"),
)
