"""`make chaos`: plays several seeds and a shop's month, then shuts workers down; a failure says how it is run again."""

import statistics
import sys
from collections.abc import Iterable

import click
from rich.console import Console
from rich.table import Table

from tests.chaos.month import run_months
from tests.chaos.run import Verdict, run
from tests.chaos.warm_shutdown import MINUTE, shut_down
from tests.simulation.month import Size

EVENTS = 10_000
MONTHS = 3
SHUTDOWNS = 100
COLUMNS = (
    "seed",
    "events",
    "kills, freezes",
    "faults of Xero",
    "in a record",
    "ignored",
    "dead",
    "parked",
    "refused bodies",
    "calls",
    "seconds",
    "verdict",
)


@click.command()
@click.option("--seed", type=int, help="Play this seed alone.")
@click.option("--seeds", type=int, default=3, show_default=True, help="Play so many seeds, from 1.")
@click.option("--events", type=int, default=EVENTS, show_default=True, help="Post so many events in each.")
@click.option("--months", type=int, help=f"Tell a shop's month so often; {MONTHS}, and none for a single seed.")
@click.option("--shutdowns", type=int, help=f"Shut workers down so often; {SHUTDOWNS}, and none for a single seed.")
def main(*, seed: int | None, seeds: int, events: int, months: int | None, shutdowns: int | None) -> None:
    """Kill, freeze and cut everything while events flow, then compare Xero with the reference."""
    console = Console(width=150)
    failed = _play([seed] if seed is not None else range(1, seeds + 1), events, console)
    if months is None:
        months = MONTHS if seed is None else 0
    if months:
        failed |= _tell_months(months, console)
    if shutdowns is None:
        shutdowns = SHUTDOWNS if seed is None else 0
    if shutdowns:
        failed |= _shut_down(shutdowns, console)
    sys.exit(failed)


def _play(seeds: Iterable[int], events: int, console: Console) -> bool:
    """Play *seeds*; return whether one failed."""
    verdicts = []
    for number in seeds:
        console.print(f"seed {number}: {events} events")
        verdict = run(number, events)
        for step in verdict.steps:
            console.print(str(step), highlight=False)
        verdicts.append(verdict)
    console.print(_table(verdicts))
    failed = [verdict for verdict in verdicts if verdict.faults]
    for verdict in failed:
        console.print(verdict.story(), highlight=False, markup=False)
    return bool(failed)


def _tell_months(times: int, console: Console) -> bool:
    """Tell the month *times*, each in another order and under other faults; return whether something is wrong."""
    console.print(f"a month of 300 customers and 800 orders, told {times} times")
    verdicts = run_months(range(1, times + 1), Size())
    for verdict in verdicts:
        kills = sum(step.what == "kill" for step in verdict.steps)
        figures = f"{verdict.events} events, {kills} kills, {verdict.calls} calls, {verdict.seconds:.0f} s"
        console.print(f"seed {verdict.seed}: {figures}: {'wrong' if verdict.faults else 'good'}")
        for fault in [*verdict.faults, f"logs: {verdict.logs}"] if verdict.faults else []:
            console.print(f"  - {fault}", highlight=False, markup=False)
    return any(verdict.faults for verdict in verdicts)


def _shut_down(times: int, console: Console) -> bool:
    """Shut the worker down *times*; return whether something is wrong."""
    console.print(f"{times} shutdowns of the worker while it writes")
    report = shut_down(times)
    longest, late = max(report.shutdowns), max(report.delays.values())
    console.print(
        f"longest shutdown {longest:.1f} s, killed by Heroku's 30 s: {report.killed}, records: {len(report.delays)}, "
        f"from POST into Xero: {statistics.median(report.delays.values()):.1f} s in the middle, {late:.1f} s at most"
    )
    for fault in report.faults:
        console.print(fault, style="red", markup=False)
    return bool(report.faults) or late > MINUTE


def _table(verdicts: list[Verdict]) -> Table:
    table = Table(title="Chaos", title_justify="left", title_style="bold")
    for index, column in enumerate(COLUMNS):
        table.add_column(column, justify="right" if 0 < index < len(COLUMNS) - 1 else "left")
    for verdict in verdicts:
        processes = sum(step.what in ("kill", "freeze") for step in verdict.steps)
        xero = sum(step.what in ("xero", "settings") for step in verdict.steps)
        ends = [verdict.ends[name] for name in ("in a record", "ignored", "dead letter", "parked")]
        figures = [round(verdict.figures.get(name, 0)) for name in ("refused", "calls")]
        cells = [verdict.seed, verdict.events, processes, xero, *ends, *figures, round(verdict.seconds)]
        table.add_row(*map(str, cells), "wrong" if verdict.faults else "good")
    return table


if __name__ == "__main__":
    main()
