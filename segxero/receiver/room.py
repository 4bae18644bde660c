"""Room: bounds memory by working on a single large body at a time. Used by the webhook.

A parsed and sorted body takes about ten times its length. Threads share the interpreter, so several bodies in parallel
would not finish sooner. Without this limit, sixteen batches of 2.8 MB took 690 MB, more than a small dyno has.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.exceptions import ServiceUnavailable

LARGE = 256 * 1024  # bytes
PATIENCE_SECONDS = 2.0  # Segment waits a few seconds for an answer, and retries after a 503


class Room:
    """Admits a single large body at a time in this process."""

    def __init__(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._one = threading.Lock()
        self._patience = patience_seconds

    @contextmanager
    def reserve(self, length: int) -> Iterator[None]:
        """Wait for room for a body of *length* bytes. Raise ServiceUnavailable if that takes too long."""
        # Small bodies need little memory.
        if length < LARGE:
            yield
            return
        if not self._one.acquire(timeout=self._patience):
            raise ServiceUnavailable("Too many large bodies at once. Nothing is lost if you send this again.")
        try:
            yield
        finally:
            self._one.release()
