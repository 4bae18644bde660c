"""Plays the whole month three times, in three orders of arrival: `python -m tests.simulation`."""

import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from segxero.processes.broker import EmbeddedBroker
from segxero.store.client import connect
from tests.simulation.month import Size, find_differences, make_month, play, read_books


def run(store: Any) -> list[str]:
    """Return what differs from the shop's own sums, or between the orders of arrival."""
    month, faults, seen = make_month(Size()), [], []
    for seed, portion in enumerate((0, 0, 200)):
        events = list(month.events)
        random.Random(seed).shuffle(events)
        store.flushdb()
        began = time.monotonic()
        core = play(store, events, portion)
        seen.append(read_books(core.xero.books))
        writes = len(core.xero.writes)
        seconds = time.monotonic() - began
        sys.stdout.write(f"shuffle {seed}: {len(events)} events, {writes} writing calls, {seconds:.0f} s\n")
        faults += find_differences(core.xero.books, month.truth)
        parked = store.zcard("segxero:parked:main:orders")
        faults += [f"{parked} orders wait"] if parked else []
        faults += [f"{writes} writing calls"] if writes >= 200 and not portion else []
    return faults + ([] if seen[0] == seen[1] == seen[2] else ["the orders of arrival end in different books"])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory, EmbeddedBroker(Path(directory)) as broker:
        found = run(connect(broker.url))
    sys.stdout.write(("\n".join(found) or "the books are the shop's, three times") + "\n")
    sys.exit(bool(found))
