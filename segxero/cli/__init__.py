"""The command `segxero`. Exit status: 0 no faults, 1 faults found, 2 wrong usage."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import redis

from segxero.check import SetUp, check_set_up
from segxero.cli.broker import broker
from segxero.cli.connect import connect, disconnect
from segxero.cli.dead_letters import dead_letters
from segxero.cli.imports import import_
from segxero.cli.init import init
from segxero.cli.keys import keys
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
    """Book Segment events in Xero."""


@commands.command()
@click.option("--release", is_flag=True, help="For use before the processes start: do not ask workers or receiver.")
@as_json
def check(release: bool, json_output: bool) -> None:
    """Check the whole set-up: settings, mappings, Redis, queues, Xero, its books, the clock and the receiver."""
    set_up = SetUp(environ=environment(Path()), queues=ALL_QUEUES, procfile=PROCFILE, before_start=release)
    found = list(check_set_up(set_up))
    show([finding.row for finding in found], json_output=json_output)
    sys.exit(0 if all(finding.good for finding in found) else 1)


@commands.command()
@click.option("--keep", is_flag=True, help="Keep everything running until Ctrl-C.")
def demo(keep: bool) -> None:
    """Send a day of shop traffic to a local Xero, and print the result."""
    from segxero.demo import run  # noqa: PLC0415 - needs the embedded server, which production does not install

    sys.exit(run(keep=keep))


@commands.command()
@click.argument("names", nargs=-1)
def run(names: tuple[str, ...]) -> None:
    """Run the Procfile's processes (all but release), and restart ended processes."""
    sys.exit(run_procfile(PROCFILE, names))


@commands.command()
@click.option("--port", default=8100, show_default=True)
@click.option("--day-limit", default=1000, show_default=True, help="Calls a day, as on Xero's tiers.")
@click.option("--latency", default=0.0, show_default=True, help="Seconds before each answer.")
@click.option("--base-currency", default="", help="Base currency; default: the country's.")
@click.option("--country", default="NZ", show_default=True, help="Country of the chart of accounts and tax rates.")
@click.option("--seed", default=0, show_default=True)
@click.option("--organisations", default="", help="A number, or names separated by commas, such as `Kea,Kea AU=AU`.")
def sandbox(organisations: str, **chosen: Any) -> None:
    """Run a local Xero with its limits and refusals. Its control page is /sandbox."""
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
commands.add_command(init)
commands.add_command(broker)


def main() -> None:
    """Run the command. Faults in the set-up print a sentence, not a traceback."""
    try:
        commands()
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except redis.RedisError as error:
        click.echo(f"Redis does not answer ({type(error).__name__}): check REDIS_URL, and that Redis runs", err=True)
        sys.exit(1)
    except SegxeroError as error:
        click.echo(f"{type(error).__name__}: {error}", err=True)
        sys.exit(1)
