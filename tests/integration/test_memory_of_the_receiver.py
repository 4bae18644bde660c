"""The receiver of the Procfile in the memory of a small dyno, while Segment sends its largest batches side by side."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from segxero.demo import LocalStack
from tests.support.processes.waiting import within
from tests.support.segment.shop_events import identify

DYNO_MEGABYTES = 512
AT_ONCE, EVENTS = 16, 2200  # bodies, each of 2.8 MB; Segment's limit for a batch is 4 MB


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    with LocalStack(("web",)) as running:
        assert within(30, lambda: "Booting worker" in running.tail("web", 100))
        yield running


def megabytes(group: int) -> float:
    """Return the memory that the processes of *group* have for themselves, and their parts of what they share."""
    kilobytes = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[2]) == group:
                lines = stat.with_name("smaps_rollup").read_text().splitlines()
                kilobytes += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return kilobytes / 1024


def test_sixteen_of_the_largest_batches_at_once_fit_into_a_small_dyno(stack):
    body = [identify(f"u{number}", **{f"trait_{count}": count for count in range(100)}) for number in range(EVENTS)]
    done, seen = threading.Event(), [0.0]

    def watch() -> None:
        while not done.wait(0.1):
            seen.append(megabytes(stack.supervisor.pids()["web"]))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with ThreadPoolExecutor(AT_ONCE) as senders:
            answers = [sent.result() for sent in [senders.submit(stack.post, body) for _ in range(AT_ONCE)]]
    finally:
        done.set()
        watcher.join()

    assert {answer.status_code for answer in answers} <= {200, 503}
    assert [answer.json()["accepted"] for answer in answers if answer.ok] == [EVENTS] * sum(a.ok for a in answers)
    assert stack.store.hlen("segxero:inbox") == EVENTS
    assert 100 < max(seen) < DYNO_MEGABYTES
