"""Payment terms: when an invoice of a contact is due. Used by `objects.invoices`.

The kinds and their words are those of Xero's page on types, "Payment terms".
"""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

AFTER_BILL_DATE, AFTER_BILL_MONTH = "DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH"
OF_CURRENT_MONTH, OF_FOLLOWING_MONTH = "OFCURRENTMONTH", "OFFOLLOWINGMONTH"


def find_due_day(terms: Mapping[str, Any], day: date) -> date | None:
    """Return when an invoice of *day* is due under the *terms* of its contact; None when they say nothing."""
    sales = terms.get("Sales")
    if not isinstance(sales, Mapping) or not str(sales.get("Day", "")).strip().isdigit():
        return None
    number, kind = int(sales["Day"]), str(sales.get("Type", ""))
    if kind == AFTER_BILL_DATE:
        return day + timedelta(days=number)
    if kind == AFTER_BILL_MONTH:
        return _end_month(day) + timedelta(days=number)
    if kind == OF_FOLLOWING_MONTH:
        return _choose_day(_end_month(day) + timedelta(days=1), number)
    if kind == OF_CURRENT_MONTH:
        due = _choose_day(day, number)
        # A day that is past already is meant of the next month.
        return due if due >= day else _choose_day(_end_month(day) + timedelta(days=1), number)
    return None


def _end_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _choose_day(month: date, number: int) -> date:
    """Return day *number* of the month, or its last day."""
    return month.replace(day=max(1, min(number, monthrange(month.year, month.month)[1])))
