"""`make soak`: a steady stream of events for minutes; memory of each process and of Redis, and the delays, stay flat.

The same people and orders come again and again, so few that the trace of each (its last 50 entries) is full when the
warm-up ends: nothing has a reason to grow after it. Xero's 60 calls a minute carry
3,000 records a minute at most, so of 200 events a second most are what a shop sends most: page calls, and identify
calls that say nothing new. Of each hundred, NEWS say something new of a person or of an order.
"""

import statistics
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from segxero.demo import LocalStack
from tests.benchmarks.figures import percentile
from tests.chaos.play import LATENCY, PLENTY, settled
from tests.support.segment.shop_events import identify, order, page, person

RATE, BODY = 200, 10  # events a second, events in a body
PEOPLE, ORDERS = 32, 8
PAGES, NEWS = 60, 2  # of each hundred events; the others are identify calls that say nothing new
LOOK = 5.0  # seconds between two looks at the memory
WARM = 0.4  # of the time is for warming up: caches fill, threads start
FLAT_SHARE, FLAT_MEGABYTES = 0.05, 4.0  # what memory may grow by after that
FLAT_DELAY = 1.5  # the last minutes' median delay may be so many times the first ones', and SLACK more
SLACK = 10.0
MEGABYTE = 1024 * 1024
PAGE_BYTES = 4096


@dataclass(slots=True, kw_only=True)
class Stream:
    """The events of the soak, and when each piece of news was posted: (seconds, key, serial number)."""

    random: Random = field(default_factory=lambda: Random(1))
    serial: int = 0
    news: list[tuple[float, str, int]] = field(default_factory=list)

    def body(self) -> list[dict[str, Any]]:
        return [self._event() for _ in range(BODY)]

    def _event(self) -> dict[str, Any]:
        self.serial += 1
        die, number = self.random.randrange(100), self.random.randrange(PEOPLE)
        if die < PAGES:
            return {**page(f"u{number}"), "messageId": f"soak-{self.serial}"}
        if die >= PAGES + NEWS:
            return {**person(number), "messageId": f"soak-{self.serial}"}
        minute = self.serial / 10_000  # later than all before it, and in the past
        if number % 4:
            key, event = f"u{number}", identify(f"u{number}", at=minute, phone=str(self.serial))
        else:
            key = f"S{number % ORDERS}"
            event = order(key, f"u{number % ORDERS}", at=minute, affiliation="Web shop")
            event["properties"]["products"][0]["name"] = str(self.serial)
        self.news.append((time.time(), key, self.serial))
        return {**event, "messageId": f"soak-{self.serial}"}


@dataclass(slots=True, kw_only=True)
class Found:
    """What was measured: memory by program, seconds of answers, and delays by the minute of the POST."""

    minutes: float
    rate: float
    memory: dict[str, list[tuple[float, float]]] = field(default_factory=dict)  # program -> (minute, megabytes)
    answers: list[float] = field(default_factory=list)
    delays: dict[int, list[float]] = field(default_factory=dict)
    calls: int = 0
    at_rest: tuple[float, float] = (0.0, 0.0)  # megabytes of Redis with nothing under way, before and after


def soak(minutes: float, rate: int) -> Found:
    """Post *rate* events a second for *minutes*."""
    stream, found = Stream(), Found(minutes=minutes, rate=0)
    sandbox = {"latency": LATENCY, "day_limit": PLENTY}
    with LocalStack(sandbox=sandbox, settings={"XERO_DAY_LIMIT": str(PLENTY)}) as stack:
        stack.wait_ready()
        stack.post([person(number) for number in range(PEOPLE)]).raise_for_status()
        stack.post([order(f"S{number}", f"u{number}", affiliation="Web shop") for number in range(ORDERS)])
        settled(stack, 300)
        rested = _redis_megabytes(stack)
        last = max(call["number"] for call in stack.control("GET", "calls?compact=1"))
        done = threading.Event()
        watcher = threading.Thread(target=_watch, args=(stack, found.memory, done))
        watcher.start()
        began = time.monotonic()
        try:
            posted = _post(stack, stream, found.answers, minutes * 60, rate)
        finally:
            done.set()
            watcher.join()
        found.rate = posted / (time.monotonic() - began)
        settled(stack, 300)
        found.at_rest = (rested, _redis_megabytes(stack))
        calls = [call for call in stack.calls(since=last) if call["tenant"]]
        found.calls, found.delays = len(calls), _delays(stream.news, calls)
    return found


def _post(stack: LocalStack, stream: Stream, answers: list[float], seconds: float, rate: int) -> int:
    began, posted = time.monotonic(), 0
    while (now := time.monotonic() - began) < seconds:
        time.sleep(max(posted / rate - now, 0))
        body, before = stream.body(), time.perf_counter()
        stack.post(body).raise_for_status()
        answers.append(time.perf_counter() - before)
        posted += len(body)
    return posted


