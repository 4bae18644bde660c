"""`segxero trace`: prints the history of a record, found by any of its names."""

import sys
from dataclasses import asdict
from typing import Any

import click

from segxero import jsontext
from segxero.cli.printing import as_json, services, show
from segxero.dead_letters import DeadLetter
from segxero.oversight import trace as tracing
from segxero.oversight.display import entry_row
from segxero.oversight.trace import Trace
from segxero.sync.records.disposition import Disposition
from segxero.xero.objects.table import OBJECTS

NOTHING = "No record has this name. A trace is kept for 90 days after its last entry."


@click.command()
@click.argument("name")
@as_json
def trace(name: str, json_output: bool) -> None:
    """Print the history of a record: its events, fields and calls to Xero.

    NAME is its key (user, order or invoice number), Xero id or e-mail, the messageId or request id of an event,
    or the digest that the logs show.
    """
    wired = services()
    letters = list(wired.dead_letters)
    found = list(tracing.find_traces(wired.redis, wired.mappings.organisations, OBJECTS, name, letters))
    # Events that became no record are only in dead letters.
    unbooked = [] if found else tracing.find_letters(letters, name)
    if json_output:
        click.echo(jsontext.dumps([*map(asdict, found), *map(_letter_row, unbooked)]))
    elif not found and not unbooked:
        click.echo(NOTHING)
    else:
        for trace in found:
            _print(trace)
        for letter in unbooked:
            click.echo(f"Dead letter {letter.id}: {letter.error}: {letter.message}\n  {letter.next_step}")
    sys.exit(0 if found or unbooked else 1)


def _letter_row(letter: DeadLetter) -> dict[str, Any]:
    return {
        "organisation": letter.organisation,
        "record": "",
        "disposition": Disposition.DEAD,
        "letters": [asdict(letter)],
    }


def _print(trace: Trace) -> None:
    standing = ": ".join(filter(None, (trace.state, trace.reason)))
    click.echo(f"{trace.record} ({trace.organisation}): {standing}".rstrip(": "))
    if trace.xero_id:
        click.echo(f"In Xero: {trace.xero_id} {trace.link}".rstrip())
    show([entry_row(entry) for entry in trace.entries], json_output=False, empty="Its trace has expired.")
    fields = [dict(zip(("field", "value", "set_at"), row, strict=True)) for row in trace.fields]
    show(fields, json_output=False, empty="The record has no fields.")
    for letter in trace.letters:
        click.echo(f"Dead letter {letter['id']}: {letter['error']}: {letter['message']}\n  {letter['next_step']}")
