"""The schedule: checks that beat and its worker run; they wake queues whose messages were lost."""

from collections.abc import Iterator

from segxero.check.finding import Finding, good, note
from segxero.check.set_up import SetUp
from segxero.store import keys, server

NAME = "schedule"
SILENT_SECONDS = 60  # the schedule runs every 10 seconds
REMEDY = "start exactly one beat (`make run`, or the process type `beat`) and a worker of the queue schedule"


def look(set_up: SetUp) -> Iterator[Finding]:
    """Report when the schedule last ran."""
    if set_up.before_start:
        return
    store = set_up.services.redis
    # Beat may run on another machine, so both times come from Redis' clock.
    woke = store.get(keys.SCHEDULE_WOKE)
    ago = int(server.now(store)) - int(woke) if woke else None
    if ago is None:
        yield note(NAME, "has never run here", REMEDY)
    elif ago > SILENT_SECONDS:
        yield note(NAME, f"last ran {ago} s ago", REMEDY)
    else:
        yield good(NAME, f"ran {ago} s ago")
