"""`segxero dead-letters`: lists, repairs, replays and discards everything waiting for a person."""

import difflib
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click
from rich.console import Console

from segxero import jsontext
from segxero.cli.printing import as_json, services, show
from segxero.dead_letters import DeadLetter
from segxero.oversight.blocked import PARKED, Blocked, Filter
from segxero.oversight.display import cause_row
from segxero.services import Services

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class Age(click.ParamType[float]):
    """Converts a duration such as 90s, 15m, 2h or 3d to seconds."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        match = re.fullmatch(r"(\d+)([smhd])", str(value))
        if match is None:
            self.fail(f"{value} should be a number followed by s, m, h or d, such as 2h", param, ctx)
        return float(match[1]) * UNITS[match[2]]


FILTERS = (
    click.option("--organisation", default=""),
    click.option("--queue", default=""),
    click.option("--error", default="", help=f"The error's name, or {PARKED} for records without a dead letter."),
    click.option("--key", default="", help="Part of the key: an order number or user id."),
    click.option("--age", "age_seconds", type=Age(), default=0.0, help="Minimum age: 90s, 15m, 2h, 3d."),
)


def add_filters(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose among blocked records to *command*."""
    for option in reversed(FILTERS):
        command = option(command)
    return command


@click.group("dead-letters")
def dead_letters() -> None:
    """List everything that needs you; repair, replay or discard it."""


@dead_letters.command("list")
@add_filters
@as_json
def list_(json_output: bool, **wanted: Any) -> None:
    """List the causes, then the dead letters, newest first."""
    wired = services()
    letters = wired.blockage.letters(Filter(**wanted))
    if not json_output and (causes := wired.blockage.causes(Filter(**wanted))):
        show([cause_row(cause) for cause in causes], json_output=False)
    show([_letter_row(one) for one in letters], json_output=json_output, empty="There are no dead letters.")


@dead_letters.command()
@add_filters
@as_json
def causes(json_output: bool, **wanted: Any) -> None:
    """List each cause with its remedy, the number of records, and the waiting money."""
    rows = [cause_row(cause) for cause in services().blockage.causes(Filter(**wanted))]
    show(rows, json_output=json_output, empty="Nothing needs you.")


def _letter_row(one: Blocked) -> dict[str, Any]:
    assert one.letter
    return {
        "id": one.letter.id,
        "organisation": one.organisation,
        "queue": one.queue,
        "key": one.key,
        "error": one.error,
        "message": one.message,
        "next step": one.next_step,
        "attempts": one.letter.attempts,
        "failed at": one.letter.failed_at,
    }


@dead_letters.command("show")
@click.argument("identifier")
def show_(identifier: str) -> None:
    """Show one dead letter in full."""
    Console().print_json(_find(services(), identifier).to_json())


@dead_letters.command()
@click.argument("identifier", default="")
@add_filters
@click.option("--all", "everything", is_flag=True)
def replay(identifier: str, everything: bool, **wanted: Any) -> None:
    """Try again with today's mappings: one dead letter by id, some records by a filter, or --all."""
    chosen = Filter(**wanted)
    # Nobody should replay everything by forgetting a filter.
    if not (identifier or everything or chosen != Filter()):
        raise click.UsageError("give an id, a filter such as --queue or --error, or --all")
    wired = services()
    if identifier:
        letters, freed = [_find(wired, identifier)], 0
    else:
        letters = [one.letter for one in wired.blockage.letters(chosen) if one.letter]
        freed = wired.replay.free(wired.blockage.parked(chosen))
    with click.progressbar(letters, label="Replaying", hidden=not sys.stdout.isatty()) as bar:
        sent = sum(wired.replay.replay(letter) for letter in bar)
    click.echo(f"{sent} of {len(letters)} dead letters were sent again.")
    if freed:
        click.echo(f"{freed} waiting records are tried again.")


@dead_letters.command()
@click.argument("identifier")
@click.option("--yes", is_flag=True, help="Keep the change without asking.")
def edit(identifier: str, yes: bool) -> None:
    """Edit the events of a dead letter in $EDITOR. A replay sends the edited events; the original is kept."""
    wired = services()
    letter = _find(wired, identifier)
    before = [jsontext.pretty_text(text) for text in letter.events]
    if not before:
        raise click.ClickException(f"dead letter {letter.id} holds no event to edit")
    after = [_edit(text) for text in before]
    if after == before:
        click.echo("Nothing was changed.")
        return
    for old, new in zip(before, after, strict=True):
        click.echo("\n".join(difflib.unified_diff(old.splitlines(), new.splitlines(), "before", "after", lineterm="")))
    if not yes:
        click.confirm("Keep this change?", abort=True)
    events = tuple(jsontext.dumps(jsontext.loads(text)) for text in after)
    # The first original is kept, however often the letter is edited.
    changed = replace(letter, events=events, original=letter.original or letter.events)
    if not wired.dead_letters.replace(letter, changed):
        raise click.ClickException(f"somebody else replayed or discarded dead letter {letter.id} in the meantime")
    click.echo(f"Kept. Send it with: segxero dead-letters replay {letter.id}")


def _edit(text: str) -> str:
    """Open an event in the editor. Raise ClickException if the result is not JSON."""
    answer = click.edit(text, extension=".json", require_save=False)
    edited = (text if answer is None else answer).rstrip("\n")
    try:
        jsontext.loads(edited)
    except ValueError as error:
        raise click.ClickException(f"that is not JSON, so nothing was kept: {error}") from None
    return edited


@dead_letters.command()
@click.argument("identifier")
@click.option("--reason", required=True)
def discard(identifier: str, reason: str) -> None:
    """Remove a dead letter for good. The last discarded letters are kept with their reasons."""
    wired = services()
    letter = _find(wired, identifier)
    wired.dead_letters.discard(letter, reason)
    click.echo(f"Discarded {letter.id} ({letter.object or letter.queue} {letter.key}): {reason}")


def _find(wired: Services, identifier: str) -> DeadLetter:
    letter = wired.dead_letters.find(identifier)
    if letter is None:
        raise click.ClickException(f"there is no dead letter {identifier}; `segxero dead-letters list` shows them")
    return letter
