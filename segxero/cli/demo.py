"""`segxero demo`: a day of shop traffic against a local Xero."""

import sys

import click


@click.command()
@click.option("--keep", is_flag=True, help="Keep everything running until Ctrl-C.")
def demo(keep: bool) -> None:
    """Send a day of shop traffic to a local Xero, and print the result."""
    from segxero.demo import run  # noqa: PLC0415 - needs the embedded server, which production does not install

    sys.exit(run(keep=keep))
