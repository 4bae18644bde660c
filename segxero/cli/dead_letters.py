"""`segxero dead-letters`: lists, repairs, replays and discards everything waiting for a person."""

import difflib
import sys
from dataclasses import replace
from typing import Any

import click
from rich.console import Console

from segxero import jsontext
from segxero.cli.blocked_filter import add_filters, read_filter
from segxero.cli.printing import as_json, services, show
from segxero.dead_letters import DeadLetter
from segxero.oversight.blocked import Blocked, Filter
from segxero.oversight.blocked_rows import NAMED, blocked_row, cause_row, short_blocked_row, short_cause_row
from segxero.services import Services

SHOWN = 100  # rows of a table; --json has all


@click.group("dead-letters")
def dead_letters() -> None:
    """List everything that needs you; repair, replay or discard it."""


@dead_letters.command("list")
@add_filters
@as_json
def list_(json_output: bool, **wanted: Any) -> None:
    """List everything that waits for a person, parked or dead, newest first, with the money and an id."""
    wired = services()
    found = wired.blockage.find_all(read_filter(wired, wanted))
    shown = wired.blockage.name_customers(found if json_output else found[:SHOWN])
    if json_output:
        show([blocked_row(one) for one in shown], json_output=True)
        return
    show([short_blocked_row(one) for one in shown], json_output=False, empty="Nothing waits for a person.")
    if len(found) > len(shown):
        click.echo(f"{len(found) - len(shown)} more: choose with a filter, or take --json.")


@dead_letters.command()
@add_filters
@as_json
def causes(json_output: bool, **wanted: Any) -> None:
    """List each cause with its remedy, the number of records, the waiting money, and the first records."""
    wired = services()
    rows = []
    for cause in wired.blockage.causes(read_filter(wired, wanted)):
        named = wired.blockage.name_customers(cause.records if json_output else cause.records[:NAMED])
        rows.append(cause_row(cause, named) if json_output else short_cause_row(cause, named))
    show(rows, json_output=json_output, empty="Nothing needs you.")


@dead_letters.command("show")
@click.argument("identifier")
def show_(identifier: str) -> None:
    """Show one dead letter or parked record in full."""
    wired = services()
    found = _find(wired, identifier)
    text = (
        found.letter.to_json() if found.letter else jsontext.dumps(blocked_row(*wired.blockage.name_customers([found])))
    )
    Console().print_json(text)


@dead_letters.command()
@click.argument("identifier", default="")
@add_filters
@click.option("--all", "everything", is_flag=True)
def replay(identifier: str, everything: bool, **wanted: Any) -> None:
    """Try again with today's mappings: one dead letter or parked record by id, some by a filter, or --all."""
    # Nobody should replay everything by forgetting a filter.
    if not (identifier or everything or Filter(**wanted) != Filter()):
        raise click.UsageError("give an id, a filter such as --queue or --error, or --all")
    wired = services()
    found = [_find(wired, identifier)] if identifier else wired.blockage.find_all(read_filter(wired, wanted))
    letters = [one.letter for one in found if one.letter]
    freed = wired.replay.free(one for one in found if not one.letter)
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
    letter = _find_letter(wired, identifier)
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
    letter = _find_letter(wired, identifier)
    wired.dead_letters.discard(letter, reason)
    click.echo(f"Discarded {letter.id} ({letter.object or letter.queue} {letter.key}): {reason}")


def _find(wired: Services, identifier: str) -> Blocked:
    found = wired.blockage.find(identifier)
    if found is None:
        raise click.ClickException(f"there is no dead letter {identifier}; `segxero dead-letters list` shows them")
    return found


def _find_letter(wired: Services, identifier: str) -> DeadLetter:
    found = _find(wired, identifier)
    if found.letter is None:
        raise click.ClickException(f"{found.object} {found.key} is parked and has no letter: mend its cause")
    return found.letter
