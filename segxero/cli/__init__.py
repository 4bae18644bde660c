"""The command `segxero`. Exit status: 0 good, 1 found faults, 2 misuse."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import redis

from segxero.check import SetUp, findings
from segxero.cli.broker import broker
from segxero.cli.connect import connect, disconnect, keys
from segxero.cli.dead_letters import dead_letters
from segxero.cli.imports import import_
from segxero.cli.links import links
from segxero.cli.mappings import mappings
from segxero.cli.printing import as_json, show
from segxero.cli.send import send
from segxero.cli.status import status
from segxero.cli.trace import trace
from segxero.errors import ConfigError, SegxeroError
from segxero.processes import environment, run_procfile
from segxero.sandbox import SandboxOptions, read_countries, read_organisations, serve
from segxero.sync.queues import ALL_QUEUES

PROCFILE = Path("Procfile")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="segxero")
def commands() -> None:
    """Segment events into Xero."""


@commands.command()
@click.option("--release", is_flag=True, help="Before the processes start: neither workers nor receiver are asked.")
@as_json
def check(release: bool, json_output: bool) -> None:
    """Check the whole set-up: settings, mappings, Redis, queues, Xero, its books, the clock and the receiver."""
    set_up = SetUp(environ=environment(Path()), queues=ALL_QUEUES, procfile=PROCFILE, before_start=release)
    found = list(findings(set_up))
    show([one.row for one in found], json_output=json_output)
    sys.exit(0 if all(one.good for one in found) else 1)


@commands.command()
@click.option("--keep", is_flag=True, help="Keep everything running until Ctrl-C.")
def demo(keep: bool) -> None:
    """Show a day of shop traffic reach a local Xero, end to end."""
    from segxero.demo import run  # noqa: PLC0415 - needs the embedded server, which production does not install

    sys.exit(run(keep=keep))


@commands.command()
@click.argument("names", nargs=-1)
def run(names: tuple[str, ...]) -> None:
    """Run the Procfile's processes (all but release), and restart those that end."""
    sys.exit(run_procfile(PROCFILE, names))


@commands.command()
@click.option("--port", default=8100, show_default=True)
@click.option("--day-limit", default=1000, show_default=True, help="Calls a day, as on Xero's tiers.")
@click.option("--latency", default=0.0, show_default=True, help="Seconds before each answer.")
@click.option("--base-currency", default="", help="Another base currency than the country's own.")
@click.option("--country", default="NZ", show_default=True, help="Its chart of accounts and tax rates.")
@click.option("--seed", default=0, show_default=True)
@click.option("--organisations", default="", help="Their number, or their names with commas, as `Kea,Kea AU=AU`.")
def sandbox(organisations: str, **chosen: Any) -> None:
    """Run a local Xero with its limits and refusals; its control page is /sandbox."""
    options = SandboxOptions(**chosen)
    if organisations:
        names, countries = read_organisations(organisations), read_countries(organisations)
        options = replace(options, organisations=names, countries=countries)
    port = options.port
    click.echo(f"A local Xero at http://127.0.0.1:{port}, its control page at http://127.0.0.1:{port}/sandbox")
    serve(options)


commands.add_command(mappings)
commands.add_command(dead_letters)
commands.add_command(status)
commands.add_command(trace)
commands.add_command(links)
commands.add_command(connect)
commands.add_command(disconnect)
commands.add_command(keys)
commands.add_command(import_)
commands.add_command(send)
commands.add_command(broker)


def main() -> None:
    """Run the command; a fault of the set-up is a sentence, not a traceback."""
    try:
        commands()
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except redis.RedisError as error:
        click.echo(f"Redis does not answer ({type(error).__name__}); check REDIS_URL and that Redis runs", err=True)
        sys.exit(1)
    except SegxeroError as error:
        click.echo(f"{type(error).__name__}: {error}", err=True)
        sys.exit(1)
