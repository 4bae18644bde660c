"""Room: a process works on one large body at a time, so that many that come together do not take its memory.

Parsed and sorted, a body takes about ten times its length, and threads share one interpreter: side by side they would
not be done sooner. Sixteen batches of 2.8 MB at once took 690 MB before, more than a small dyno has.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.exceptions import ServiceUnavailable

LARGE = 256 * 1024  # bytes
PATIENCE_SECONDS = 2.0  # Segment gives an answer a few seconds and comes back after a 503


class Room:
    """The room of one process for large bodies."""

    def __init__(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._one = threading.Lock()
        self._patience = patience_seconds

    @contextmanager
    def for_body(self, length: int) -> Iterator[None]:
        """Wait until a body of *length* bytes may be worked on. Raise ServiceUnavailable when that takes too long."""
        if length < LARGE:
            yield
            return
        if not self._one.acquire(timeout=self._patience):
            raise ServiceUnavailable("Too many large bodies at once; nothing is lost if this is sent again.")
        try:
            yield
        finally:
            self._one.release()
