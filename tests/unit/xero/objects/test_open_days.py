"""Open days: when a document is moved, to which day, and what it says of its own."""

from datetime import date

import pytest

from segxero.xero.objects.context import Context
from segxero.xero.objects.open_days import LOCKED, OPEN_DAY, Day
from segxero.xero.objects.wanted import Wanted

OWN, OPEN = date(2026, 11, 1), date(2026, 12, 1)


def booked(*, open_day=OPEN, xero_id="", **remembered):
    wanted = Wanted(key="1", fields={}, xero_id=xero_id, remembered=remembered)
    return Day.of(OWN, wanted, Context(tables={}, open_day=open_day))


@pytest.mark.parametrize(
    ("known", "day"),
    [
        ({}, OWN),
        ({LOCKED: "1"}, OPEN),
        ({LOCKED: "1", "open_day": None}, OWN),
        ({LOCKED: "1", "xero_id": "i1"}, OWN),
    ],
)
def test_only_a_new_document_that_xero_has_refused_is_moved(known, day):
    found = booked(**known)
    assert (found.booked, found.moved) == (day, day != OWN)
    assert found.keeps == ({OPEN_DAY: "2026-12-01"} if day != OWN else {})


def test_a_document_keeps_the_day_to_which_it_was_moved_and_is_never_before_its_own():
    wanted = Wanted(key="1", fields={}, xero_id="i1", remembered={OPEN_DAY: "2026-11-15"})
    context = Context(tables={}, open_day=OPEN)
    assert Day.of(OWN, wanted, context).booked == date(2026, 11, 15)
    assert Day.of(OPEN, wanted, context) == Day(own=OPEN, booked=OPEN)


def test_the_first_line_says_the_own_date_within_its_longest_text():
    items = [{"Description": "x" * 4000}, {"Description": "y"}]
    first, second = Day(own=OWN, booked=OPEN).state_own(items, "ordered")
    assert first["Description"] == "x" * (4000 - len(" (ordered 2026-11-01)")) + " (ordered 2026-11-01)"
    assert second == items[1]
    assert Day(own=OWN, booked=OWN).state_own(items, "ordered") == items
    assert Day(own=OWN, booked=OPEN).state_own([], "ordered") == []
