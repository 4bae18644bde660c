"""Plays the whole month three times, in three orders of arrival: `python -m tests.simulation`."""

import random
import sys
import time
from typing import Any

from segxero.processes.broker import Broker
from segxero.store.client import connect
from tests.simulation.month import Size, make_month, play, read_books, read_truth


def run(store: Any) -> list[str]:
    """Return what differs from the shop's own sums, or between the orders of arrival."""
    month, faults, seen = make_month(Size()), [], []
    for seed, portion in enumerate((0, 0, 200)):
        events = list(month.events)
        random.Random(seed).shuffle(events)
        store.flushdb()
        began = time.monotonic()
        core = play(store, events, portion)
        seen.append(read_books(core))
        found, writes = read_truth(core), len(core.xero.writes)
        print(f"shuffle {seed}: {len(events)} events, {writes} writing calls, {time.monotonic() - began:.0f} s")
        for name in ("sales", "credits", "payments", "payouts", "receivables"):
            if getattr(found, name) != getattr(month.truth, name):
                faults.append(f"{name}: {getattr(found, name)} in Xero, {getattr(month.truth, name)} in the shop")
        parked = store.zcard("segxero:parked:main:orders")
        faults += [f"{parked} orders wait"] if parked else []
        faults += [f"{writes} writing calls"] if writes >= 200 and not portion else []
    return faults + ([] if seen[0] == seen[1] == seen[2] else ["the orders of arrival end in different books"])
