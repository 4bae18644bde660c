"""`segxero trace`: the whole trace of a record."""

import sys
from dataclasses import asdict
from typing import Any

import click

from segxero import jsontext
from segxero.cli.printing import as_json, services, show
from segxero.dead_letters import DeadLetter
from segxero.oversight import trace as tracing
from segxero.oversight.rows import entry_row
from segxero.oversight.trace import Trace
from segxero.xero.objects.table import OBJECTS

NOTHING = "Nothing is known under this name. The trace of a record is kept for 90 days after its last entry."


@click.command()
@click.argument("name")
@as_json
def trace(name: str, json_output: bool) -> None:
    """Tell the whole trace of a record.

    NAME is its key (user, order or invoice number), its Xero id or e-mail, or the messageId or request id of an event,
    or the digest by which the logs name a record.
    """
    wired = services()
    letters = list(wired.dead_letters)
    found = list(tracing.traces(wired.redis, wired.mappings.organisations, OBJECTS, name, letters))
    unbooked = [] if found else tracing.letters_about(letters, name)
    if json_output:
        click.echo(jsontext.dumps([*map(asdict, found), *map(_of_letter, unbooked)]))
    elif not found and not unbooked:
        click.echo(NOTHING)
    else:
        for trace in found:
            _print(trace)
        for letter in unbooked:
            click.echo(f"Dead letter {letter.id}: {letter.error}: {letter.message}\n  {letter.next_step}")
    sys.exit(0 if found or unbooked else 1)


def _of_letter(letter: DeadLetter) -> dict[str, Any]:
    return {"organisation": letter.organisation, "record": "", "disposition": "dead", "letters": [asdict(letter)]}


def _print(trace: Trace) -> None:
    click.echo(f"{trace.record} ({trace.organisation}): {trace.disposition} {trace.reason}".rstrip())
    if trace.xero_id:
        click.echo(f"In Xero: {trace.xero_id} {trace.link}".rstrip())
    show(
        [entry_row(entry) for entry in trace.entries], json_output=False, empty="Its trace is older than what is kept."
    )
    fields = [dict(zip(("field", "value", "set_at"), row, strict=True)) for row in trace.fields]
    show(fields, json_output=False, empty="It has no fields.")
    for letter in trace.letters:
        click.echo(f"Dead letter {letter['id']}: {letter['error']}: {letter['message']}\n  {letter['next_step']}")
