"""A shop's month under faults: its orders change, are refunded, cancelled and paid while everything is killed and cut.

The same month is told in several orders of arrival; the books must be the shop's own each time, to the cent, and the
same. Called by `make chaos` and by the test of its small form.
"""

import shutil
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from segxero.demo.stack import PROJECT, StackError
from tests.chaos import shop
from tests.chaos.play import EVENTS_A_SECOND, Outcome, play
from tests.chaos.timeline import Step, plan
from tests.simulation.month import METHODS, Month, Size, find_differences, make_month, read_books

SHORTEST = 10.0


@dataclass(slots=True, kw_only=True)
class MonthVerdict:
    """What came of a month; *faults* is empty when all is well, and *books* are those at its end."""

    seed: int
    events: int
    steps: Sequence[Step]
    faults: list[str]
    books: dict[str, Any] = field(default_factory=dict)
    calls: int = 0
    logs: str = ""
    seconds: float = 0.0


def run_months(seeds: Sequence[int], size: Size, *, side_by_side: int = 1) -> list[MonthVerdict]:
    """Play the same month once for each of *seeds*; books that differ from those of the first are a fault."""
    month = make_month(size)
    with ThreadPoolExecutor(side_by_side) as pool:
        verdicts = list(pool.map(lambda seed: run_month(month, seed), seeds))
    for verdict in verdicts[1:]:
        if not verdict.faults and verdict.books != verdicts[0].books:
            verdict.faults.append(f"the books are other books than those of seed {verdicts[0].seed}")
    return verdicts


def run_month(month: Month, seed: int) -> MonthVerdict:
    """Tell *month* in the order of *seed*, while the faults of *seed* are played."""
    traffic, began = shop.shuffle_events(month.events, Random(seed)), time.monotonic()
    seconds = max(traffic.posted / EVENTS_A_SECOND, SHORTEST)
    steps = plan(seed, seconds)
    directory = Path(tempfile.mkdtemp(prefix=f"segxero-month-{seed}-"))
    verdict = MonthVerdict(seed=seed, events=traffic.posted, steps=steps, faults=[])
    try:
        outcome = play(traffic, steps, seconds, directory, _write_mappings(directory))
    except (StackError, TimeoutError) as error:
        verdict.faults.append(f"it did not come to rest: {error}")
    else:
        verdict.faults += _find_faults(month, outcome)
        verdict.books, verdict.calls = read_books(outcome.records), len(outcome.calls)
    verdict.seconds = time.monotonic() - began
    if verdict.faults:
        verdict.logs = str(directory / "logs")
    else:
        shutil.rmtree(directory, ignore_errors=True)
    return verdict


def _write_mappings(directory: Path) -> Path:
    """Copy the shipped mappings, and fill in the accounts of the shop's ways of paying."""
    mappings = Path(shutil.copytree(PROJECT / "mappings", directory / "mappings"))
    rows = "".join(f"{method}: {row}\n" for method, row in METHODS.items())
    (mappings / "tables" / "payment_methods.yaml").write_text(rows, encoding="utf-8")
    return mappings


def _find_faults(month: Month, outcome: Outcome) -> list[str]:
    """Return a sentence for each difference; nothing of the month is a question, so nothing may wait either."""
    faults = find_differences(outcome.records, month.truth)
    faults += [f"{parked.object} {parked.key} waits: {parked.reason}" for parked in outcome.standing.parked]
    return faults + [f"dead letter {letter.key}: {letter.message}" for letter in outcome.letters]
