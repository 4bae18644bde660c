"""The pace: at once while there is plenty, gathered longer as the day's calls shrink, never more than the day has."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segxero.xero.budget import Rest
from segxero.xero.pace import DAY_SECONDS, LOOK_AGAIN_SECONDS, gather_seconds, spare_seconds


def rest(day, ends_in):
    return Rest(minute=60, day=day, day_ends_in=ends_in)


@pytest.mark.parametrize(
    ("day", "hours_left", "seconds"),
    [
        (1000, 24, 0.0),  # a fresh day
        (700, 24, 0.0),  # a fifth above the line of 500
        (260, 0.001, 0.0),  # the day is nearly over
        (300, 1, 0.0),
        (600, 24, 0.25 * 86_400 / 600),  # half-way to the line
        (500, 24, 86_400 / 500),  # on the line: evenly
        (100, 24, 864.0),  # below it: evenly
        (1, 24, 86_400.0),
        (0, 3, 10_800.0),  # none left: when the day ends
        (-3, 3, 10_800.0),
    ],
)
def test_records_gather_longer_as_the_calls_of_the_day_shrink(day, hours_left, seconds):
    assert gather_seconds(rest(day, hours_left * 3600), 1000) == pytest.approx(seconds)


def test_queues_that_share_the_calls_wait_for_each_other():
    assert gather_seconds(rest(500, 86_400), 1000, 3) == pytest.approx(3 * 86_400 / 500)
    assert gather_seconds(rest(1, 3600), 1000, 3) == pytest.approx(3600)  # never longer than the day


@given(st.integers(1, 1000), st.floats(1, DAY_SECONDS))
def test_fewer_calls_never_mean_less_gathering(day, ends_in):
    assert gather_seconds(rest(day, ends_in), 1000) <= gather_seconds(rest(day - 1, ends_in), 1000) + 1e-6


def a_day(day_limit, step=10.0):
    """A shop whose outbox is never empty: send when the oldest record has waited long enough. Return send times."""
    sent, waiting_since, now, left = [], 0.0, 0.0, day_limit
    while now < DAY_SECONDS:
        if left > 0 and now - waiting_since >= gather_seconds(rest(left, DAY_SECONDS - now), day_limit):
            sent.append(now)
            left -= 1
            waiting_since = now
        now += step
    return sent


@pytest.mark.parametrize("day_limit", [100, 1000, 5000])
def test_within_the_budget_a_busy_day_never_runs_dry_before_it_ends(day_limit):
    sent = a_day(day_limit)
    assert len(sent) <= day_limit
    gaps = [later - earlier for earlier, later in pairwise(sent)]
    # After a quick beginning, calls come to the end of the day without a long silence.
    assert max(gaps) <= 3 * DAY_SECONDS / (0.5 * day_limit) + 10
    assert DAY_SECONDS - sent[-1] <= 3 * DAY_SECONDS / (0.5 * day_limit) + 10


def test_the_day_uses_nearly_all_of_its_calls():
    assert len(a_day(1000)) > 900


@pytest.mark.parametrize(
    ("minute", "day", "hours_left", "seconds"),
    [
        (60, 1000, 24, 0.0),
        (60, 900, 24, 0.0),  # just enough above the line of 500
        (60, 899, 24, LOOK_AGAIN_SECONDS),
        (60, 450, 1, 0.0),  # the day is nearly over
        (31, 1000, 24, 0.0),
        (30, 1000, 24, LOOK_AGAIN_SECONDS),  # the minute belongs to the others
        (60, 0, 24, LOOK_AGAIN_SECONDS),
    ],
)
def test_what_goes_last_takes_only_calls_that_nothing_else_will_need(minute, day, hours_left, seconds):
    left = Rest(minute=minute, day=day, day_ends_in=hours_left * 3600)
    assert spare_seconds(left, 1000) == seconds
