"""Shared by all commands: settings, wired services, and rows printed as a table or JSON."""

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

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
    """Print *rows*, all with the same keys, or the sentence *empty* if there are none."""
    if json_output:
        click.echo(jsontext.dumps(rows))
        return
    if not rows:
        click.echo(empty)
        return
    table = Table()
    for name in rows[0]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    Console().print(table)
