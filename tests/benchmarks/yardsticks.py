"""The yardsticks: a bare Flask app and a Celery task that does nothing, under the Procfile's own command lines."""

from collections.abc import Mapping
from dataclasses import replace

from segxero.demo.rows import PROJECT
from segxero.processes import Program, programs

RECEIVER = ("web", "segxero.receiver:", "tests.benchmarks.bare_receiver:")
WORKER = ("worker", "workers.app", "tests.benchmarks.bare_worker")


def bare_receiver(env: Mapping[str, str]) -> Program:
    """Return the Procfile's web with the bare app in place of ours."""
    return _instead(*RECEIVER, env)


def bare_worker(env: Mapping[str, str]) -> Program:
    """Return the Procfile's worker with the bare task in place of ours."""
    return _instead(*WORKER, env)


def _instead(name: str, ours: str, theirs: str, env: Mapping[str, str]) -> Program:
    (program,) = programs(PROJECT / "Procfile", [name], env)
    *shell, line = program.argv
    if ours not in line:
        raise ValueError(f"The Procfile's {name} does not start {ours} any more: change yardsticks.py too.")
    return replace(program, name=f"bare-{name}", argv=(*shell, line.replace(ours, theirs)))
