"""Warm shutdown as on Heroku: SIGTERM, and SIGKILL after 30 seconds, again and again in the middle of deliveries."""

import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from segxero.demo import LocalStack
from segxero.demo.rows import read_procfile_programs
from segxero.processes import ProcessGroup
from tests.chaos.play import PLENTY, settled
from tests.support.processes.waiting import within
from tests.support.segment.shop_events import order, person
from tests.support.xero import books

GRACE = 30.0  # Heroku's, between SIGTERM and SIGKILL
LATENCY = 1.0
PEOPLE = 10  # new ones between two shutdowns, with an order each fifth
HANGS_EVERY = 10
HANG = {"delay": 22, "match": {"path": "/api.xro/", "method": "POST"}}  # longer than the client waits, which is 18 s
PACE = 5.0  # seconds between two shutdowns at least, so that they stay within the 60 calls of a minute
MINUTE = 60.0


@dataclass(slots=True, kw_only=True)
class Report:
    """What came of the shutdowns: how long each took, and the seconds from the POST of each record into Xero."""

    shutdowns: list[float] = field(default_factory=list)
    killed: int = 0  # those that needed SIGKILL
    delays: dict[str, float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


class Dyno:
    """The Procfile's worker as Heroku runs it: ended whenever it likes, and started again at once."""

    def __init__(self, stack: LocalStack) -> None:
        (self._program,) = read_procfile_programs(["worker"], stack.env)
        self._log = stack.logs / "worker.log"
        self._group: ProcessGroup | None = None

    def start(self) -> None:
        with self._log.open("ab") as file:
            self._group = ProcessGroup(self._program.argv, env=self._program.env, cwd=self._program.cwd, output=file)

    def shut_down(self) -> tuple[float, bool]:
        """End the worker; return the seconds that it took and whether it had to be killed."""
        assert self._group
        began = time.monotonic()
        self._group.terminate()
        try:
            self._group.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._group.stop(0)
            return time.monotonic() - began, True
        return time.monotonic() - began, False

    def stop(self) -> None:
        if self._group and self._group.running:
            self._group.stop()


@contextmanager
def running() -> Iterator[tuple[LocalStack, Dyno]]:
    """Give a stack whose worker is a dyno."""
    sandbox = {"latency": LATENCY, "day_limit": PLENTY}
    stack = LocalStack(("web", "beat"), sandbox=sandbox, settings={"XERO_DAY_LIMIT": str(PLENTY)})
    with stack:
        stack.wait_ready()
        dyno = Dyno(stack)
        dyno.start()
        try:
            yield stack, dyno
        finally:
            dyno.stop()


def shut_down(times: int, seed: int = 1) -> Report:
    """Shut the worker down *times* while it writes; return what came of it."""
    random, report, posted = Random(seed), Report(), {}
    with running() as (stack, dyno):
        for cycle in range(times):
            began = time.monotonic()
            hangs = times > HANGS_EVERY and cycle % HANGS_EVERY == HANGS_EVERY - 1
            if hangs:
                stack.control("POST", "faults", HANG)
            posted |= _post(stack, cycle)
            assert within(MINUTE, lambda: _writes_in_flight(stack)), "nothing is written"
            time.sleep(random.uniform(0, LATENCY))
            seconds, killed = dyno.shut_down()
            dyno.start()
            report.shutdowns.append(seconds)
            report.killed += killed
            time.sleep(max(began + PACE - time.monotonic(), 0))
        settled(stack, 3 * MINUTE)
        written = _written(stack.calls())
        report.delays = {key: written[key] - moment for key, moment in posted.items() if key in written}
        report.faults = list(_faults(stack, times))
    return report


def _post(stack: LocalStack, cycle: int) -> dict[str, float]:
    """Post new people with their orders; return when, by key."""
    numbers = range(PEOPLE * cycle, PEOPLE * (cycle + 1))
    orders = [order(f"7{number:04}", f"u{number}", at=1) for number in numbers[::5]]
    assert stack.post([*map(person, numbers), *orders]).status_code == 200
    now = time.time()
    return dict.fromkeys([*(f"u{number}" for number in numbers), *(f"7{number:04}" for number in numbers[::5])], now)


def _writes_in_flight(stack: LocalStack) -> list[Any]:
    calls = stack.control("GET", "calls?compact=1&last=50")
    return [call for call in calls if call["tenant"] and call["method"] != "GET" and call["ended"] is None]


def _written(calls: list[Any]) -> dict[str, float]:
    """Return when Xero had written each record for the first time."""
    found: dict[str, float] = {}
    for call in calls:
        if call["tenant"] and call["method"] != "GET" and call["status"] == 200:
            for elements in call["body"].values():
                for element in elements:
                    key = element.get("ContactNumber") or element.get("InvoiceNumber")
                    if key:
                        found.setdefault(key, float(call["ended"]))
    return found


def _faults(stack: LocalStack, times: int) -> Iterator[str]:
    records = stack.records()
    people, orders = range(PEOPLE * times), range(0, PEOPLE * times, 5)
    if books.names(records) != {f"u{number}": f"Person {number}" for number in people}:
        yield "the contacts are not those that were posted"
    if books.totals(records) != {f"7{number:04}": Decimal("20.00") for number in orders}:
        yield "the invoices are not those that were posted"
    for kind, number in (("Contacts", "ContactNumber"), ("Invoices", "InvoiceNumber")):
        twice = [key for key, count in Counter(record[number] for record in records[kind]).items() if count > 1]
        if twice:
            yield f"{kind} twice: {twice}"
    if list(stack.dead_letters):
        yield f"dead letters: {[letter.message for letter in stack.dead_letters]}"
