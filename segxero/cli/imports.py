"""`segxero import`: rehearses past events, then imports them."""

import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from segxero import jsontext
from segxero.cli.printing import as_json, services, show
from segxero.errors import ConfigError
from segxero.mapping.model import MappingSet
from segxero.oversight.display import print_sums, unbooked_row
from segxero.receiver import intake
from segxero.segment import archive
from segxero.segment import event as segment_event
from segxero.services import Services
from segxero.sync.folding.decision import Unbooked
from segxero.sync.folding.imports import Imports
from segxero.sync.folding.inbox import Arrival
from segxero.sync.folding.rehearsal import Rehearsal
from segxero.sync.folding.unbooked import add_up

LABELS = {
    "files": "files",
    "read": "events read",
    "unreadable": "unreadable",
    "ignored": "ignored: test events, our own events, or events without a mapping or organisation",
    "outside": "outside the chosen days",
    "repeated": "repeated (same messageId)",
    "events": "events to import",
    "first": "first event",
    "last": "last event",
    "calls": "Xero calls needed, at least",
    "days": "days needed for these calls, at least",
}
LISTS = ("records", "doubts", "unbooked")
Day = click.DateTime(["%Y-%m-%d"])


@dataclass(slots=True, kw_only=True)
class ImportChoice:
    """The events of *files* to import: from *since* (inclusive) to *until* (exclusive)."""

    files: Sequence[Path]
    mappings: MappingSet
    since: datetime | None = None
    until: datetime | None = None
    counts: Counter[str] = field(default_factory=Counter)
    unbooked: list[Unbooked] = field(default_factory=list)  # the money of ignored events

    def arrivals(self, line: archive.Line, rehearsal: Rehearsal | None = None) -> list[Arrival]:
        """Return the chosen events of *line*. A *rehearsal* also records them, and the rest is counted."""
        kept = []
        for element in line.elements:
            sorted_in = intake.sort([element], self.mappings, datetime.now(UTC))
            chosen = [
                replace(one, historical=True)
                for one in sorted_in.arrivals
                if self._is_in_time(one.received_at, element.value)
            ]
            kept += chosen
            if sorted_in.unbooked and self._is_in_time(datetime.now(UTC), element.value):
                self.unbooked += sorted_in.unbooked
            if rehearsal is None:
                continue
            self.counts["read"] += 1
            self.counts["outside"] += len(sorted_in.arrivals) - len(chosen)
            self.counts["ignored"] += sorted_in.ignored + sorted_in.tests + sorted_in.own
            self.counts["unreadable"] += len(sorted_in.rejected)
            for refusal in sorted_in.rejected:
                rehearsal.refuse(str(refusal["reason"]), line.place)
            for one in chosen:
                rehearsal.add(one, element.value, line.place)
        return kept

    def _is_in_time(self, received_at: datetime, value: Any) -> bool:
        if self.since is None and self.until is None:
            return True
        happened = segment_event.event_time(value, received_at)
        return (self.since is None or happened >= self.since) and (self.until is None or happened < self.until)


@click.command("import")
@click.argument("paths", type=click.Path(exists=True, path_type=Path), nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Show the result without importing.")
@click.option("--yes", is_flag=True, help="Import without asking.")
@click.option("--since", type=Day, help="Only events from this day (UTC) on: 2026-01-01.")
@click.option("--until", type=Day, help="Only events before this day (UTC).")
@click.option("--skip-unreadable", is_flag=True, help="Import although some lines are unreadable.")
@as_json
def import_(
    paths: tuple[Path, ...],
    dry_run: bool,
    yes: bool,
    since: datetime | None,
    until: datetime | None,
    skip_unreadable: bool,
    json_output: bool,
) -> None:
    """Import the events in PATHS: files or directories of Segment's archive, one event per line, plain or gzip.

    Imported events are queued behind live events and use only spare calls. Nothing is booked twice, so you may
    interrupt and repeat an import, or overlap it with live events.
    """
    wired = services()
    choice = ImportChoice(
        files=archive.files(paths), mappings=wired.mappings, since=_set_utc(since), until=_set_utc(until)
    )
    # The whole history is rehearsed first, so that faults show before anything is stored.
    rehearsal = Rehearsal(wired.mappings)
    for line in _lines(choice.files, "Rehearsing"):
        choice.arrivals(line, rehearsal)
    report = _report(choice, rehearsal, wired.settings.xero_day_limit)
    if dry_run or not json_output:
        _print(report, json_output=json_output)
    if dry_run:
        sys.exit(1 if report["doubts"] else 0)
    if choice.counts["unreadable"] and not skip_unreadable:
        raise ConfigError(
            f"{choice.counts['unreadable']} events are unreadable: correct them, or add --skip-unreadable"
        )
    if not (yes or json_output or click.confirm(f"Import {rehearsal.events} events?", err=True)):
        sys.exit(1)
    taken = _import_files(wired, choice)
    show([{"imported": taken, "known": rehearsal.events - taken}], json_output=json_output)


def _set_utc(day: datetime | None) -> datetime | None:
    return day.replace(tzinfo=UTC) if day else None


def _lines(files: Sequence[Path], label: str) -> Iterator[archive.Line]:
    with click.progressbar(files, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        for file in bar:
            yield from archive.lines(file)


def _import_files(wired: Services, choice: ImportChoice) -> int:
    imports, new = Imports(wired.redis, wired.inbox), 0
    choice.unbooked.clear()  # the rehearsal has filled it
    with click.progressbar(choice.files, label="Importing", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        for file in bar:
            found = ((line.number, choice.arrivals(line)) for line in archive.lines(file))
            # Changed mappings may want formerly ignored events, so the mark includes their version.
            mark = f"{archive.digest(file)} {choice.mappings.version} {choice.since} {choice.until}"
            new += imports.take(mark, found)
            # Counted by messageId, so a file that is taken again after a break adds nothing.
            wired.unbooked.count(choice.unbooked)
            choice.unbooked.clear()
    return new


def _report(choice: ImportChoice, rehearsal: Rehearsal, day_limit: int) -> dict[str, Any]:
    made, doubts = rehearsal.outcome()
    calls = sum(one.calls for one in made)
    return {
        "files": len(choice.files),
        **{name: choice.counts[name] for name in ("read", "unreadable", "ignored", "outside")},
        "repeated": rehearsal.repeated,
        "events": rehearsal.events,
        "first": rehearsal.first.isoformat() if rehearsal.first else "",
        "last": rehearsal.last.isoformat() if rehearsal.last else "",
        "calls": calls,
        "days": math.ceil(calls / day_limit),
        "records": [asdict(one) for one in made],
        "doubts": [asdict(one) for one in doubts],
        "unbooked": [unbooked_row(one, choice.mappings) for one in add_up(_tell_apart(choice.unbooked))],
    }


def _tell_apart(found: Iterable[Unbooked]) -> Iterable[Unbooked]:
    """Return each event once: an archive may hold it several times."""
    return {(one.organisation, one.message_id): one for one in found}.values()


def _print(report: dict[str, Any], *, json_output: bool) -> None:
    if json_output:
        click.echo(jsontext.dumps(report))
        return
    plain = {name: value for name, value in report.items() if name not in LISTS}
    show([{"what": LABELS[name], "found": value} for name, value in plain.items()], json_output=False)
    show(report["records"], json_output=False, empty="Nothing would be written.")
    show(report["doubts"], json_output=False, empty="No faults found.")
    show([print_sums(row) for row in report["unbooked"]], json_output=False, empty="No ignored event carries money.")
