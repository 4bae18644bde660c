"""The command `segxero` as a process, as a person types it."""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from segxero.demo.stack import PROJECT

COMMAND = (sys.executable, "-c", "from segxero.cli import main; main()")


@dataclass(frozen=True, slots=True)
class Said:
    """What the command said and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def segxero(env, *arguments, text=""):
    """Run `segxero arguments…` in the project with the environment *env* and *text* on its standard input."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        env=env,
        cwd=PROJECT,
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)
