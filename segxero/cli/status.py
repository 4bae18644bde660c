"""`segxero status`: what waits where, the calls that are left, and since when an organisation cannot be reached."""

from datetime import UTC, datetime
from typing import Any

import click

from segxero import jsontext
from segxero.cli.printing import as_json, services, show
from segxero.sync.outbox import WRITE_BACK
from segxero.sync.standing import QueueStanding, Standing
from segxero.xero.objects import QUEUES


@click.command()
@as_json
def status(json_output: bool) -> None:
    """Show what waits where, the calls that are left, and what cannot be reached."""
    wired = services()
    found = [wired.standings.of(one, (*QUEUES, WRITE_BACK)) for one in wired.mappings.organisations]
    if json_output:
        click.echo(jsontext.dumps([{**_organisation(one), "queues": _queues(one)} for one in found]))
        return
    rows = [_organisation(one) for one in found]
    show([{name: "" if value is None else value for name, value in row.items()} for row in rows], json_output=False)
    show(
        [{"organisation": one.organisation, **queue} for one in found for queue in _queues(one)],
        json_output=False,
    )


def _organisation(standing: Standing) -> dict[str, Any]:
    rest, outage = standing.rest, standing.outage
    return {
        "organisation": standing.organisation,
        "waiting": standing.waiting,
        "oldest (s)": round(standing.oldest_seconds),
        "calls left (minute)": rest.minute,
        "calls left (day)": rest.day,
        "day ends in (s)": round(rest.day_ends_in),
        "down since": f"{datetime.fromtimestamp(outage.since, UTC):%Y-%m-%dT%H:%M:%SZ}" if outage else None,
        "why": outage.reason if outage else None,
        "not let in": standing.paused or None,
        "next try in (s)": round(outage.next_try_seconds) if outage else None,
    }


def _queues(standing: Standing) -> list[dict[str, Any]]:
    return [_queue(queue) for queue in standing.queues]


def _queue(queue: QueueStanding) -> dict[str, Any]:
    return {
        "queue": queue.queue,
        "waiting": queue.waiting,
        "oldest (s)": round(queue.oldest_seconds),
        "parked": queue.parked,
    }
