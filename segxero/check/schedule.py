"""The schedule: that beat and a worker of its queue wake what was lost."""

from collections.abc import Iterator

from segxero.check.finding import Finding, good, note
from segxero.check.set_up import SetUp
from segxero.store import keys, server

NAME = "schedule"
SILENT_SECONDS = 60  # it wakes every 10
REMEDY = "start exactly one beat (`make run`, or the process type `beat`) and a worker of the queue schedule"


def look(set_up: SetUp) -> Iterator[Finding]:
    """Tell when the schedule woke last."""
    if set_up.before_start:
        return
    store = set_up.services.redis
    woke = store.get(keys.SCHEDULE_WOKE)
    ago = int(server.now(store)) - int(woke) if woke else None
    if ago is None:
        yield note(NAME, "has never run here", REMEDY)
    elif ago > SILENT_SECONDS:
        yield note(NAME, f"ran last {ago} s ago", REMEDY)
    else:
        yield good(NAME, f"ran {ago} s ago")
