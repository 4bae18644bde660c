"""The base of all tasks: no message is deleted silently. Every module of `workers` takes its task class from here."""

import logging
import threading
import time
from typing import Any

import redis
from celery import Task
from celery.exceptions import Ignore, Reject, Retry
from celery.worker.request import Request
from redis.exceptions import LockError, OutOfMemoryError, ReadOnlyError

from segxero.dead_letters import DeadLetter
from segxero.services import Services
from segxero.settings import Settings
from workers.messages import messages

log = logging.getLogger(__name__)

# Redis is away, or takes nothing now: it is full, or a replica that waits for its promotion.
UNAVAILABLE = (redis.ConnectionError, redis.TimeoutError, LockError, OutOfMemoryError, ReadOnlyError)
REDIS_PAUSE = 1.0  # seconds before a task is given back, so that a Redis in trouble is not hammered
ELSEWHERE = "The worker's log has the traceback, without the texts of exceptions; the dead letter has those."

_wired: Services | None = None
_wiring = threading.Lock()


def services() -> Services:
    """Return this process's services, wired at the first use."""
    global _wired  # noqa: PLW0603 - one wiring a process
    with _wiring:
        if _wired is None:
            _wired = Services.for_workers(Settings.from_env(), messages())
        return _wired


class QuietRequest(Request):
    """Tells Flower no more of a failed task than the class of its exception, whose text may hold personal data."""

    def send_event(self, type: str, **fields: Any) -> None:  # noqa: A002 - Celery's own name
        if type == "task-failed":
            fields |= {"exception": fields["exception"].partition("(")[0], "traceback": ELSEWHERE}
        super().send_event(type, **fields)


class SafeTask(Task):  # type: ignore[type-arg]
    """A task that never loses its message: an unforeseen error makes a dead letter, or the message goes back."""

    abstract = True
    max_retries = None
    Request = "workers.base:QuietRequest"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().__call__(*args, **kwargs)
        except (Retry, Ignore, Reject):
            raise
        except UNAVAILABLE as error:
            # Redis does not take anything now, not even a dead letter; the message stays where it is.
            log.warning("redis_unavailable", extra={"task": self.name, "error": type(error).__name__})
            time.sleep(REDIS_PAUSE)
            raise Reject(error, requeue=True) from error
        except Exception as error:
            self._bury(error, args)
            raise

    def retry(self, *args: Any, **kwargs: Any) -> Any:
        """Retry; when the new message cannot be published the old message is given back (Celery would delete it)."""
        try:
            return super().retry(*args, **kwargs)
        except Reject as reject:
            raise Reject(str(reject), requeue=True) from reject

    def _bury(self, error: Exception, args: tuple[Any, ...]) -> None:
        letter = DeadLetter(
            error=type(error).__name__,
            message=str(error),
            next_step="this is a fault of segxero: keep the log, upgrade, then replay or discard",
            queue=self.name.split(".")[1],
            key=" ".join(map(str, args)),
        )
        try:
            services().dead_letters.bury(letter)
        except redis.RedisError as down:
            time.sleep(REDIS_PAUSE)
            raise Reject(down, requeue=True) from down
