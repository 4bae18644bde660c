"""Waiting for what another process does, with a limit."""

import os
import time
from pathlib import Path


def within(seconds, question):
    """Ask *question* until its answer is true or *seconds* are over; return the last answer."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := question():
            return answer
        time.sleep(0.02)
    return question()


def alive(pid):
    """Whether *pid* runs; a zombie, which nobody has reaped yet, does not."""
    try:
        os.kill(int(pid), 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        # No such file: macOS, where the system's first process reaps at once, or the process ended just now.
        return not Path("/proc/self").exists()
