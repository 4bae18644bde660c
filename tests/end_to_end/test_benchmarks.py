import json
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    file = tmp_path_factory.mktemp("benchmarks") / "figures.json"
    command = [sys.executable, "-m", "tests.benchmarks", "--short", "--json", str(file)]
    done = subprocess.run(command, check=False, cwd=PROJECT, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, json.loads(file.read_text(encoding="utf-8"))


def test_every_question_is_answered_with_a_table(run):
    printed, _ = run
    for question in (
        "How fast does the receiver answer?",
        "How fast is the events queue?",
        "How many calls to Xero do events cost?",
        "How soon is a single event in Xero?",
        "How long does an organisation wait for strangers?",
        "How fast is a mapping?",
        "How long does a record wait, all through a day?",
        "How far does an order travel?",
    ):
        assert question in printed


def test_every_figure_is_a_number_above_zero(run):
    _, figures = run
    assert list(figures) == ["receiver", "events_queue", "calls", "latency", "strangers", "mapping", "days", "journey"]
    assert all(value > 0 for answer in figures.values() for value in answer.values())


def test_the_receiver_and_the_events_queue_are_compared_with_their_yardsticks(run):
    _, figures = run
    assert {f"ratio_{events}" for events in (1, 100, 1000, 4000)} <= figures["receiver"].keys()
    assert "ratio" in figures["events_queue"]


def test_events_in_bodies_cost_fewer_calls_than_one_each(run):
    _, figures = run
    assert figures["calls"]["ratio_to_least"] >= 1
    assert figures["calls"]["ratio_to_naive"] < 1


def test_all_contacts_of_the_organisations_that_are_well_arrive_whatever_is_wrong_with_others(run):
    _, figures = run
    assert figures["strangers"]["ill_longest_seconds"] < 60
