"""`segxero dead-letters`: look at dead letters, send them again, or discard them."""

import click
from rich.console import Console

from segxero.cli.printing import as_json, services, show
from segxero.dead_letters import DeadLetter
from segxero.services import Services


@click.group("dead-letters")
def dead_letters() -> None:
    """Look at dead letters, send them again, or discard them."""


@dead_letters.command("list")
@click.option("--queue", default="")
@click.option("--error", default="")
@as_json
def list_(queue: str, error: str, json_output: bool) -> None:
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
        for letter in _chosen(services(), "", queue, error)
    ]
    show(rows, json_output=json_output, empty="There are no dead letters.")


@dead_letters.command("show")
@click.argument("identifier")
def show_(identifier: str) -> None:
    """Show one dead letter in full."""
    Console().print_json(_found(services(), identifier).to_json())


@dead_letters.command()
@click.argument("identifier", default="")
@click.option("--queue", default="")
@click.option("--error", default="")
@click.option("--all", "everything", is_flag=True)
def replay(identifier: str, queue: str, error: str, everything: bool) -> None:
    """Send dead letters through today's mappings: one by its id, some by queue or error, or --all."""
    if not (identifier or queue or error or everything):
        raise click.UsageError("name an id, --queue, --error or --all")
    wired = services()
    if identifier:
        _found(wired, identifier)
    letters = _chosen(wired, identifier, queue, error)
    sent = sum(wired.replay.replay(letter) for letter in letters)
    click.echo(f"{sent} of {len(letters)} dead letters are on their way again.")


@dead_letters.command()
@click.argument("identifier")
@click.option("--reason", required=True)
def discard(identifier: str, reason: str) -> None:
    """Take a dead letter out of the list for good."""
    wired = services()
    letter = _found(wired, identifier)
    wired.dead_letters.remove(letter)
    click.echo(f"Discarded {letter.id} ({letter.object or letter.queue} {letter.key}): {reason}")


def _chosen(wired: Services, identifier: str, queue: str, error: str) -> list[DeadLetter]:
    return [
        letter
        for letter in wired.dead_letters
        if identifier in ("", letter.id) and queue in ("", letter.queue) and error in ("", letter.error)
    ]


def _found(wired: Services, identifier: str) -> DeadLetter:
    letter = wired.dead_letters.find(identifier)
    if letter is None:
        raise click.ClickException(f"there is no dead letter {identifier}; `segxero dead-letters list` shows them")
    return letter
