"""Live mappings: reads a changed directory again while the process runs. Faulty files never replace good mappings.

The workers and the console ask it for the mappings of the moment.
"""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from segxero.errors import ConfigError
from segxero.mapping.files.descriptions import Objects
from segxero.mapping.files.loader import load
from segxero.mapping.model import MappingSet

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0

Fingerprint = frozenset[tuple[str, int, int]]


class MappingSource(Protocol):
    """Gives the mappings of this moment."""

    def current(self) -> MappingSet: ...


class LiveMappings:
    """The mappings of *directory* as they are now. Raise ConfigError when they are wrong at the start."""

    def __init__(self, directory: Path, objects: Objects, clock: Callable[[], float] = time.monotonic) -> None:
        self._directory = directory
        self._objects = objects
        self._clock = clock
        self._lock = threading.Lock()
        self._seen = _fingerprint(directory)
        self._current = load(directory, objects)
        self._looked_at = clock()

    def current(self) -> MappingSet:
        """Return the mappings; a change of the files shows after LOOK_SECONDS at most."""
        if self._clock() - self._looked_at >= LOOK_SECONDS and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._looked_at = self._clock()
                self._lock.release()
        return self._current

    def _look(self) -> None:
        now = _fingerprint(self._directory)
        if now == self._seen:
            return
        self._seen = now
        try:
            self._current = load(self._directory, self._objects)
        except (ConfigError, OSError) as error:
            log.error("mappings_wrong", extra={"kept": self._current.version, "faults": str(error)})  # noqa: TRY400
        else:
            log.warning("mappings_changed", extra={"version": self._current.version})


def _fingerprint(directory: Path) -> Fingerprint:
    found = []
    for path in directory.rglob("*.y*ml"):
        try:
            stat = path.stat()
        except FileNotFoundError:
            # An editor that saves a file may remove it for a moment.
            continue
        found.append((str(path), stat.st_mtime_ns, stat.st_size))
    return frozenset(found)
