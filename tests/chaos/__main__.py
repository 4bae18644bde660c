"""`make chaos`: plays several seeds and prints a table; what fails says how it is run again."""

import sys

import click
from rich.console import Console
from rich.table import Table

from tests.chaos.run import Verdict, run

EVENTS = 10_000
COLUMNS = ("seed", "events", "kills, freezes", "faults of Xero", "in a record", "ignored", "dead", "parked", "refused bodies", "calls", "seconds", "verdict")


@click.command()
@click.option("--seed", type=int, help="Play this seed alone.")
@click.option("--seeds", type=int, default=3, show_default=True, help="Play so many seeds, from 1.")
@click.option("--events", type=int, default=EVENTS, show_default=True, help="Post so many events in each.")
def main(*, seed: int | None, seeds: int, events: int) -> None:
    """Kill, freeze and cut everything while events flow, then compare Xero with the reference."""
    console = Console(width=150)
    verdicts = []
    for number in [seed] if seed is not None else range(1, seeds + 1):
        console.print(f"seed {number}: {events} events")
        verdict = run(number, events)
        for step in verdict.steps:
            console.print(str(step), highlight=False)
        verdicts.append(verdict)
    console.print(_table(verdicts))
    failed = [verdict for verdict in verdicts if verdict.faults]
    for verdict in failed:
        console.print(verdict.story(), highlight=False, markup=False)
    sys.exit(1 if failed else 0)


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
