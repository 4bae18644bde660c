"""`segxero send`: posts signed events like Segment, to try a set-up before Segment is connected."""

import sys
from collections.abc import Iterator
from typing import Any

import click
import requests

from segxero import jsontext
from segxero.cli.printing import as_json, settings, show
from segxero.errors import ConfigError, RetryableError
from segxero.segment.delivery import delivery
from segxero.settings import Settings

LARGEST_BATCH = 100  # events per call, for files with one event per line
SECONDS = 30.0


@click.command()
@click.argument("files", type=click.Path(exists=True, dir_okay=False, allow_dash=True), nargs=-1, required=True)
@click.option("--url", default="", help="The webhook's address; default: the receiver on this machine.")
@as_json
def send(files: tuple[str, ...], url: str, json_output: bool) -> None:
    """Post the events in FILES like Segment, signed with SEGMENT_SHARED_SECRET.

    A file holds an event, an array of events, or one event per line; - reads standard input.
    """
    chosen = settings()
    address = url or f"http://127.0.0.1:{chosen.port}/webhooks/segment"
    rows = []
    for file in files:
        with click.open_file(file, "rb") as opened:
            rows += [{"file": file, **_post(body, address, chosen)} for body in _bodies(opened.read())]
    show(rows, json_output=json_output)
    sys.exit(0 if all(row["status"] == requests.codes.ok and not row["rejected"] for row in rows) else 1)


def _bodies(raw: bytes) -> Iterator[Any]:
    """Yield the request bodies: an event or a batch. Raise ConfigError unless the file is JSON."""
    try:
        whole = [jsontext.loads(raw)]
    except ValueError:
        whole = []
    if whole:
        yield whole[0]
        return
    try:
        events = [jsontext.loads(line) for line in raw.splitlines() if line.strip()]
    except ValueError as error:
        raise ConfigError(f"the file is neither JSON nor one event per line: {error}") from None
    for start in range(0, len(events), LARGEST_BATCH):
        yield events[start : start + LARGEST_BATCH]


def _post(body: Any, address: str, chosen: Settings) -> dict[str, Any]:
    call = delivery(body, next(iter(chosen.segment_shared_secret), ""))
    bearer = {"Authorization": f"Bearer {chosen.segment_bearer_token}"} if chosen.segment_bearer_token else {}
    try:
        # Segment does not re-send the body after a redirect, so this must not either.
        answer = requests.post(
            address, data=call.body, headers={**call.headers, **bearer}, timeout=SECONDS, allow_redirects=False
        )
    except requests.RequestException as error:
        raise RetryableError(f"{address} does not answer ({type(error).__name__}); is the receiver running?") from None
    try:
        said = answer.json()
    except ValueError:
        said = {"message": answer.text[:200]}
    counts = {name: said.get(name, "") for name in ("accepted", "ignored")}
    rejected = "; ".join(str(refused.get("reason", "")) for refused in said.get("rejected", []))
    return {"status": answer.status_code, **counts, "rejected": rejected or said.get("message", "")}
