"""Programs as processes: a supervisor for the demo, the tests and `make run`, fed by rows or by the Procfile."""

from segxero.processes.foreground import become, run_procfile
from segxero.processes.group import ProcessGroup
from segxero.processes.ports import free_port
from segxero.processes.procfile import PROCFILE, Program, environment, procfile_lines, programs
from segxero.processes.supervisor import Supervisor

__all__ = [
    "PROCFILE",
    "ProcessGroup",
    "Program",
    "Supervisor",
    "become",
    "environment",
    "free_port",
    "procfile_lines",
    "programs",
    "run_procfile",
]
