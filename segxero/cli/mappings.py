"""`segxero mappings`: checks mapping files, tries them on events, and imports Segment's mappings."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from segxero import jsontext
from segxero.cli.printing import as_json, settings, show
from segxero.errors import ConfigError, PermanentError
from segxero.mapping.files.loader import load
from segxero.mapping.imports.subscription import import_subscription
from segxero.mapping.model import MappingSet
from segxero.mapping.trial import Tally, judge_event, list_differences
from segxero.mapping.values.undefined import UNDEFINED
from segxero.segment import event as segment_event
from segxero.sync.folding.preview import Shown, preview
from segxero.xero.objects.table import FIELDS


@click.group()
def mappings() -> None:
    """Check mapping files and try them on events."""


@mappings.command()
def check() -> None:
    """List every fault in the mapping files with file, line and path. Warnings do not stop a start."""
    directory = settings().segxero_mappings
    found = load(directory, FIELDS)
    for warning in found.warnings:
        click.echo(f"warning: {warning}", err=True)
    click.echo(f"{len(found.mappings)} mappings in {directory} have no faults (version {found.version})")


@mappings.command("try")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--against",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Compare with this mapping directory.",
)
@as_json
def try_(file: Any, against: Path | None, json_output: bool) -> None:
    """Show the payloads for the event in FILE (- reads standard input), or for each line of an NDJSON file.

    With --against, show only differences from the other directory's payloads.
    """
    loaded = load(settings().segxero_mappings, FIELDS)
    events = list(_events(file.read()))
    if against is not None:
        _compare(loaded, load(against, FIELDS), events, json_output=json_output)
    elif len(events) == 1:
        _try_one(loaded, events[0], json_output=json_output)
    else:
        _try_many(loaded, events, json_output=json_output)


@mappings.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--object", "object_name", default="", help="The Xero object to make, such as Contact.")
def import_(file: Any, object_name: str) -> None:
    """Turn a Segment destination subscription (JSON from the Public API) into a mapping file on standard output."""
    imported = import_subscription(_json(file.read()), FIELDS, object_name=object_name)
    for warning in imported.warnings:
        click.echo(f"warning: {warning}", err=True)
    click.echo(imported.yaml_text, nl=False)


def _json(raw: bytes) -> Any:
    try:
        return jsontext.loads(raw)
    except ValueError as error:
        raise ConfigError(f"the file is not JSON: {error}") from None


def _events(raw: bytes) -> Iterator[dict[str, Any]]:
    """Yield the events of a JSON object, an array, or lines of JSON. Raise ConfigError."""
    try:
        values = [jsontext.loads(raw)]
    except ValueError:
        # Several lines are not JSON as a whole.
        values = [_json(line) for line in raw.splitlines() if line.strip()]
    for value in values[0] if len(values) == 1 and isinstance(values[0], list) else values:
        try:
            yield segment_event.read(value)
        except PermanentError as error:
            raise ConfigError(str(error)) from None


def _shown(loaded: MappingSet, event: dict[str, Any]) -> list[Shown]:
    try:
        return preview(loaded, event)
    except PermanentError as error:
        return [Shown(object="", key="", mapping="", waits=f"dead letter: {error}")]


def _try_one(loaded: MappingSet, event: dict[str, Any], *, json_output: bool) -> None:
    shown = _shown(loaded, event)
    asked = judge_event(loaded, event)
    if json_output:
        told = [{"mapping": one.mapping, "wants": not one.reason, "reason": one.reason or one.error} for one in asked]
        click.echo(jsontext.dumps({"mappings": told, "records": [asdict(one) for one in shown]}))
        return
    for one in asked:
        answer = f"ignores it: {one.reason}" if one.reason else f"fails: {one.error}" if one.error else "matches"
        click.echo(f"{one.mapping} ({one.place}) {answer}")
    for record in shown:
        click.echo(f"\n{record.object} {record.key}" + (f" waits: {record.waits}" if record.waits else ""))
        if record.payload:
            Console().print_json(jsontext.dumps(record.payload))


def _try_many(loaded: MappingSet, events: list[dict[str, Any]], *, json_output: bool) -> None:
    tally = Tally()
    waiting: dict[str, int] = {}
    for event in events:
        tally.add(event, judge_event(loaded, event))
        for one in _shown(loaded, event):
            waiting[one.mapping] = waiting.get(one.mapping, 0) + bool(one.waits)
    rows = [
        {
            "mapping": mapping.name,
            "events": tally.wanted[mapping.name],
            "records": len(tally.records.get(mapping.name, ())),
            "would wait": waiting.get(mapping.name, 0),
            "cannot be used": sum(n for (name, _), n in tally.errors.items() if name == mapping.name),
        }
        for mapping in loaded.mappings
    ]
    show(rows, json_output=json_output)
    if not json_output:
        unwanted = ", ".join(f"{name} ({number})" for name, number in tally.unwanted.most_common())
        click.echo(f"{tally.events} events; without a mapping: {unwanted or 'none'}")


def _compare(before: MappingSet, after: MappingSet, events: list[dict[str, Any]], *, json_output: bool) -> None:
    rows = []
    for event in events:
        old = {(one.object, one.key): one for one in _shown(before, event)}
        new = {(one.object, one.key): one for one in _shown(after, event)}
        for name in dict.fromkeys([*old, *new]):
            now, then = (_side(old.get(name)), _side(new.get(name)))
            rows += [
                {
                    "record": " ".join(name),
                    "place": found.path,
                    "now": _plain(found.before),
                    "then": _plain(found.after),
                }
                for found in list_differences(now, then)
            ]
    show(rows, json_output=json_output, empty=f"{len(events)} events, no differences.")
    sys.exit(1 if rows else 0)


def _side(shown: Shown | None) -> Any:
    return UNDEFINED if shown is None else shown.payload or shown.waits


def _plain(value: Any) -> str:
    return "" if value is UNDEFINED else value if isinstance(value, str) else jsontext.dumps(value)
