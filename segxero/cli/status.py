"""`segxero status`: what waits where, the calls that are left, and since when an organisation cannot be reached."""

import click

from segxero import jsontext
from segxero.cli.printing import as_json, services, show
from segxero.oversight.rows import organisation_row, queue_row
from segxero.sync.waiting.outbox import WRITE_BACK
from segxero.xero.objects.table import RECORD_QUEUES


@click.command()
@as_json
def status(json_output: bool) -> None:
    """Show what waits where, the calls that are left, and what cannot be reached."""
    wired = services()
    found = [wired.standings.of(one, (*RECORD_QUEUES, WRITE_BACK)) for one in wired.mappings.organisations]
    if json_output:
        rows = [{**organisation_row(one), "queues": [queue_row(queue) for queue in one.queues]} for one in found]
        click.echo(jsontext.dumps(rows))
        return
    show(
        [{name: "" if value is None else value for name, value in organisation_row(one).items()} for one in found],
        json_output=False,
    )
    show(
        [{"organisation": one.organisation, **queue_row(queue)} for one in found for queue in one.queues],
        json_output=False,
    )
