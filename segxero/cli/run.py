"""`segxero run`: the processes of the Procfile, without a process manager."""

import sys

import click

from segxero.processes import PROCFILE, run_procfile


@click.command()
@click.argument("names", nargs=-1)
def run(names: tuple[str, ...]) -> None:
    """Run the Procfile's processes (all but release), and restart ended processes."""
    sys.exit(run_procfile(PROCFILE, names))
