"""The supervisor keeps a set of programs running: it starts, restarts and stops them, and collects their output.

honcho's own manager is not used: it stops every program as soon as any ends, and kills after 5 seconds. Celery 5.7's
worker may end when Redis goes away in the middle of a task, and Heroku restarts it then; so does this.
"""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Self, TextIO

from segxero.processes.group import ProcessGroup
from segxero.processes.procfile import Program, programs

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
# A program that ran this long was well: its next restart is quick again.
STEADY_SECONDS = 30.0


class Supervisor:
    """Runs programs until stop(); their output goes to ``<logs>/<name>.log``, or with a prefix to *terminal*."""

    def __init__(
        self,
        rows: Iterable[Program],
        *,
        logs: Path | None = None,
        grace: float = 30.0,
        terminal: TextIO | None = None,
    ) -> None:
        self._programs = {program.name: program for program in rows}
        self._logs = logs
        self._grace = grace
        self._terminal = terminal or sys.stdout
        self._width = max(map(len, self._programs), default=0)
        self._groups: dict[str, ProcessGroup] = {}
        self._watchers: list[threading.Thread] = []
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._printing = threading.Lock()

    @classmethod
    def from_procfile(
        cls,
        path: Path,
        names: Sequence[str] = (),
        *,
        env: Mapping[str, str] | None = None,
        logs: Path | None = None,
        grace: float = 30.0,
    ) -> Self:
        """Build a supervisor for the programs *names* of the Procfile at *path* (none: all but ``release``)."""
        return cls(programs(path, names, env), logs=logs, grace=grace)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start every program; all of them have a process id when this returns."""
        self._stopping.clear()
        if self._logs:
            self._logs.mkdir(parents=True, exist_ok=True)
        for program in self._programs.values():
            group = self._spawn(program)
            watcher = threading.Thread(
                target=self._watch, args=(program, group), name=f"watch-{program.name}", daemon=True
            )
            self._watchers.append(watcher)
            watcher.start()

    def stop(self) -> None:
        """End every program: SIGTERM to all at once, SIGKILL to those left after the grace; none is left on return."""
        self._stopping.set()
        with self._starting:
            groups = list(self._groups.values())
        for group in groups:
            group.terminate()
        deadline = time.monotonic() + self._grace
        # A watcher that a signal has caught at its start cannot be joined.
        for watcher in filter(threading.Thread.is_alive, self._watchers):
            watcher.join(max(0.0, deadline - time.monotonic()))
        for group in groups:
            group.send(signal.SIGKILL)
        for watcher in filter(threading.Thread.is_alive, self._watchers):
            watcher.join()
        self._watchers.clear()
        self._groups.clear()

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Send *number* to the program *name* and its children; a program ended by it is started again."""
        self._groups[name].send(number)

    def pids(self) -> dict[str, int]:
        """Return the process ids of the programs that run at this moment."""
        return {name: group.pid for name, group in dict(self._groups).items() if group.running}

    def log(self, name: str) -> Path:
        """Return the file with the output of the program *name*."""
        if not self._logs:
            raise ValueError("This supervisor writes to the terminal: it was made without *logs*.")
        return self._logs / f"{name}.log"

    def _spawn(self, program: Program) -> ProcessGroup | None:
        with self._starting:
            if self._stopping.is_set():
                return None
            if self._logs:
                with self.log(program.name).open("ab") as file:
                    group = ProcessGroup(program.argv, env=program.env, cwd=program.cwd, output=file)
            else:
                group = ProcessGroup(program.argv, env=program.env, cwd=program.cwd, output=subprocess.PIPE)
                threading.Thread(target=self._relay, args=(program.name, group.output), daemon=True).start()
            self._groups[program.name] = group
            return group

    def _watch(self, program: Program, group: ProcessGroup | None) -> None:
        delay = FIRST_DELAY_SECONDS
        while group:
            started = time.monotonic()
            status = group.wait()
            # A program that ends during a shutdown has ended as it should.
            if self._stopping.is_set():
                return
            if time.monotonic() - started > STEADY_SECONDS:
                delay = FIRST_DELAY_SECONDS
            self._say(program.name, f"[ended with status {status}; starts again in {delay:g} s]")
            if self._stopping.wait(delay):
                return
            delay = min(2 * delay, LONGEST_DELAY_SECONDS)
            group = self._spawn(program)

    def _say(self, name: str, line: str) -> None:
        if self._logs:
            with self.log(name).open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")
            return
        with self._printing:
            self._terminal.write(f"{name:<{self._width}} | {line}\n")
            self._terminal.flush()

    def _relay(self, name: str, output: IO[bytes]) -> None:
        with output, suppress(ValueError):
            for line in output:
                self._say(name, line.decode(errors="replace").rstrip())
