"""Idempotency keys: Xero repeats the first answer of a key for six minutes."""

import threading
from dataclasses import dataclass, field

from segxero.sandbox.wire.answers import Answer
from segxero.sandbox.wire.refusals import key_refused

LIFE_SECONDS = 360.0
MAXIMUM_LENGTH = 128


@dataclass(slots=True, kw_only=True)
class Entry:
    """A key: the first request with it and, once it is there, the answer."""

    fingerprint: tuple[str, str, bytes]
    arrived: float
    answer: Answer | None = None
    done: threading.Event = field(default_factory=threading.Event)

    def finish(self, answer: Answer) -> None:
        self.answer = answer
        self.done.set()


class IdempotencyStore:
    """Keys per app (client id), not per organisation; errors are kept as well as successes."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], Entry] = {}

    def claim(self, client: str, key: str, fingerprint: tuple[str, str, bytes], now: float) -> tuple[Entry, bool]:
        """Return the entry of *key* and whether this call is its first. Refuse long keys and other requests."""
        if len(key) > MAXIMUM_LENGTH:
            raise key_refused(
                f"The Idempotency Key: {key} is {len(key)} characters long; the maximum is {MAXIMUM_LENGTH}."
            )
        self._forget(now)
        entry = self._entries.get((client, key))
        if entry is None:
            entry = self._entries[client, key] = Entry(fingerprint=fingerprint, arrived=now)
            return entry, True
        # A key with another body is a mistake of the client; Xero refuses it instead of answering for the first.
        if entry.fingerprint != fingerprint:
            raise key_refused(f"Idempotency Key: {key} is used with a different request.")
        return entry, False

    def _forget(self, now: float) -> None:
        """Drop old entries; they are in order of arrival, so the first young entry ends the search."""
        old = []
        for key, entry in self._entries.items():
            if now - entry.arrived < LIFE_SECONDS:
                break
            old.append(key)
        for key in old:
            del self._entries[key]
