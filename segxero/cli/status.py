"""`segxero status`: waiting records, the calls left, unreachable organisations, and the money that nothing books."""

from typing import Any

import click

from segxero import jsontext
from segxero.cli.printing import as_json, services, show
from segxero.oversight.display import organisation_row, print_sums, queue_row, unbooked_row
from segxero.services import Services
from segxero.sync.waiting.outbox import WRITE_BACK
from segxero.xero.objects.table import RECORD_QUEUES

HEADINGS = {"waiting": "waiting for Xero", "parked": "not ready", "refused_because": "access refused"}

NO_ORGANISATION = ""


@click.command()
@as_json
def status(json_output: bool) -> None:
    """Show waiting records, the calls left, unreachable organisations, and the money that nothing books."""
    wired = services()
    found = [wired.standings.read(one, (*RECORD_QUEUES, WRITE_BACK)) for one in wired.mappings.organisations]
    unbooked = {one: _unbooked(wired, one) for one in (*wired.mappings.organisations, NO_ORGANISATION)}
    if json_output:
        rows: list[dict[str, Any]] = [
            {
                **organisation_row(one),
                "queues": [queue_row(queue) for queue in one.queues],
                "unbooked": unbooked[one.organisation],
            }
            for one in found
        ]
        if lost := unbooked[NO_ORGANISATION]:
            rows.append({"organisation": None, "waiting": 0, "queues": [], "unbooked": lost})
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
    show(
        [print_sums(row) for rows in unbooked.values() for row in rows],
        json_output=False,
        empty="No ignored event carries money.",
    )


def _unbooked(wired: Services, organisation: str) -> list[dict[str, Any]]:
    return [unbooked_row(one, wired.mappings) for one in wired.unbooked.sums(organisation)]


def _name_columns(row: dict[str, Any]) -> dict[str, Any]:
    """Return *row* with the columns' names for people; programs read the keys of --json."""
    return {HEADINGS.get(name, name): "" if value is None else value for name, value in row.items()}
