"""Shared by all commands: settings, wired services, and rows printed as a table or JSON."""

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from segxero import jsontext
from segxero.processes import environment
from segxero.services import Services
from segxero.settings import Settings
from segxero.store import formats

as_json = click.option("--json", "json_output", is_flag=True, help="Print JSON instead of a table.")


def settings() -> Settings:
    """Read the settings from the environment and from .env beside it. Raise ConfigError."""
    return Settings.from_env(environment(Path()))


def services() -> Services:
    """Wire the services for a command without calls to Xero. Raise ConfigError, or RedisError without Redis."""
    from workers.messages import messages  # noqa: PLC0415 - Celery's application reads the environment at its import

    wired = Services.for_receiver(settings(), messages())
    formats.refuse_newer(wired.redis)
    return wired


def show(rows: list[dict[str, Any]], *, json_output: bool, empty: str = "") -> None:
    """Print *rows*, all with the same keys in snake case, or the sentence *empty* if there are none."""
    if json_output:
        click.echo(jsontext.dumps(rows))
        return
    if not rows:
        click.echo(empty)
        return
    table = Table()
    for name in rows[0]:
        # An id that is broken into two lines cannot be copied.
        table.add_column(name.replace("_", " "), overflow="fold", no_wrap=name == "id")
    for row in rows:
        # Values come from events, so what looks like the markup of rich is text.
        table.add_row(*(Text(str(value)) for value in row.values()))
    Console().print(table)
