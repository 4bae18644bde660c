"""The `date` filter of Liquid: reads dates as JavaScript does, writes them by strftime, and knows no "now"."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any

from liquid.exceptions import FilterArgumentError
from liquid.undefined import is_undefined

from segxero.mapping.values import moments
from segxero.mapping.values.plain_text import is_number, plain_text

USUAL = "%A, %B %-e, %Y at %-l:%M %P %z"
PATTERNS = ("%Y/%m/%d", "%m/%d/%Y", "%B %d, %Y", "%b %d, %Y", "%B %d %Y", "%b %d %Y", "%d %B %Y", "%d %b %Y")
LONGEST = 64


def date(value: Any, pattern: Any = USUAL, zone: Any = None) -> Any:
    """Write *value* by *pattern* in *zone* (a name, or minutes behind UTC); anything but a date stays as it is."""
    moment = None if is_undefined(value) or value in (None, "") else _moment(value)
    if moment is None:
        return value
    return moments.write(moment.astimezone(_zone(zone)), USUAL if is_undefined(pattern) else plain_text(pattern))


def _zone(value: Any) -> tzinfo:
    if value is None or is_undefined(value):
        return UTC
    if is_number(value):
        return timezone(timedelta(minutes=-int(value)))
    try:
        return moments.find_zone(plain_text(value))
    except ValueError as error:
        raise FilterArgumentError(str(error), token=None) from None


def _moment(value: Any) -> datetime | None:
    written = plain_text(value).strip() if isinstance(value, str) or is_number(value) else ""
    if not written or len(written) > LONGEST:
        return None
    try:
        if is_number(value) or written.isdecimal():
            return moments.EPOCH + timedelta(seconds=float(written))
    except OverflowError:
        return None
    readers: list[Callable[[str], datetime]] = [
        datetime.fromisoformat,
        parsedate_to_datetime,
        *(_by(pattern) for pattern in PATTERNS),
    ]
    for reader in readers:
        try:
            moment = reader(written)
        except (ValueError, TypeError, OverflowError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _by(pattern: str) -> Callable[[str], datetime]:
    return lambda written: datetime.strptime(written, pattern)  # noqa: DTZ007  the zone is added by the caller
