"""Reading times: lenient in form, never from the clock of this machine, never an exception."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segxero.segment.clock import read_time


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-01T10:00:00.123456789Z", datetime(2026, 2, 1, 10, 0, 0, 123456, UTC)),
        ("2026-02-01 10:00:00-0130", datetime(2026, 2, 1, 11, 30, tzinfo=UTC)),
        ("2020-05-09 23:54:49.2098 +0200 CEST", datetime(2020, 5, 9, 21, 54, 49, 209800, UTC)),
        ("Mon, 02 Jan 2006 15:04:05 GMT", datetime(2006, 1, 2, 15, 4, 5, tzinfo=UTC)),
        ("Mon, 02 Jan 2006 15:04:05 MST", datetime(2006, 1, 2, 15, 4, 5, tzinfo=UTC)),
        ("2026-2-1 3:04", datetime(2026, 2, 1, 3, 4, tzinfo=UTC)),
    ],
)
def test_many_forms_are_read(text: str, expected: datetime):
    assert read_time(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10",
        "10:30",
        "May",
        "1700000000",
        "1700000000000",
        "2023-02-30T00:00:00Z",
        "1989-12-31T23:59:59Z",
        None,
        5,
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "9" * 1000,
        "2026-02-01T00:00:00+99:00",
    ],
)
def test_what_is_no_credible_time_is_none(text: object):
    assert read_time(text) is None


@given(
    st.datetimes(min_value=datetime(1990, 1, 2), max_value=datetime(9999, 12, 30)),  # noqa: DTZ001 - hypothesis wants naive bounds
    st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_every_iso_time_is_read_exactly(time: datetime, zone: timezone):
    aware = time.replace(tzinfo=zone)
    assert read_time(aware.isoformat()) == aware


@given(st.text(max_size=70) | st.text(alphabet="0123456789 :-+TZ./,aApPmM", max_size=40))
def test_no_text_raises(text: str):
    found = read_time(text)
    assert found is None or (found.tzinfo is UTC and found.year >= 1990)
