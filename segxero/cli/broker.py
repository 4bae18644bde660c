"""`segxero broker`: runs the embedded Redis in the foreground, to try a set-up on a machine without Redis."""

import signal
from pathlib import Path
from queue import SimpleQueue

import click

from segxero.processes.broker import EmbeddedBroker


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--port", default=6379, show_default=True)
def broker(directory: Path, port: int) -> None:
    """Run an append-only Redis on this machine, with its data in DIRECTORY, until Ctrl-C."""
    asked: SimpleQueue[int] = SimpleQueue()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: asked.put(number))
    with EmbeddedBroker(directory, port=port) as running:
        click.echo(f"REDIS_URL={running.url} (data and log in {directory})")
        asked.get()
