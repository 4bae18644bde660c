"""`make bench`: asks every question and prints the answers; `--short` takes under a minute."""

import json
import os
import platform
import time
from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console

from tests.benchmarks import (
    how_far_does_an_order_travel,
    how_fast_does_the_receiver_answer,
    how_fast_is_a_mapping,
    how_fast_is_the_events_queue,
    how_long_does_a_record_wait_in_a_day,
    how_long_does_an_organisation_wait_for_strangers,
    how_many_calls_do_events_cost,
    how_soon_is_an_event_in_xero,
)
from tests.benchmarks.answer import Scale

QUESTIONS = {
    "receiver": how_fast_does_the_receiver_answer.ask,
    "events_queue": how_fast_is_the_events_queue.ask,
    "calls": how_many_calls_do_events_cost.ask,
    "latency": how_soon_is_an_event_in_xero.ask,
    "strangers": how_long_does_an_organisation_wait_for_strangers.ask,
    "mapping": how_fast_is_a_mapping.ask,
    "days": how_long_does_a_record_wait_in_a_day.ask,
    "journey": how_far_does_an_order_travel.ask,
}
WIDTH = 120


@click.command()
@click.option("--short", is_flag=True, help="Measure less, in under a minute: for tests and CI.")
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures there too.")
@click.option("--only", type=click.Choice(list(QUESTIONS)), multiple=True, help="Ask only this question.")
def main(*, short: bool, file: Path | None, only: tuple[str, ...]) -> None:
    """Measure segxero on this machine, beside yardsticks that run here as well."""
    console = Console(width=WIDTH)
    console.print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}. All "
        "servers, workers and the load share these cores: compare the columns of a table, not tables of two machines.\n"
    )
    began = time.monotonic()
    figures: dict[str, Mapping[str, float]] = {}
    for name in only or QUESTIONS:
        answer = QUESTIONS[name](Scale(short=short))
        answer.print(console)
        figures[name] = answer.figures
    console.print(f"Measured in {time.monotonic() - began:.0f} s.")
    if file:
        file.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
