"""`segxero dead-letters`: look at what waits for a person, repair it, send it again, or discard it."""

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
from segxero.oversight.rows import cause_row
from segxero.services import Services

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class Age(click.ParamType[float]):
    """A length of time such as 90s, 15m, 2h or 3d, in seconds."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        match = re.fullmatch(r"(\d+)([smhd])", str(value))
        if match is None:
            self.fail(f"{value} should be a number with s, m, h or d behind it, such as 2h", param, ctx)
        return float(match[1]) * UNITS[match[2]]


FILTERS = (
    click.option("--organisation", default=""),
    click.option("--queue", default=""),
    click.option("--error", default="", help=f"The error's name; {PARKED} for records that wait without a letter."),
    click.option("--key", default="", help="A part of the key: an order number, a user id."),
    click.option("--age", "age_seconds", type=Age(), default=0.0, help="At least so old: 90s, 15m, 2h, 3d."),
)


def filtered(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give *command* the options that choose among the blocked."""
    for option in reversed(FILTERS):
        command = option(command)
    return command


@click.group("dead-letters")
def dead_letters() -> None:
    """Look at what waits for a person, repair it, send it again, or discard it."""


@dead_letters.command("list")
@filtered
@as_json
def list_(json_output: bool, **wanted: Any) -> None:
    """List the causes, and the dead letters, newest first."""
    wired = services()
    letters = wired.blockage.letters(Filter(**wanted))
    if not json_output and (causes := wired.blockage.causes(Filter(**wanted))):
        show([cause_row(cause) for cause in causes], json_output=False)
    show([_letter_row(one) for one in letters], json_output=json_output, empty="There are no dead letters.")


@dead_letters.command()
@filtered
@as_json
def causes(json_output: bool, **wanted: Any) -> None:
    """List what blocks dead letters and parked records, with their number and the money that waits."""
    rows = [cause_row(cause) for cause in services().blockage.causes(Filter(**wanted))]
    show(rows, json_output=json_output, empty="Nothing waits for a person.")


def _letter_row(one: Blocked) -> dict[str, Any]:
    assert one.letter
    return {
        "id": one.letter.id,
        "organisation": one.organisation,
        "queue": one.queue,
        "key": one.key,
        "error": one.error,
        "message": one.message,
        "next_step": one.next_step,
        "attempts": one.letter.attempts,
        "failed_at": one.letter.failed_at,
    }


@dead_letters.command("show")
@click.argument("identifier")
def show_(identifier: str) -> None:
    """Show one dead letter in full."""
    Console().print_json(_found(services(), identifier).to_json())


@dead_letters.command()
@click.argument("identifier", default="")
@filtered
@click.option("--all", "everything", is_flag=True)
def replay(identifier: str, everything: bool, **wanted: Any) -> None:
    """Send dead letters and parked records through today's mappings: one by its id, some by a filter, or --all."""
    chosen = Filter(**wanted)
    if not (identifier or everything or chosen != Filter()):
        raise click.UsageError("name an id, a filter such as --queue or --error, or --all")
    wired = services()
    if identifier:
        letters, freed = [_found(wired, identifier)], 0
    else:
        letters = [one.letter for one in wired.blockage.letters(chosen) if one.letter]
        freed = wired.replay.free(wired.blockage.parked(chosen))
    with click.progressbar(letters, label="Replaying", hidden=not sys.stdout.isatty()) as bar:
        sent = sum(wired.replay.replay(letter) for letter in bar)
    click.echo(f"{sent} of {len(letters)} dead letters are on their way again.")
    if freed:
        click.echo(f"{freed} parked records are looked at again.")


@dead_letters.command()
@click.argument("identifier")
@click.option("--yes", is_flag=True, help="Do not ask whether the change is right.")
def edit(identifier: str, yes: bool) -> None:
    """Open the events of a dead letter in $EDITOR and keep the change with the original; a replay sends the change."""
    wired = services()
    letter = _found(wired, identifier)
    before = [jsontext.pretty_text(text) for text in letter.events]
    if not before:
        raise click.ClickException(f"dead letter {letter.id} holds no event")
    after = [_edited(text) for text in before]
    if after == before:
        click.echo("Nothing was changed.")
        return
    for old, new in zip(before, after, strict=True):
        click.echo("\n".join(difflib.unified_diff(old.splitlines(), new.splitlines(), "before", "after", lineterm="")))
    if not yes:
        click.confirm("Keep this change?", abort=True)
    events = tuple(jsontext.dumps(jsontext.loads(text)) for text in after)
    changed = replace(letter, events=events, original=letter.original or letter.events)
    if not wired.dead_letters.replace(letter, changed):
        raise click.ClickException(f"somebody else has taken dead letter {letter.id} out meanwhile")
    click.echo(f"Kept. Send it with: segxero dead-letters replay {letter.id}")


def _edited(text: str) -> str:
    """Let a person edit one event. Raise ClickException when the result is not JSON."""
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
    """Take a dead letter out of the list for good; it is kept with the reason among the last that were discarded."""
    wired = services()
    letter = _found(wired, identifier)
    wired.dead_letters.discard(letter, reason)
    click.echo(f"Discarded {letter.id} ({letter.object or letter.queue} {letter.key}): {reason}")


def _found(wired: Services, identifier: str) -> DeadLetter:
    letter = wired.dead_letters.find(identifier)
    if letter is None:
        raise click.ClickException(f"there is no dead letter {identifier}; `segxero dead-letters list` shows them")
    return letter
