"""The base of all tasks: nothing is deleted silently. Only this module knows Celery's verbs."""

import logging
import threading
import time
from typing import Any

import redis
from celery import Task
from celery.exceptions import Ignore, Reject, Retry
from celery.utils.time import get_exponential_backoff_interval
from redis.exceptions import LockError, OutOfMemoryError, ReadOnlyError

from segxero.dead_letters import DeadLetter
from segxero.errors import AuthenticationError, RetryableError
from segxero.oversight.watch import proofs
from segxero.services import Services
from segxero.settings import Settings
from segxero.sync.delivery.turn import Report
from segxero.telemetry.alerts import RECONNECT, Cause
from segxero.xero.api.budget import BudgetError
from workers.messages import messages

log = logging.getLogger(__name__)

# Redis is away, or takes nothing now: it is full, or a replica that waits for its promotion.
UNAVAILABLE = (redis.ConnectionError, redis.TimeoutError, LockError, OutOfMemoryError, ReadOnlyError)
REDIS_PAUSE = 1.0  # seconds before a task is given back, so that a Redis in trouble is not hammered
LONGEST_COUNTDOWN = 240.0  # seconds; longer waits are kept in Redis (hold) and ended by the schedule
BACKOFF_FACTOR, LONGEST_BACKOFF = 2, 120
FAULT_SECONDS = 60.0

_wired: Services | None = None
_wiring = threading.Lock()


def services() -> Services:
    """Return this process's services, wired at the first use."""
    global _wired  # noqa: PLW0603 - one wiring a process
    with _wiring:
        if _wired is None:
            _wired = Services.for_workers(Settings.from_env(), messages())
        return _wired


class SafeTask(Task):  # type: ignore[type-arg]
    """A task that never loses its message: what it cannot handle becomes a dead letter, or goes back to the queue."""

    abstract = True
    max_retries = None
    Request = "workers.requests:QuietRequest"

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
        """Retry; when the new message cannot be published the old one is given back (Celery would delete it)."""
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


def deliver_turn(task: SafeTask, organisation: str, queue: str) -> dict[str, int]:
    """Take a turn of *queue*; Celery retries a call that failed, never before Xero's Retry-After."""
    try:
        report = services().deliverer.turn(organisation, queue)
    except BudgetError as error:
        # Nothing was sent, so nothing failed: the turn comes again when the budget has a call.
        report = Report(again_seconds=error.retry_after)
    except RetryableError as error:
        return retried(task, organisation, queue, error)
    except AuthenticationError as error:
        services().gate.refuse_connection(organisation, queue, error)
        tell_of_pause(organisation, error)
        return {"held": 1}
    except UNAVAILABLE:
        raise
    except Exception as error:
        services().gate.pause(organisation, queue, FAULT_SECONDS, f"a fault of segxero: {type(error).__name__}")
        raise
    _come_again(task, organisation, queue, report.again_seconds)
    return report.counts


def tell_of_pause(organisation: str, error: AuthenticationError) -> None:
    """Call a person: the records are kept, and go out by themselves when the organisation is connected again."""
    wired = services()
    wired.gate.note_refusal(organisation, error)
    cause = Cause(kind=RECONNECT, organisation="" if error.shared else organisation, object=error.shared)
    lost = wired.connecting.lost(organisation) if wired.settings.by_consent and not error.shared else ""
    step = f"Connect again ({wired.settings.where_to_connect}); its records wait, and go out by themselves then."
    wired.alerts.call(cause, f"{lost or error}.", step, proofs=proofs(cause))


def retried(task: SafeTask, organisation: str, queue: str, error: RetryableError) -> dict[str, int]:
    """Let Celery retry a call that failed, with backoff and jitter, never before what the other side asked for.

    During an outage the breaker's growing pause is the backoff: it is the organisation's, not this message's.
    """
    wait = error.retry_after
    if not error.down:
        # An outage is held by its breaker, which ends for all queues at once.
        wait = max(wait, _backoff(task.request.retries))
        services().gate.pause(organisation, queue, wait, str(error))
    log.info(
        "deliver_retries",
        extra={"organisation": organisation, "queue": queue, "seconds": round(wait, 1), "reason": str(error)},
    )
    if wait > LONGEST_COUNTDOWN:
        return {"held": 1}
    raise task.retry(exc=error, countdown=wait) from error


def _backoff(retries: int) -> float:
    """Return Celery's own exponential backoff with jitter, at least a second."""
    return float(max(get_exponential_backoff_interval(BACKOFF_FACTOR, retries, LONGEST_BACKOFF, full_jitter=True), 1))


def _come_again(task: SafeTask, organisation: str, queue: str, seconds: float | None) -> None:
    """Wake the next turn: at once through the queue's end, so that others have theirs, or after *seconds*."""
    if seconds is None:
        return
    wired = services()
    if seconds <= 0:
        wired.wakes.wake(organisation, queue)
    elif seconds <= LONGEST_COUNTDOWN and wired.wakes.claim(organisation, queue, seconds):
        task.apply_async((organisation,), countdown=seconds, queue=queue)
