"""Reads times as Segment and its customers write them: ISO 8601, Go's form in delete events, and looser forms.

`event.py` calls this module.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

from dateutil import parser

OLDEST_YEAR = 1990  # Go's zero time is year 1, and a time of day without a date is read as year 1 too
LONGEST_TEXT = 64
_YEAR_ONE = datetime(1, 1, 1)  # noqa: DTZ001 - dateutil takes missing parts from it, so that it never asks the clock
_GO_TIME = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) ([+-]\d{4})\b.*")


def read_time(text: Any) -> datetime | None:
    """Return *text* as a time in UTC, None if it is not a credible time. A text without a zone is in UTC."""
    if not isinstance(text, str) or len(text) > LONGEST_TEXT:
        return None
    if go_time := _GO_TIME.fullmatch(text):
        text = f"{go_time[1]}{go_time[2]}"
    try:
        time = _parse(text)
        time = time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return time if time.year >= OLDEST_YEAR else None


def _parse(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return parser.parse(text, default=_YEAR_ONE, tzinfos=_zone)


def _zone(name: str | None, seconds: int | None) -> tzinfo:
    """Return the zone of an offset; a zone with only a name counts as UTC."""
    return timezone(timedelta(seconds=seconds or 0))
