"""The options that choose among what waits for a person; a name that cannot be meant is refused with a suggestion."""

import difflib
import re
from collections.abc import Callable, Iterable
from typing import Any

import click

from segxero.oversight.blocked import OURS, PARKED_ERROR, Filter
from segxero.services import Services
from segxero.sync.queues import ALL_QUEUES

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class Age(click.ParamType[float]):
    """Converts a duration such as 90s, 15m, 2h or 3d to seconds."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        match = re.fullmatch(r"(\d+)([smhd])", str(value))
        if match is None:
            self.fail(f"{value} should be a number followed by s, m, h or d, such as 2h", param, ctx)
        return float(match[1]) * UNITS[match[2]]


FILTERS = (
    click.option("--organisation", default=""),
    click.option("--queue", default=""),
    click.option("--error", default="", help=f"The error's name, or {PARKED_ERROR} for records without a dead letter."),
    click.option("--key", default="", help="Part of the key: an order number or user id."),
    click.option("--age", "age_seconds", type=Age(), default=0.0, help="Minimum age: 90s, 15m, 2h, 3d."),
    click.option("--cause", "cause_id", default="", help="The id of a cause, as `causes` and alerts give it."),
)


def add_filters(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose among blocked records to *command*."""
    for option in reversed(FILTERS):
        command = option(command)
    return command


def read_filter(wired: Services, wanted: dict[str, Any]) -> Filter:
    """Return the filter of the options. Raise UsageError for an organisation, queue or error that does not exist."""
    chosen = Filter(**wanted)
    if chosen == Filter():
        return chosen
    letters = list(wired.dead_letters)
    _refuse_unknown(
        "organisation", chosen.organisation, [*wired.mappings.organisations, *_each(letters, "organisation")]
    )
    _refuse_unknown("queue", chosen.queue, [*ALL_QUEUES, *_each(letters, "queue")])
    _refuse_unknown("error", chosen.error, [PARKED_ERROR, *OURS, *_each(letters, "error")])
    return chosen


def _each(letters: Iterable[Any], name: str) -> set[str]:
    return {str(getattr(letter, name)) for letter in letters}


def _refuse_unknown(name: str, given: str, known: Iterable[str]) -> None:
    by_small = {one.lower(): one for one in known if one}
    # Names of errors are compared without regard to capitals, as the filter itself does.
    if not given or given in by_small.values() or (name == "error" and given.lower() in by_small):
        return
    close = difflib.get_close_matches(given.lower(), by_small, n=1, cutoff=0.5)
    hint = f"did you mean {by_small[close[0]]}?" if close else f"there are {', '.join(sorted(by_small.values()))}"
    raise click.UsageError(f"there is no {name} {given}: {hint}")
