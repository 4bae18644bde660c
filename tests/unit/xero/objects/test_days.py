"""Whole days, simulated at the real pace: the calls last, live records wait for minutes at most, nothing is starved."""

from functools import cache
from pathlib import Path

import pytest

from segxero.xero.api.pace import SPARE
from tests.benchmarks.answer import Scale
from tests.benchmarks.how_long_does_a_record_wait_in_a_day import ask
from tests.simulation.day import Simulation
from tests.simulation.shop import DAYS, Day

QUIET, BUSY, SALE = DAYS
CASES = [(day, limit) for day in DAYS for limit in (1_000, 5_000)]
# Calls spread evenly over three queues come every 3 * 86.4 s to each with 1,000 a day, every 3 * 17.3 s with 5,000.
WORST = {
    ("quiet", 1_000): 2,
    ("quiet", 5_000): 2,
    ("busy", 1_000): 420,
    ("busy", 5_000): 60,
    ("sale", 1_000): 780,
    ("sale", 5_000): 90,
}
all_six = pytest.mark.parametrize(("day", "limit"), CASES, ids=[f"{day.name} {limit}" for day, limit in CASES])


@cache
def played(day, limit, *, paced=True):
    return Simulation(day, limit, paced=paced).play()


@all_six
def test_the_worst_wait_of_a_live_record_is_minutes(day, limit):
    assert played(day, limit).worst <= WORST[day.name, limit]


@all_six
def test_the_days_calls_are_never_exceeded(day, limit):
    found = played(day, limit)
    assert found.calls + found.left == limit
    assert found.left >= 0


@all_six
def test_no_calls_are_kept_while_live_records_wait(day, limit):
    found = played(day, limit)
    # What waits at midnight came in the last minutes.
    assert found.waiting <= 50
    assert found.left == 0 or found.waiting == 0
    assert found.worst <= 2 or found.left <= limit / 100


@all_six
def test_nothing_is_starved_of_the_import_all_is_in_xero_by_night(day, limit):
    found = played(day, limit)
    assert (found.historical, found.historical_waiting) == (5_000, 0)


@all_six
def test_notes_and_history_take_only_calls_to_spare(day, limit):
    assert played(day, limit).least_share_of_spare >= SPARE


def test_on_a_quiet_day_every_note_is_written():
    assert [played(QUIET, limit).notes_waiting for limit in (1_000, 5_000)] == [0, 0]


def test_on_a_busy_day_the_notes_wait_and_the_orders_do_not():
    found = played(BUSY, 1_000)
    assert found.notes_waiting > 3_000
    assert found.waiting < 50


@pytest.mark.parametrize("day", [BUSY, SALE], ids=["busy", "sale"])
def test_without_the_pace_a_thousand_calls_end_and_records_wait_for_hours(day):
    assert played(day, 1_000, paced=False).worst > 3 * 3600


@pytest.mark.parametrize("reset", [6, 12, 17])
def test_it_does_not_matter_when_xeros_day_begins(reset):
    worst = [
        Simulation(Day(name=day.name, orders=day.orders, peak=day.peak, reset=reset), 1_000).play().worst
        for day in (BUSY, SALE)
    ]
    assert max(worst) <= WORST["sale", 1_000]


def test_the_operations_manual_shows_these_days():
    manual = Path(__file__).parents[4].joinpath("docker", "README.md").read_text(encoding="utf-8")
    rows = ask(Scale(short=False)).rows
    assert len(rows) == 6
    for _, limit, most_wait, worst, unpaced, left, *_ in rows:
        assert f" | {limit} | {most_wait} | {worst} | {unpaced} | {left} |\n" in manual
