"""A process group: a program and its children, which never outlive the process that started them.

The program is started by a few lines of shell. They leave a guard behind, in the same group, that reads from a pipe
which only this process holds open: when this process ends, whatever the reason, the read ends and the guard ends the
group. Linux's PR_SET_PDEATHSIG would be shorter, but it fires when the *thread* ends that started the program, needs
a preexec_fn (unsafe in a process with threads, and warned about since Python 3.12) and is missing on macOS.
"""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Self

# How long the guard waits between SIGTERM and SIGKILL when the parent is gone.
ORPHAN_GRACE_SECONDS = 10

_TIED = f"""
exec 3<&0
(
  trap '' HUP INT TERM
  read -r _ <&3
  kill -s TERM -- -$$
  kill -s CONT -- -$$
  waited=0
  while [ $waited -lt {ORPHAN_GRACE_SECONDS} ] && kill -0 $$; do sleep 1; waited=$((waited + 1)); done
  kill -s KILL -- -$$
) >/dev/null 2>&1 &
exec "$@" 3<&- </dev/null
"""


class ProcessGroup:
    """A running program; signals reach it and its children, and its end is the end of them all."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        output: IO[str] | IO[bytes] | int = subprocess.DEVNULL,
    ) -> None:
        """Start *argv* with the whole environment *env* (None: this process's own), printing to *output*."""
        self._ended = False
        self._process = subprocess.Popen(  # noqa: S603 - programs come from the Procfile and from our own code
            ["/bin/sh", "-c", _TIED, "sh", *argv],
            env=env,
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The program's process id, which is the id of the group as well."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the program itself still runs."""
        return self._process.poll() is None

    @property
    def output(self) -> IO[bytes] | None:
        """The output of the program, when it was started with subprocess.PIPE."""
        return self._process.stdout

    def send(self, number: signal.Signals) -> None:
        """Send *number* to the program and all that it started; nothing happens when they are gone."""
        if self._ended:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def send_to_program(self, number: signal.Signals) -> None:
        """Send *number* to the program alone."""
        self._process.send_signal(number)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the program, kill the children that it left behind and return the exit status.

        Raise subprocess.TimeoutExpired when it still runs after *timeout* seconds.
        """
        status = self._process.wait(timeout)
        # The guard is still in the group, so the system cannot have given the group's id to others.
        self.send(signal.SIGKILL)
        self._ended = True
        if self._process.stdin:
            self._process.stdin.close()
        return status

    def terminate(self) -> None:
        """Ask the group to end, also when it is stopped by SIGSTOP."""
        self.send(signal.SIGTERM)
        self.send(signal.SIGCONT)

    def stop(self, grace: float = 10.0) -> int:
        """Ask the program to end, kill the group after *grace* seconds, and return the exit status."""
        self.terminate()
        try:
            return self.wait(grace)
        except subprocess.TimeoutExpired:
            self.send(signal.SIGKILL)
            return self.wait()
