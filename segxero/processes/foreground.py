"""Runs a Procfile in the foreground, as `make run` does, or becomes a single program of it, as a container does."""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import NoReturn

from segxero.processes.procfile import programs
from segxero.processes.supervisor import Supervisor

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_procfile(path: Path, names: Sequence[str] = ()) -> int:
    """Run the programs *names* of the Procfile (none: all but ``release``) until SIGINT, SIGTERM or SIGHUP.

    Return 0 when all have ended. Call it from the main thread.
    """
    with _asked_to_end() as asked, Supervisor.from_procfile(path, names):
        asked.get()
    return 0


def become(path: Path, name: str) -> NoReturn:
    """Replace this process by the program *name* of the Procfile: restarting it is then the container's duty."""
    (program,) = programs(path, [name])
    os.chdir(program.cwd or Path.cwd())
    os.execve(program.argv[0], program.argv, dict(program.env or os.environ))  # noqa: S606


@contextmanager
def _asked_to_end() -> Iterator[SimpleQueue[int]]:
    # Its put() may be called from a signal handler that interrupts its own get(); an Event's set() may not.
    asked: SimpleQueue[int] = SimpleQueue()
    before = {number: signal.signal(number, lambda number, _: asked.put(number)) for number in ENDINGS}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
