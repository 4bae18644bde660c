"""`segxero links`: after Redis was lost or restored, links records to Xero again by the keys stored in Xero."""

import sys
import time
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from segxero import jsontext
from segxero.cli.printing import as_json, settings, show
from segxero.errors import AuthenticationError, RetryableError
from segxero.services import Services
from segxero.store import formats
from segxero.sync.recovery.rebuild import FIGURES, RebuildOutcome
from segxero.xero.objects.context import Context
from segxero.xero.objects.table import QUEUES

ORGANISATION = click.option("--organisation", default="", help="Only this organisation; default: all.")
TURN_SECONDS = 45.0  # longer than the lock of a turn
HELD = (
    "Deliveries are on hold for up to 24 hours. Start the workers, replay the lost period from Segment, then run"
    " `segxero links release`."
)


@click.group()
def links() -> None:
    """Link records to Xero again, after Redis was lost or restored."""


@links.command()
@ORGANISATION
@click.option("--dry-run", is_flag=True, help="Read Xero and print the result without writing.")
@click.option("--hold", is_flag=True, help="Keep deliveries on hold afterwards, for a replay; `links release` ends it.")
@as_json
def rebuild(organisation: str, dry_run: bool, hold: bool, json_output: bool) -> None:
    """Read our records from Xero and link each to Segment's key again.

    A new run continues where an interrupted run stopped.
    """
    wired = _wire()
    outcomes, stopped = [], False
    for name in _choose_organisations(wired, organisation):
        if not dry_run:
            _hold(wired, name)
        outcome = _rebuild(wired, name, dry=dry_run)
        stopped = stopped or outcome is None
        outcomes += [] if outcome is None else [outcome]
        # An unfinished run keeps its hold, because records without links would be looked up one by one.
        if not (dry_run or hold or outcome is None):
            _release(wired, name)
    _print(outcomes, json_output=json_output)
    if hold and not dry_run and not stopped:
        click.echo(HELD, err=True)
    sys.exit(1 if stopped else 0)


@links.command()
@ORGANISATION
@click.option("--now", is_flag=True, help="Release even if events are still waiting to be processed.")
def release(organisation: str, now: bool) -> None:
    """End the hold of a rebuild, once all received events are processed."""
    wired = _wire()
    names = _choose_organisations(wired, organisation)
    waiting = {} if now else {name: number for name in names if (number := wired.inbox.waiting(name)) > 0}
    for name in names:
        if name in waiting:
            click.echo(f"{name}: {waiting[name]} events are not processed yet; deliveries stay on hold", err=True)
        else:
            _release(wired, name)
            click.echo(f"{name}: deliveries continue")
    sys.exit(1 if waiting else 0)


def _wire() -> Services:
    from workers.messages import messages  # noqa: PLC0415 - Celery's application reads the environment at its import

    wired = Services.for_workers(settings(), messages())
    formats.settle(wired.redis)
    return wired


def _choose_organisations(wired: Services, organisation: str) -> list[str]:
    names = list(wired.mappings.organisations)
    if organisation and organisation not in names:
        raise click.BadParameter(f"no organisation {organisation}; there are {', '.join(names)}")
    return [organisation] if organisation else names


def _hold(wired: Services, organisation: str) -> None:
    """Hold the organisation's deliveries, and wait for calls in flight."""
    wired.gate.hold_all(organisation)
    # A call in flight could create a record after the rebuild has read its list.
    deadline = time.monotonic() + TURN_SECONDS
    while wired.gate.is_calling(organisation) and time.monotonic() < deadline:
        time.sleep(0.1)


def _release(wired: Services, organisation: str) -> None:
    wired.outbox.forget_mappings_seen(organisation, QUEUES)
    wired.gate.release(organisation)


def _rebuild(wired: Services, organisation: str, *, dry: bool) -> RebuildOutcome | None:
    """Return the outcome. Print the reason and return None if the run must be continued later."""
    work = wired.rebuild(dry=dry)
    context = Context.of(wired.mappings, organisation)
    try:
        with Progress(console=Console(stderr=True), transient=True) as progress:
            bars: dict[str, Any] = {}
            for collection, number in work.run(organisation, context):
                bars[collection] = bars.get(collection) or progress.add_task(f"{organisation} {collection}", total=None)
                progress.advance(bars[collection], number)
    except (RetryableError, AuthenticationError) as error:
        click.echo(
            f"{organisation}: {error}. Nothing is lost: run the command again to continue. Until then,"
            " this organisation's deliveries are on hold.",
            err=True,
        )
        return None
    return work.outcome(organisation)


def _print(outcomes: Sequence[RebuildOutcome], *, json_output: bool) -> None:
    if json_output:
        found = [
            {"organisation": one.organisation, "objects": one.figures, "contradictions": one.notes} for one in outcomes
        ]
        click.echo(jsontext.dumps(found))
        return
    rows = [
        {"organisation": one.organisation, "object": name, **{figure: figures[figure] for figure in FIGURES}}
        for one in outcomes
        for name, figures in one.figures.items()
    ]
    show(rows, json_output=False, empty="Xero has no records of ours.")
    for one in outcomes:
        for note in one.notes:
            click.echo(f"{one.organisation}: {note}")
