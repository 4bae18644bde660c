"""The programs of a local stack as the supervisor runs them: the sandbox, and those of the project's Procfile."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from segxero.demo.place import DemoPlace
from segxero.processes import Program, programs

PROJECT = Path(__file__).parents[2]
WORKER = "worker"


def make_sandbox_program(place: DemoPlace, options: Mapping[str, Any], env: Mapping[str, str]) -> Program:
    """Return the sandbox with *options* for SandboxOptions."""
    argv = (sys.executable, "-m", "segxero.sandbox", json.dumps({"port": place.sandbox_port, **options}))
    return Program(name="sandbox", argv=argv, env=env, cwd=PROJECT)


def read_procfile_programs(names: Sequence[str], env: Mapping[str, str]) -> list[Program]:
    """Return the programs *names* of the Procfile, the worker as often as it is named."""
    rows = programs(PROJECT / "Procfile", list(dict.fromkeys(names)), env)
    workers = range(2, names.count(WORKER) + 1)
    return rows + [_further(row, number) for row in rows if row.name == WORKER for number in workers]


def _further(worker: Program, number: int) -> Program:
    """Return another *worker*, with a name of its own for Celery."""
    name = f"{worker.name}-{number}"
    # Celery wants a name of its own for each worker on a host.
    *shell, line = worker.argv
    return replace(worker, name=name, argv=(*shell, f"{line} -n {name}@%h"))