def _watch(stack: LocalStack, memory: dict[str, list[tuple[float, float]]], done: threading.Event) -> None:
    began = time.monotonic()
    while not done.wait(LOOK):
        minute = (time.monotonic() - began) / 60
        for name, pid in stack.supervisor.pids().items():
            if name != "sandbox":  # Xero's stand-in keeps every call that it ever got
                memory.setdefault(name, []).append((minute, _megabytes(pid)))
        memory.setdefault("redis", []).append((minute, _redis_megabytes(stack)))


def _redis_megabytes(stack: LocalStack) -> float:
    return float(stack.store.info("memory")["used_memory"]) / MEGABYTE


def _megabytes(group: int) -> float:
    """Return what the processes of a *group* hold in memory together."""
    pages = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[2]) == group:
                pages += int(stat.with_name("statm").read_text().split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return pages * PAGE_BYTES / MEGABYTE


def _delays(news: Sequence[tuple[float, str, int]], calls: Sequence[Any]) -> dict[int, list[float]]:
    """Return how long each piece of news took until Xero had it, or something newer of the same record."""
    written: dict[str, list[tuple[int, float]]] = {}
    for call in calls:
        if call["method"] != "GET" and call["status"] == 200:
            for kind, number in (("Contacts", "ContactNumber"), ("Invoices", "Reference")):
                for element in call["body"].get(kind, []):
                    written.setdefault(_key(element, number), []).append((_serial(element), float(call["ended"])))
    began, found = news[0][0], {}
    for posted, key, serial in news:
        ended = min((moment for newest, moment in written.get(key, []) if newest >= serial), default=float("inf"))
        found.setdefault(int((posted - began) // 60), []).append(ended - posted)
    return found


def _key(element: Mapping[str, Any], number: str) -> str:
    return str(element.get(number) or element["Name"].replace("Person ", "u"))


def _serial(element: Mapping[str, Any]) -> int:
    text = element["LineItems"][0]["Description"] if "LineItems" in element else _phone(element)
    return int(text) if text.isdigit() else 0


def _phone(element: Mapping[str, Any]) -> str:
    return str(next(iter(element.get("Phones", [])), {}).get("PhoneNumber", ""))


def faults_of(found: Found) -> list[str]:
    """Return what is not flat."""
    faults = []
    for name, looks in found.memory.items():
        before, after = _ends(looks)
        if after - before > before * FLAT_SHARE + FLAT_MEGABYTES:
            faults.append(f"{name} grew from {before:.1f} to {after:.1f} MB")
    medians = [statistics.median(delays) for _, delays in sorted(found.delays.items())]
    third = max(len(medians) // 3, 1)
    first, last = statistics.mean(medians[:third]), statistics.mean(medians[-third:])
    if last > first * FLAT_DELAY + SLACK:
        faults.append(f"the median delay rose from {first:.1f} to {last:.1f} s")
    return faults


def _ends(looks: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return a straight line's memory at the end of the warm-up and at the end."""
    steady = looks[int(len(looks) * WARM) :]
    line = statistics.linear_regression([minute for minute, _ in steady], [used for _, used in steady])
    return (line.intercept + line.slope * steady[0][0], line.intercept + line.slope * steady[-1][0])


def _tables(found: Found) -> list[Table]:
    memory = Table(
        "memory",
        "after warm-up",
        "at the end",
        "a minute",
        title=f"{found.rate:.0f} events a second for {found.minutes:g} minutes",
    )
    for name, looks in found.memory.items():
        before, after = _ends(looks)
        minutes = looks[-1][0] - looks[int(len(looks) * WARM)][0]
        memory.add_row(name, f"{before:.1f} MB", f"{after:.1f} MB", f"{(after - before) / minutes:+.2f} MB")
    delays = Table(
        "posted in minute", "news", "median", "p95", "longest", title=f"seconds until Xero has it ({found.calls} calls)"
    )
    for minute, seconds in sorted(found.delays.items()):
        cells = [statistics.median(seconds), percentile(seconds, 95), max(seconds)]
        delays.add_row(str(minute + 1), str(len(seconds)), *(f"{cell:.1f}" for cell in cells))
    return [memory, delays]


@click.command()
@click.option("--minutes", type=float, default=10.0, show_default=True)
@click.option("--rate", type=int, default=RATE, show_default=True, help="Events a second.")
def main(*, minutes: float, rate: int) -> None:
    """Post a steady stream of events and look whether anything grows."""
    console = Console(width=120)
    found = soak(minutes, rate)
    for table in _tables(found):
        console.print(table)
    console.print("redis with nothing under way: {:.2f} MB before, {:.2f} MB after".format(*found.at_rest))
    half = len(found.answers) // 2
    first, second = percentile(found.answers[:half], 95), percentile(found.answers[half:], 95)
    console.print(f"receiver, p95: {first * 1000:.0f} ms in the first half, {second * 1000:.0f} ms in the second")
    faults = faults_of(found)
    for fault in faults:
        console.print(fault, style="red")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
