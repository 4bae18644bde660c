"""The pace: at once while there is plenty, gathered longer as the day's calls shrink, never more than the day has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segxero.xero.api.budget import CallsLeft
from segxero.xero.api.pace import (
    DAY_SECONDS,
    EVEN,
    LOOK_AGAIN_SECONDS,
    PLENTY,
    RESERVE,
    SPARE,
    live_seconds,
    share,
    spare_seconds,
)

days = st.floats(1, DAY_SECONDS)


def rest(day, hours=24.0, minute=60):
    return CallsLeft(minute=minute, day=day, day_ends_in=hours * 3600)


def test_the_marks_stand_in_this_order():
    assert 0 < RESERVE < EVEN < PLENTY < SPARE < 1


@pytest.mark.parametrize(
    ("day", "hours", "expected"), [(1000, 24, 1.0), (500, 24, 0.5), (500, 12, 1.0), (250, 3, 2.0), (0, 12, 0.0)]
)
def test_the_share_compares_what_is_left_with_an_even_use(day, hours, expected):
    assert share(rest(day, hours), 1000) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("day", "hours", "seconds"),
    [
        (1000, 24, 0.0),  # a fresh day
        (901, 24, 0.0),
        (850, 24, 0.25 * 86_400 / 850),  # half-way between plenty and even
        (800, 24, 86_400 / 800),
        (400, 12, 43_200 / 400),
        (759, 24, 1.9881 * 86_400 / 759),  # two queues: each of its records waits for two calls
        (700, 24, 3 * 86_400 / 700),  # three queues spend the calls; it never gathers for more than three of them
        (100, 24, 3 * 864.0),
        (1, 24, 86_400.0),  # but for the rest of the day
        (60, 1, 0.0),  # the day is nearly over
        (0, 3, 10_800.0),
        (-3, 3, 10_800.0),
    ],
)
def test_records_gather_longer_as_the_calls_of_the_day_shrink(day, hours, seconds):
    assert live_seconds(rest(day, hours), 1000, 0.0, 3) == pytest.approx(seconds)


def test_what_has_waited_already_counts():
    assert live_seconds(rest(800), 1000, 100.0) == pytest.approx(8.0)
    assert live_seconds(rest(800), 1000, 109.0) == 0.0
    assert live_seconds(rest(0, 3), 1000, 20_000.0) == 10_800.0


def test_a_full_call_goes_at_once_until_only_the_reserve_is_left():
    assert live_seconds(rest(201), 1000, 0.0, is_full=True) == 0.0
    assert live_seconds(rest(199), 1000, 0.0, is_full=True) == pytest.approx(86_400 / 199)
    assert live_seconds(rest(0), 1000, 0.0, is_full=True) == 86_400


@given(st.integers(1, 1000), days, st.integers(1, 8))
def test_fewer_calls_never_mean_less_gathering(day, ends_in, sharers):
    more, less = (CallsLeft(minute=60, day=calls, day_ends_in=ends_in) for calls in (day, day - 1))
    assert live_seconds(more, 1000, 0.0, sharers) <= live_seconds(less, 1000, 0.0, sharers) + 1e-6


@given(st.integers(0, 5000), days, st.floats(0, DAY_SECONDS), st.booleans())
def test_what_is_spare_for_notes_is_plenty_for_what_is_live(day, ends_in, oldest, is_full):
    left = CallsLeft(minute=60, day=day, day_ends_in=ends_in)
    if spare_seconds(left, 1000) == 0:
        assert live_seconds(left, 1000, oldest, is_full=is_full) == 0


@pytest.mark.parametrize(
    ("minute", "day", "hours", "seconds"),
    [
        (60, 1000, 24, 0.0),
        (60, 950, 24, 0.0),
        (60, 949, 24, LOOK_AGAIN_SECONDS),
        (60, 40, 1, 0.0),  # the day is nearly over
        (31, 1000, 24, 0.0),
        (30, 1000, 24, LOOK_AGAIN_SECONDS),  # the minute belongs to the others
        (60, 0, 3, 10_800.0),
    ],
)
def test_what_goes_last_takes_only_calls_that_nothing_else_will_need(minute, day, hours, seconds):
    assert spare_seconds(rest(day, hours, minute), 1000) == seconds


def test_what_goes_last_never_goes_before_something_urgent():
    assert spare_seconds(rest(1000), 1000, urgent=True) == LOOK_AGAIN_SECONDS
