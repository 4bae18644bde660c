"""`segxero links`: gives the records of a lost or restored Redis the links that Xero still knows."""

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
from segxero.sync.recovery import rebuild as rebuilding
from segxero.sync.recovery.rebuild import FIGURES, RebuildOutcome
from segxero.xero.objects.context import Context
from segxero.xero.objects.table import QUEUES

ORGANISATION = click.option("--organisation", default="", help="One organisation; all of them without.")
TURN_SECONDS = 45.0  # longer than the lock of a turn lives
HELD = (
    "Deliveries are held for up to 24 hours. Let the workers run, replay the lost time from Segment, then run"
    " `segxero links release`."
)


@click.group()
def links() -> None:
    """Links between Segment's records and Xero's, after Redis was lost or restored."""


@links.command()
@ORGANISATION
@click.option("--dry-run", is_flag=True, help="Read Xero and say what would be done.")
@click.option("--hold", is_flag=True, help="Leave deliveries held afterwards, for a replay; see `links release`.")
@as_json
def rebuild(organisation: str, dry_run: bool, hold: bool, json_output: bool) -> None:
    """Read from Xero what is ours, and give each record its link again.

    An interrupted run is gone on with by the next one.
    """
    wired = _wired()
    outcomes, stopped = [], False
    for name in _named(wired, organisation):
        if not dry_run:
            _hold(wired, name)
        outcome = _rebuild(wired, name, dry=dry_run)
        stopped = stopped or outcome is None
        outcomes += [] if outcome is None else [outcome]
        if not (dry_run or hold or outcome is None):
            _release(wired, name)
    _print(outcomes, json_output=json_output)
    if hold and not dry_run and not stopped:
        click.echo(HELD, err=True)
    sys.exit(1 if stopped else 0)


@links.command()
@ORGANISATION
@click.option("--now", is_flag=True, help="Although events still wait to be folded.")
def release(organisation: str, now: bool) -> None:
    """Let deliveries go on that a rebuild has held, once all events that came are folded."""
    wired = _wired()
    names = _named(wired, organisation)
    waiting = {} if now else {name: number for name in names if (number := wired.inbox.waiting(name)) > 0}
    for name in names:
        if name in waiting:
            click.echo(f"{name}: {waiting[name]} events are still to be folded; deliveries stay held", err=True)
        else:
            _release(wired, name)
            click.echo(f"{name}: deliveries go on")
    sys.exit(1 if waiting else 0)


def _wired() -> Services:
    from workers.envelopes import envelopes  # noqa: PLC0415 - Celery's application reads the environment at its import

    wired = Services.for_workers(settings(), envelopes())
    formats.settle(wired.redis)
    return wired


def _named(wired: Services, organisation: str) -> list[str]:
    names = list(wired.mappings.organisations)
    if organisation and organisation not in names:
        raise click.BadParameter(f"no organisation {organisation}; there are {', '.join(names)}")
    return [organisation] if organisation else names


def _hold(wired: Services, organisation: str) -> None:
    """Hold the organisation's deliveries, and wait for the calls that are on their way."""
    rebuilding.hold(wired.redis, organisation)
    deadline = time.monotonic() + TURN_SECONDS
    while rebuilding.is_delivering(wired.redis, organisation) and time.monotonic() < deadline:
        time.sleep(0.1)
    rebuilding.hold(wired.redis, organisation)


def _release(wired: Services, organisation: str) -> None:
    rebuilding.release(wired.redis, organisation)
    for queue in QUEUES:
        wired.wakes.wake_now(organisation, queue)


def _rebuild(wired: Services, organisation: str, *, dry: bool) -> RebuildOutcome | None:
    """Return what was found; None, with the sentence of the reason printed, when it must be gone on with later."""
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
            f"{organisation}: {error}. Nothing is lost: run the command again, and it goes on from there; until then"
            " this organisation's deliveries are held.",
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
    show(rows, json_output=False, empty="Xero has nothing of ours.")
    for one in outcomes:
        for note in one.notes:
            click.echo(f"{one.organisation}: {note}")
