"""Dates as Xero writes and reads them."""

import re
from datetime import UTC, date, datetime, time

from dateutil.parser import isoparse

_MICROSOFT = re.compile(r"^/Date\((-?\d+)([+-]\d{4})?\)/$")


def count_milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def stamp(moment: datetime) -> str:
    """Write a moment as records carry it: `/Date(1789378199100+0000)/`."""
    return f"/Date({count_milliseconds(moment)}+0000)/"


def stamp_plainly(moment: datetime) -> str:
    """Write a moment as envelopes and history carry it: without the zone."""
    return f"/Date({count_milliseconds(moment)})/"


def stamp_day(day: date) -> str:
    """Write a document date: midnight UTC of its calendar day."""
    return stamp(datetime.combine(day, time(), UTC))


def write_day(day: date) -> str:
    return f"{day.isoformat()}T00:00:00"


def write_utc(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def read_day(text: str) -> date:
    """Read `2026-11-24`, an ISO date-time or `/Date(ms)/` as a calendar day. Raise ValueError otherwise."""
    # Clients built on Xero's SDK send the Microsoft form.
    match = _MICROSOFT.match(text)
    if match:
        return datetime.fromtimestamp(int(match[1]) / 1000, UTC).date()
    return isoparse(text).date()


def read_moment(text: str) -> datetime:
    """Read an ISO date-time as UTC; without a zone it is UTC already. Raise ValueError otherwise."""
    moment = isoparse(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
