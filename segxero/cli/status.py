"""`segxero status`: the records waiting in each queue, the calls left, and unreachable organisations."""

from typing import Any

import click

from segxero import jsontext
from segxero.cli.printing import as_json, services, show
from segxero.oversight.display import organisation_row, queue_row
from segxero.sync.waiting.outbox import WRITE_BACK
from segxero.xero.objects.table import QUEUES

HEADINGS = {"waiting": "waiting for Xero", "parked": "not ready", "not let in": "access refused"}


@click.command()
@as_json
def status(json_output: bool) -> None:
    """Show waiting records, the calls left, and unreachable organisations."""
    wired = services()
    found = [wired.standings.read(one, (*QUEUES, WRITE_BACK)) for one in wired.mappings.organisations]
    if json_output:
        rows = [{**organisation_row(one), "queues": [queue_row(queue) for queue in one.queues]} for one in found]
        click.echo(jsontext.dumps(rows))
        return
    show([_name_columns(organisation_row(one)) for one in found], json_output=False)
    show(
        [
            {"organisation": one.organisation, **_name_columns(queue_row(queue))}
            for one in found
            for queue in one.queues
        ],
        json_output=False,
    )


def _name_columns(row: dict[str, Any]) -> dict[str, Any]:
    """Return *row* with the columns' names for people; programs read the keys of --json."""
    return {HEADINGS.get(name, name): "" if value is None else value for name, value in row.items()}
