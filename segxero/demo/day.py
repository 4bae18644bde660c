"""The demo itself: starts everything, posts a day of shop traffic twice, and shows the outcome to a shop owner."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from types import FrameType

import requests
from rich.console import Console
from rich.markup import escape

from segxero.demo import promises, report
from segxero.demo.outcome import DayOutcome
from segxero.demo.promises import Promise
from segxero.demo.stack import LocalStack, StackError
from segxero.demo.traffic import Traffic, make_day
from segxero.settings import CONSOLE

PROGRAMS = ("web", "worker", "beat", "flower")
LATENCY = 0.1  # seconds that the sandbox takes for an answer, as a quick Xero does
WIDTH = 110
LOG_LINES = 6  # of each program, when something went wrong
ENDINGS = (signal.SIGTERM, signal.SIGHUP)


def run(*, keep: bool = False) -> int:
    """Run the demo and return the exit status: 0 when every promise was kept.

    With *keep* everything stays up after it until Ctrl-C. Call it from the main thread.
    """
    console = Console(highlight=False)
    # A pipe has no width, and a wide terminal would tear the tables apart.
    console.width = min(console.width, WIDTH) if console.is_terminal else WIDTH
    with _ended_by_signals():
        try:
            return _run(console, keep=keep)
        except KeyboardInterrupt:
            console.print("\nStopped. Nothing is left running.")
            return 130


def _run(console: Console, *, keep: bool) -> int:
    console.print("\n[bold]A day at Kea Games, a made-up shop: its Segment events on their way into a local Xero.[/]")
    console.print("Everything runs on this machine with made-up secrets, and nothing leaves it.\n")
    stack = LocalStack(PROGRAMS, sandbox={"latency": LATENCY})
    traffic = make_day(_yesterday())
    with stack:
        try:
            broken = _tell(console, stack, traffic)
        # The logs say more than the exception, so their ends are shown and they are kept.
        except StackError as error:
            console.print(f"\n[bold red]The demo stopped:[/] {escape(error.sentence)}")
            _logs(console, stack)
            return 1
        # A broken promise is a failure of the software, so its logs may tell the cause.
        if broken:
            _logs(console, stack)
        _addresses(console, stack, keep=keep)
        _next_steps(console)
        if keep:
            _hold(console)
    _verdict(console, broken)
    return 1 if broken else 0


def _tell(console: Console, stack: LocalStack, traffic: Traffic) -> list[Promise]:
    """Do it all and print it; return the broken promises."""
    with _step(console, "Redis server, local Xero, receiver, worker, schedule and Flower are ready"):
        stack.wait_ready()
    with _step(console, f"{len(traffic.posted)} events are posted in {len(traffic.bodies)} signed webhook calls"):
        _post(stack, traffic)
    with _step(console, "Every event is dealt with"):
        first = DayOutcome.look(stack, stack.settle())
    for made in (
        report.show_arrivals(traffic, first, stack.mappings),
        report.show_books(first),
        report.show_money(traffic, first),
        report.show_waiting(first),
        report.show_cost(traffic, first, stack.mappings),
    ):
        console.print()
        console.print(made)
    console.print("\n[bold]The same day once more[/]\n")
    with _step(console, "The same webhook calls are posted again, and dealt with"):
        _post(stack, traffic)
        second = DayOutcome.look(stack, stack.settle())
    console.print()
    console.print(report.show_repetition(first, second))
    console.print("[bold]What was promised, and was it kept?[/]\n")
    made_promises = [*promises.judge_day(traffic, first), *promises.judge_repetition(first, second)]
    report.print_promises(console, made_promises)
    return [promise for promise in made_promises if not promise.kept]


def _post(stack: LocalStack, traffic: Traffic) -> None:
    for body in traffic.bodies:
        try:
            answer = stack.post(body)
        except requests.RequestException as error:
            raise StackError(f"The receiver does not answer ({type(error).__name__}).") from error
        if answer.status_code != requests.codes.ok:
            # Segment would send the call again; the demo wants to see the fault at once.
            raise StackError(f"The receiver answered {answer.status_code}: {answer.text}")


def _logs(console: Console, stack: LocalStack) -> None:
    """Print the end of every log, and leave the logs where they are."""
    stack.keep_directory = True
    for log in sorted(stack.logs.glob("*.log")):
        if ending := stack.tail(log.stem, LOG_LINES):
            console.print(f"\n[bold]The end of {log}[/]\n{escape(ending)}", soft_wrap=True)
    console.print(f"\nThe logs stay in {stack.logs}", soft_wrap=True)


def _addresses(console: Console, stack: LocalStack, *, keep: bool) -> None:
    console.print(f"\n[bold]{'These are up now' if keep else 'These were up during the demo'}[/]\n")
    rows = (
        ("receiver", f"{stack.receiver_url}/webhooks/segment", ""),
        ("local Xero", f"{stack.sandbox_url}/sandbox", "its calls and records; an outage can be played there"),
        ("console", f"{stack.receiver_url}{CONSOLE}", f"what waits for a person; password {stack.password}"),
        ("Flower", stack.flower_url, f"queues and tasks; user segxero, password {stack.password}"),
    )
    for name, url, meaning in rows:
        console.print(f"  {name:<10}  {url}")
        if meaning:
            console.print(f"              {meaning}", style="dim")
    if not keep:
        console.print("\n  To keep them up and look around:  .venv/bin/segxero demo --keep")


def _next_steps(console: Console) -> None:
    console.print("\n[bold]What next[/]\n")
    console.print("  1. Change a mapping (mappings/README.md shows how) and run this again.")
    console.print("  2. Connect the real Segment and the real Xero (README.md), then: make run")


def _hold(console: Console) -> None:
    console.print("\nPress Ctrl-C to stop everything.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        console.print("\nStopping everything ...")


def _verdict(console: Console, broken: list[Promise]) -> None:
    if broken:
        console.print(f"\n[bold red]Promises not kept: {len(broken)} (see NO above).[/] Everything has been stopped.\n")
    else:
        console.print("\n[bold green]All promises were kept.[/] Everything has been stopped and cleaned up.\n")


@contextmanager
def _step(console: Console, done: str) -> Iterator[None]:
    """Show a spinner during the work, and afterwards a line with its seconds."""
    began = time.monotonic()
    with console.status("working ..."):
        yield
    console.print(f"  [green]done[/]  {done} ({time.monotonic() - began:.1f} s)")


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the demo as Ctrl-C does: nothing is left behind."""

    def end(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in ENDINGS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _yesterday() -> date:
    return datetime.now(UTC).date() - timedelta(days=1)
