"""The command `segxero`. Exit status: 0 good, 1 found faults, 2 misuse."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from segxero import jsontext
from segxero import trace as tracing
from segxero.check import findings
from segxero.dead_letters import DeadLetter
from segxero.errors import ConfigError, SegxeroError
from segxero.mapping.loader import load
from segxero.processes import environment, run_procfile
from segxero.sandbox import SandboxOptions, serve
from segxero.services import Services
from segxero.settings import Settings
from segxero.sync.preview import preview
from segxero.xero.objects import FIELDS, OBJECTS, QUEUES
from workers.envelopes import envelopes

as_json = click.option("--json", "json_output", is_flag=True, help="Print JSON instead of a table.")


def _settings() -> Settings:
    return Settings.from_env(environment(Path()))


def _services() -> Services:
    return Services.for_receiver(_settings(), envelopes())


def _print(rows: list[dict[str, Any]], *, json_output: bool, empty: str = "") -> None:
    if json_output:
        click.echo(jsontext.dumps(rows))
        return
    if not rows:
        click.echo(empty)
        return
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    Console().print(table)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="segxero")
def commands() -> None:
    """Segment events into Xero."""


@commands.command()
@as_json
def check(json_output: bool) -> None:
    """Check the whole set-up: settings, mappings, Redis and Xero."""
    found = list(findings(Services.for_workers(_settings(), envelopes())))
    rows = [
        {
            "": "ok" if one.good else "FAULT",
            "what": one.name,
            "found": one.found,
            "remedy": "" if one.good else one.remedy,
        }
        for one in found
    ]
    _print(rows, json_output=json_output)
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
    sys.exit(run_procfile(Path("Procfile"), names))


@commands.command()
@click.option("--port", default=8100, show_default=True)
@click.option("--day-limit", default=1000, show_default=True, help="Calls a day, as on Xero's tiers.")
@click.option("--latency", default=0.0, show_default=True, help="Seconds before each answer.")
@click.option("--base-currency", default="NZD", show_default=True)
@click.option("--seed", default=0, show_default=True)
def sandbox(port: int, day_limit: int, latency: float, base_currency: str, seed: int) -> None:
    """Run a local Xero with its limits and refusals; its control page is /sandbox."""
    click.echo(f"A local Xero at http://127.0.0.1:{port}, its control page at http://127.0.0.1:{port}/sandbox")
    serve(SandboxOptions(port=port, day_limit=day_limit, latency=latency, base_currency=base_currency, seed=seed))


@commands.command()
@as_json
def status(json_output: bool) -> None:
    """Show what waits where, and the calls that are left."""
    services = _services()
    rows = []
    for organisation in services.mappings.organisations:
        rest = services.budget.rest(organisation)
        for queue in QUEUES:
            oldest = services.outbox.oldest_seconds(organisation, queue)
            rows.append(
                {
                    "organisation": organisation,
                    "queue": queue,
                    "waiting": services.outbox.waiting(organisation, queue),
                    "oldest (s)": round(oldest or 0),
                    "parked": services.outbox.parked(organisation, queue),
                    "calls left (minute)": rest.minute,
                    "calls left (day)": rest.day,
                }
            )
    _print(rows, json_output=json_output)


@commands.command()
@click.argument("key")
@as_json
def trace(key: str, json_output: bool) -> None:
    """Show where the records with this KEY stand and which event set each field."""
    services = _services()
    found = list(tracing.stories(services.redis, services.mappings.organisations, OBJECTS, key))
    if json_output:
        click.echo(jsontext.dumps([asdict(story) for story in found]))
    for story in [] if json_output else found:
        click.echo(
            f"{story.record} ({story.organisation}): {story.disposition} {story.reason} {story.xero_id}".rstrip()
        )
        _print([dict(zip(("field", "value", "set at"), row, strict=True)) for row in story.fields], json_output=False)
    sys.exit(0 if found else 1)


@commands.group()
def mappings() -> None:
    """Check mapping files and try them on events."""


@mappings.command("check")
def mappings_check() -> None:
    """Name every fault of the mapping files with file, line and path."""
    directory = _settings().segxero_mappings
    found = load(directory, FIELDS)
    click.echo(f"{len(found.mappings)} mappings in {directory} are good (version {found.version})")


@mappings.command("try")
@click.argument("file", type=click.File("rb"))
@as_json
def mappings_try(file: Any, json_output: bool) -> None:
    """Show what Xero would get for the event in FILE (- reads standard input)."""
    loaded = load(_settings().segxero_mappings, FIELDS)
    event = jsontext.loads(file.read())
    shown = [asdict(one) for one in preview(loaded, event)]
    if json_output:
        click.echo(jsontext.dumps(shown))
        return
    for mapping in loaded.mappings:
        click.echo(
            f"{'wants it' if mapping.wants(event) else 'passes  '}  {mapping.name} ({mapping.file}:{mapping.line})"
        )
    for one in shown:
        click.echo(f"\n{one['object']} {one['key']}" + (f" waits: {one['waits']}" if one["waits"] else ""))
        if one["payload"]:
            Console().print_json(jsontext.dumps(one["payload"]))


@commands.group("dead-letters")
def dead_letters() -> None:
    """Look at dead letters, send them again, or discard them."""


@dead_letters.command("list")
@click.option("--queue", default="")
@click.option("--error", default="")
@as_json
def dead_letters_list(queue: str, error: str, json_output: bool) -> None:
    """List the dead letters, newest first."""
    rows = [
        {
            "id": letter.id,
            "queue": letter.queue,
            "key": letter.key,
            "error": letter.error,
            "message": letter.message,
            "next step": letter.next_step,
            "failed at": letter.failed_at,
        }
        for letter in _chosen(_services(), "", queue, error)
    ]
    _print(rows, json_output=json_output, empty="There are no dead letters.")


@dead_letters.command("show")
@click.argument("identifier")
def dead_letters_show(identifier: str) -> None:
    """Show one dead letter in full."""
    Console().print_json(_found(_services(), identifier).to_json())


@dead_letters.command("replay")
@click.argument("identifier", default="")
@click.option("--queue", default="")
@click.option("--error", default="")
@click.option("--all", "everything", is_flag=True)
def dead_letters_replay(identifier: str, queue: str, error: str, everything: bool) -> None:
    """Send dead letters through today's mappings: one by its id, some by queue or error, or --all."""
    if not (identifier or queue or error or everything):
        raise click.UsageError("name an id, --queue, --error or --all")
    services = _services()
    if identifier:
        _found(services, identifier)
    letters = _chosen(services, identifier, queue, error)
    sent = sum(services.replay.replay(letter) for letter in letters)
    click.echo(f"{sent} of {len(letters)} dead letters are on their way again.")


@dead_letters.command("discard")
@click.argument("identifier")
@click.option("--reason", required=True)
def dead_letters_discard(identifier: str, reason: str) -> None:
    """Take a dead letter out of the list for good."""
    services = _services()
    letter = _found(services, identifier)
    services.dead_letters.remove(letter)
    click.echo(f"Discarded {letter.id} ({letter.object or letter.queue} {letter.key}): {reason}")


def _chosen(services: Services, identifier: str, queue: str, error: str) -> list[DeadLetter]:
    return [
        letter
        for letter in services.dead_letters
        if identifier in ("", letter.id) and queue in ("", letter.queue) and error in ("", letter.error)
    ]


def _found(services: Services, identifier: str) -> DeadLetter:
    letter = services.dead_letters.find(identifier)
    if letter is None:
        raise click.ClickException(f"there is no dead letter {identifier}; `segxero dead-letters list` shows them")
    return letter


def main() -> None:
    """Run the command; a fault of the set-up is a sentence, not a traceback."""
    try:
        commands()
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except SegxeroError as error:
        click.echo(f"{type(error).__name__}: {error}", err=True)
        sys.exit(1)
