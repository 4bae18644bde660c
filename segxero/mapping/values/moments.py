"""Dates and times: reads them from events and writes them by a pattern such as `%Y-%m-%d`, without clock and locale.

@date, the `date` filter of Liquid and the reader of organisations.yaml call this module.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from segxero.errors import MappingError
from segxero.mapping.values.plain_text import is_number, plain_text

# Numbers are seconds since 1970. Below the first limit (the year 1973) they are hardly dates; from the second on they
# are milliseconds, because as seconds they would be in the year 5138.
FIRST_SECONDS = 100_000_000
FIRST_MILLISECONDS = 100_000_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_TEXT = re.compile(r"\d{10}|\d{13}")
ISO_DATE = re.compile(r"\d{4}-?\d\d-?\d\d")
LONGEST = 64
# Programs in Go send this year for a time that was never set.
UNSET_YEAR = 1

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip
SIGN = re.compile(r"%([-_0^#:]*)(\d*)([A-Za-z%])")
NUMBERS: dict[str, tuple[Callable[[datetime], int], int, str]] = {
    "C": (lambda moment: moment.year // 100, 2, "0"),
    "d": (lambda moment: moment.day, 2, "0"),
    "e": (lambda moment: moment.day, 2, " "),
    "H": (lambda moment: moment.hour, 2, "0"),
    "I": (lambda moment: moment.hour % 12 or 12, 2, "0"),
    "j": (lambda moment: moment.timetuple().tm_yday, 3, "0"),
    "k": (lambda moment: moment.hour, 2, " "),
    "l": (lambda moment: moment.hour % 12 or 12, 2, " "),
    "L": (lambda moment: moment.microsecond // 1000, 3, "0"),
    "m": (lambda moment: moment.month, 2, "0"),
    "M": (lambda moment: moment.minute, 2, "0"),
    "s": (lambda moment: int(moment.timestamp()), 1, "0"),
    "S": (lambda moment: moment.second, 2, "0"),
    "u": (lambda moment: moment.isoweekday(), 1, "0"),
    "w": (lambda moment: moment.isoweekday() % 7, 1, "0"),
    "y": (lambda moment: moment.year % 100, 2, "0"),
    "Y": (lambda moment: moment.year, 4, "0"),
}
TEXTS: dict[str, Callable[[datetime], str]] = {
    "a": lambda moment: DAYS[moment.weekday()][:3],
    "A": lambda moment: DAYS[moment.weekday()],
    "b": lambda moment: MONTHS[moment.month - 1][:3],
    "B": lambda moment: MONTHS[moment.month - 1],
    "p": lambda moment: "AM" if moment.hour < 12 else "PM",  # noqa: PLR2004
    "P": lambda moment: "am" if moment.hour < 12 else "pm",  # noqa: PLR2004
    "Z": lambda moment: moment.tzname() or "",
    "%": lambda _moment: "%",
}
LETTERS = frozenset([*NUMBERS, *TEXTS, "z"])


def find_zone(name: str) -> tzinfo:
    """Return the time zone called *name*, such as Pacific/Auckland. Raise ValueError if there is none."""
    try:
        return ZoneInfo(name)
    except (OSError, KeyError, ValueError):
        message = f"{name} is not a time zone: write a name such as Pacific/Auckland, Europe/London or UTC"
        raise ValueError(message) from None


def read(value: Any, local: tzinfo, pattern: str = "") -> datetime | None:
    """Read *value* as a moment in *local*: ISO 8601 text, seconds or milliseconds since 1970, or text like *pattern*.

    A date without a time stays that date, and a time without a zone is in *local*. None means a time that was never set
    (the year 1). Raise MappingError for everything else.
    """
    try:
        moment = _moment(value, local, pattern)
        if moment.year == UNSET_YEAR:
            return None
        return moment.astimezone(local)
    except (ValueError, OverflowError):
        wanted = f"a date written as {pattern}" if pattern else "a date such as 2026-11-01 or 2026-11-01T10:00:00Z"
        raise MappingError(f'should be {wanted}, not "{plain_text(value)[:LONGEST]}"') from None


def _moment(value: Any, local: tzinfo, pattern: str) -> datetime:
    if is_number(value):
        return _since_epoch(value)
    if not isinstance(value, str) or len(value) > LONGEST:
        raise ValueError
    text = value.strip()
    if pattern:
        moment = datetime.strptime(text, pattern)  # noqa: DTZ007  its zone is added below
    elif EPOCH_TEXT.fullmatch(text):
        return _since_epoch(Decimal(text))
    elif ISO_DATE.fullmatch(text):
        day = date.fromisoformat(text)
        moment = datetime(day.year, day.month, day.day)  # noqa: DTZ001  its zone is added below
    else:
        moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=local)


def _since_epoch(number: Any) -> datetime:
    seconds = Decimal(repr(number)) if isinstance(number, float) else Decimal(number)
    if seconds < FIRST_SECONDS:
        raise ValueError
    if seconds >= FIRST_MILLISECONDS:
        seconds /= 1000
    return EPOCH + timedelta(microseconds=int(seconds * 1_000_000))


@cache
def find_unknown_signs(pattern: str) -> tuple[str, ...]:
    """List the signs of *pattern* that `write` does not know."""
    return tuple(found.group() for found in SIGN.finditer(pattern) if found.group(3) not in LETTERS)


def write(moment: datetime, pattern: str) -> str:
    """Write *moment* by *pattern*: the signs of strftime in English, with the flags - _ 0 ^ and a width."""
    return SIGN.sub(lambda found: _sign(moment, *found.groups()), _expanded(pattern))


def _expanded(pattern: str) -> str:
    for short, full in {"%F": "%Y-%m-%d", "%T": "%H:%M:%S", "%D": "%m/%d/%y", "%R": "%H:%M"}.items():
        pattern = pattern.replace(short, full)
    return pattern


def _sign(moment: datetime, flags: str, width: str, letter: str) -> str:
    if letter in NUMBERS:
        number, usual, padding = NUMBERS[letter]
        if "-" in flags:
            return str(number(moment))
        padding = " " if "_" in flags else "0" if "0" in flags else padding
        return str(number(moment)).rjust(int(width or usual), padding)
    if letter == "z":
        offset = f"{moment:%z}"
        return f"{offset[:3]}:{offset[3:5]}" if ":" in flags else offset
    if letter not in TEXTS:
        return f"%{flags}{width}{letter}"
    text = TEXTS[letter](moment)
    return (text.upper() if "^" in flags else text).rjust(int(width or 0))
