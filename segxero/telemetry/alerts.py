"""Calls a person: once per cause, however many things it concerns, and once more when it works again.

An alert is an error line in the log, an issue in Sentry, and a text for a webhook, where these are set. Alerts
are kept in Redis, so that all processes together tell each once; while Redis is away, each process tells hourly.
"""

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from typing import Any

import redis
import sentry_sdk

from segxero import jsontext
from segxero.store import keys, scripts
from segxero.store.client import Store
from segxero.telemetry.causes import anonymise
from segxero.telemetry.hook import Hook

log = logging.getLogger(__name__)

AGAIN_SECONDS = 3600  # a cause that concerns more and more is told again after this
LETTERS, PARKED, BACKLOG, APPEND_ONLY = "dead-letters", "parked", "backlog", "append-only"
RECONNECT, SIGNATURE, WRITE_BACK, FAULT = "reconnect", "signature", "write-back", "fault"
SCOPES, BOOKS, UNBOOKED = "scopes", "books", "unbooked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """The cause of an alert, the same for all failures ended by the same repair; *sentence* has no variable parts.

    Where a *question* identifies it, the sentence is that of one record.
    """

    kind: str
    organisation: str = ""
    object: str = ""
    error: str = ""
    sentence: str = ""
    question: str = ""

    @property
    def fingerprint(self) -> list[str]:
        """The key by which Sentry groups all its alerts in an issue."""
        return ["segxero", self.organisation, self.object, self.error or self.kind, self.question or self.sentence]

    @property
    def id(self) -> str:
        return hashlib.sha256("\n".join(self.fingerprint).encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An open alert: its text, since when and how often; *proof* is the number of good ends at that moment."""

    cause: Cause
    message: str
    next_step: str
    count: int
    since: int
    seen_at: int
    proof: int


def fault(place: str, error: str) -> Cause:
    """Return the cause of an exception that nobody foresaw: its text may hold anything, so it is left out."""
    return Cause(kind=FAULT, object=place, error=error)


class Alerts:
    """Tells causes; *hook* takes the texts for a webhook."""

    def __init__(self, client: Store, hook: Hook | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis = client
        self._hook = hook
        self._clock = clock
        self._alert = scripts.script(client, "segxero.telemetry", "alert")
        self._told_without_redis: dict[str, float] = {}
        self._lock = threading.Lock()

    def call(
        self, cause: Cause, message: str, next_step: str, *, count: int | None = None, proofs: tuple[str, ...] = ()
    ) -> bool:
        """Tell *cause* unless a person knows of it; return whether it was told. It never fails and hardly waits.

        *count* is how many things it concerns now, None for a further thing. *proofs* are figures that grow after it.
        """
        tell, number = self._note(cause, message, next_step, count, proofs)
        if tell:
            self._tell(cause, message, next_step, number)
        return tell

    def admits(self, cause: Cause) -> bool:
        """Tell whether Sentry may have an exception of *cause* now."""
        return self._note(cause, f"{cause.error} in {cause.object}", "see the issue in Sentry", None, ())[0]

    def open(self) -> dict[str, Told]:
        """Return the alerts that are open by the id of their cause. Raise redis.RedisError."""
        return {name: _told(jsontext.loads(text)) for name, text in self._redis.hgetall(keys.ALERTS).items()}

    def close(self, told: Told) -> bool:
        """End the alert and say nothing; False when another process ended it before. Raise redis.RedisError."""
        if not self._redis.hdel(keys.ALERTS, told.cause.id):
            return False
        with self._lock:
            self._told_without_redis.pop(told.cause.id, None)
        return True

    def recovered(self, told: Told, sentence: str = "") -> bool:
        """Say that it works again, or the *sentence*; of several processes that see it, one says so.

        Raise redis.RedisError.
        """
        if not self.close(told):
            return False
        message = sentence or f"Works again: {told.message}"
        log.warning("recovered", extra={"alert": _facts(told.cause, told.count), "said": message})
        self._send(told.cause, message, "", "info")
        return True

    def recover_all(self, kind: str, places: Collection[str]) -> None:
        """Say that the alerts of *kind* for *places* are over. Raise redis.RedisError."""
        for told in self.open().values():
            if told.cause.kind == kind and (told.cause.organisation or told.cause.object) in places:
                self.recovered(told)

    def _note(
        self, cause: Cause, message: str, next_step: str, count: int | None, proofs: tuple[str, ...]
    ) -> tuple[bool, int]:
        told = {**asdict(cause), "message": message, "next_step": next_step}
        arguments = [cause.id, jsontext.dumps(told), "" if count is None else count, AGAIN_SECONDS, *proofs]
        try:
            tell, number = self._alert(keys=[keys.ALERTS, keys.COUNTS], args=arguments)
        except redis.RedisError:
            return self._first_in_process(cause), count or 1
        if tell:
            # Should Redis go away now, this process does not say the same again.
            self._first_in_process(cause)
        return bool(tell), int(number)

    def _first_in_process(self, cause: Cause) -> bool:
        with self._lock:
            now = self._clock()
            if now - self._told_without_redis.get(cause.id, float("-inf")) < AGAIN_SECONDS:
                return False
            self._told_without_redis[cause.id] = now
            return True

    def _tell(self, cause: Cause, message: str, next_step: str, count: int) -> None:
        log.error("%s %s", message, next_step, extra={"alert": _facts(cause, count)})
        self._send(cause, message, next_step, "error")

    def _send(self, cause: Cause, message: str, next_step: str, level: Any) -> None:
        with sentry_sdk.new_scope() as scope:
            scope.fingerprint = cause.fingerprint
            scope.set_tags({"cause": cause.kind, "organisation": cause.organisation, "object": cause.object})
            scope.set_context("next step", {"sentence": next_step})
            scope.capture_message(message, level=level)
        if self._hook:
            place = f" ({cause.organisation})" if cause.organisation else ""
            self._hook.send(f"segxero{place}: {message} {next_step}".strip())


def _facts(cause: Cause, count: int) -> dict[str, Any]:
    return {"cause": cause.kind, "organisation": cause.organisation, "object": cause.object, "count": count}


def _told(values: dict[str, Any]) -> Told:
    # An alert that an earlier version raised has no question.
    known = ("kind", "organisation", "object", "error", "sentence", "question")
    cause = Cause(**{name: values.get(name, "") for name in known})
    rest = {name: values[name] for name in ("message", "next_step", "count", "since", "seen_at", "proof")}
    return Told(cause=cause, **rest)


def sentence(kind: str, organisation: str, name: str, message: str) -> Cause:
    """Return the cause of an error of ours with its *message*."""
    return Cause(kind=kind, organisation=organisation, object=name, sentence=anonymise(message))
