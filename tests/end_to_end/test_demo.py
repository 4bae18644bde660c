import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes.waiting import within

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", "from segxero.cli import main; main()", "demo"]


def environment(tmp_path):
    """A shell whose settings would lead the demo astray if it read them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SEGXERO_", "XERO_"))}
    wrong = {"XERO_API_URL": "https://xero.invalid", "REDIS_URL": "redis://127.0.0.1:1/0", "COLUMNS": "200"}
    return {**kept, **wrong, "TMPDIR": str(tmp_path)}


def is_open(address):
    host, port = address.removeprefix("http://").split("/")[0].split(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The finished demo: its exit status, what it printed, and the directory that it had for its data."""
    directory = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        COMMAND, cwd=ROOT, env=environment(directory), capture_output=True, text=True, timeout=150, check=False
    )
    return done, directory


def test_the_demo_keeps_every_promise(demo):
    done, _ = demo
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(re.findall(r"^  yes  ", done.stdout, re.MULTILINE)) == 9
    assert "All promises were kept." in done.stdout
    assert done.stderr == ""


def test_the_demo_shows_what_came_in_and_what_xero_has(demo):
    printed = demo[0].stdout
    for pattern in (
        r"identify +59 +people become contacts",
        r"group +8 +companies become contacts",
        r"Order Completed +55 +sales become invoices",
        r"page +\d+ +ignored",
        r"Segment's test event +1 ",
        r"cannot be read +1 ",
        r"in 91 webhook calls +459 +the receiver counted 141 accepted, 317 ignored, 1 rejected",
        r"contacts +65 ",
        r"invoices +54 +54 approved",
        r"labels: Campaign +3 +Newsletter, Rainy day games, Spring sale",
        r"labels: Sales channel +3 +Market stall, Mobile app, Web shop",
    ):
        assert re.search(pattern, printed), pattern


def test_the_demo_shows_the_sums_of_both_sides_without_a_difference(demo):
    rows = re.findall(r"^ ([A-Z]{3}) +(\d+) .* (-?[\d,.]+) *$", demo[0].stdout, re.MULTILINE)
    assert rows == [
        ("AUD", "10", "0.00"),
        ("EUR", "9", "0.00"),
        ("GBP", "8", "0.00"),
        ("NZD", "20", "0.00"),
        ("USD", "8", "0.00"),
    ]


def test_the_demo_shows_what_waits_for_a_person_and_the_next_step(demo):
    printed = " ".join(demo[0].stdout.split())
    assert "more than its" in printed or "less than its" in printed
    assert "InvalidEventError" in printed
    assert "traits should be an object" in printed
    assert "replay or discard this letter" in printed


def test_the_demo_uses_far_less_calls_than_events(demo):
    naive = re.search(r"one call for every event +(\d+)", demo[0].stdout)
    used = re.search(r"segxero +(\d+) +\d+ % of that", demo[0].stdout)
    assert int(naive[1]) == 122
    assert int(used[1]) <= 40


def test_the_same_day_once_more_changes_nothing(demo):
    rows = re.findall(r"^ (contacts in Xero|calls to Xero that write) +(\d+) +(\d+)", demo[0].stdout, re.MULTILINE)
    assert [(name, before == after) for name, before, after in rows] == [
        ("contacts in Xero", True),
        ("calls to Xero that write", True),
    ]


def test_the_demo_leaves_no_file_and_no_open_port(demo):
    done, directory = demo
    addresses = re.findall(r"http://127\.0\.0\.1:\d+\S*", done.stdout)
    assert len(addresses) == 4
    assert [address for address in addresses if is_open(address)] == []
    assert list(directory.iterdir()) == []


def test_a_demo_that_is_told_to_end_cleans_up(tmp_path):
    with subprocess.Popen(
        [*COMMAND, "--keep"], cwd=ROOT, env=environment(tmp_path), stdout=subprocess.PIPE, text=True
    ) as process:
        assert within(30, lambda: list(tmp_path.glob("segxero-*/logs/sandbox.log")))
        process.send_signal(signal.SIGTERM)
        printed, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Nothing is left running." in printed
    assert list(tmp_path.iterdir()) == []
