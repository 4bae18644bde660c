"""Reads a Procfile and its .env file into the rows that a Supervisor runs."""

import os
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from honcho import environ as honcho_environ  # type: ignore[import-untyped]

from segxero.errors import ConfigError, Fault
from segxero.settings import SETTINGS

# Heroku runs the release itself, before the others and only once.
RELEASE = "release"

PROCFILE = Path("Procfile")  # of the project, from its directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program for a Supervisor: *env* is the whole environment (None: the supervisor's own)."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] | None = None
    cwd: Path | None = None


def environment(directory: Path) -> dict[str, str]:
    """Return this process's environment, completed from *directory*/.env; a variable that is set wins."""
    file = directory / ".env"
    written = honcho_environ.parse(file.read_text(encoding="utf-8")) if file.exists() else {}
    return written | os.environ


def programs(path: Path, names: Sequence[str] = (), env: Mapping[str, str] | None = None) -> list[Program]:
    """Return the programs *names* of the Procfile at *path*; none named means all but ``release``.

    They get the environment *env* (None: this process's, with the ``.env`` beside the Procfile), in which PORT has its
    default and the commands beside this Python are found first.
    A line is a simple command: a shell expands ``$PORT`` and the like, then becomes that command, so that signals
    reach it. Raise ConfigError when there is no such file or program.
    """
    lines = procfile_lines(path)
    unknown = [name for name in names if name not in lines]
    if unknown:
        known = ", ".join(lines)
        raise ConfigError(
            f"The Procfile has the programs {known}.",
            [Fault("is not one of them", file=str(path), path=name) for name in unknown],
        )
    chosen = names or [name for name in lines if name != RELEASE]
    directory = path.resolve().parent
    given = environment(directory) if env is None else env
    whole = {"PORT": SETTINGS["PORT"].default, "PYTHONUNBUFFERED": "1", **given}
    whole["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), whole.get("PATH", os.defpath)])
    return [
        Program(name=name, argv=("/bin/sh", "-c", f"exec {lines[name]}"), env=whole, cwd=directory) for name in chosen
    ]


def procfile_lines(path: Path) -> dict[str, str]:
    """Return the line of each program of the Procfile at *path*. Raise ConfigError when it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"The Procfile cannot be read; start this in the project's directory: {error}") from error
    try:
        return dict(honcho_environ.parse_procfile(text).processes)
    except AssertionError as error:
        raise ConfigError(f"{path}: {error}") from error
