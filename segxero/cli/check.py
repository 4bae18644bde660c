"""`segxero check`: the whole set-up, a line for each part."""

import sys
from pathlib import Path

import click

from segxero.check import SetUp, check_set_up
from segxero.cli.printing import as_json, show
from segxero.processes import PROCFILE, environment
from segxero.sync.queues import ALL_QUEUES


@click.command()
@click.option("--release", is_flag=True, help="For use before the processes start: do not ask workers or receiver.")
@as_json
def check(release: bool, json_output: bool) -> None:
    """Check the whole set-up: settings, mappings, Redis, queues, Xero, its books, the clock and the receiver."""
    set_up = SetUp(environ=environment(Path()), queues=ALL_QUEUES, procfile=PROCFILE, before_start=release)
    found = list(check_set_up(set_up))
    show([finding.row for finding in found], json_output=json_output)
    sys.exit(0 if all(finding.good for finding in found) else 1)
