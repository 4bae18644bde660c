"""Delivering: how a turn of a queue ends for Celery, and when the next turn comes.

The deliver tasks of all queues call this. Waits that Celery should not carry are kept by the gate, in Redis.
"""

import logging

from celery.utils.time import get_exponential_backoff_interval

from segxero.errors import AuthenticationError, RetryableError
from segxero.oversight.watch import proofs
from segxero.sync.delivery.turn import Report
from segxero.telemetry.alerts import RECONNECT, Cause
from segxero.xero.api.budget import BudgetError
from workers.base import UNAVAILABLE, SafeTask, services

log = logging.getLogger(__name__)

LONGEST_COUNTDOWN = 240.0  # seconds; after a longer wait of the gate, the schedule wakes the queue
BACKOFF_FACTOR, LONGEST_BACKOFF = 2, 120
FAULT_SECONDS = 60.0


def deliver_turn(task: SafeTask, organisation: str, queue: str) -> dict[str, int]:
    """Take a turn of *queue*; Celery retries a call that failed, never before Xero's Retry-After."""
    wired = services()
    try:
        report = wired.deliverer.turn(organisation, queue)
    except BudgetError as error:
        # Nothing was sent, so nothing failed: the turn comes again as soon as the budget has a call.
        report = Report(again_seconds=error.retry_after)
    except RetryableError as error:
        return retry_later(task, organisation, queue, error)
    except AuthenticationError as error:
        wired.gate.refuse_connection(organisation, queue, error)
        report_refusal(organisation, error)
        return {"waiting": 1}
    except UNAVAILABLE:
        raise
    except Exception as error:
        # The message becomes a dead letter, but the records stay: without the pause the schedule would try at once.
        wired.gate.pause(organisation, queue, FAULT_SECONDS, f"a fault of segxero: {type(error).__name__}")
        raise
    _come_again(task, organisation, queue, report.again_seconds)
    return report.counts


def report_refusal(organisation: str, error: AuthenticationError) -> None:
    """Call a person: the records are kept, and go out by themselves when the organisation is connected again."""
    wired = services()
    cause = Cause(kind=RECONNECT, organisation="" if error.shared else organisation, object=error.shared)
    lost = wired.connecting.explain_loss(organisation) if wired.settings.by_consent and not error.shared else ""
    step = f"Connect again ({wired.settings.where_to_connect}); its records wait, and go out by themselves then."
    wired.alerts.call(cause, f"{lost or error}.", step, proofs=proofs(cause))


def retry_later(task: SafeTask, organisation: str, queue: str, error: RetryableError) -> dict[str, int]:
    """Let Celery retry a call that failed, with backoff and jitter, never earlier than the other side asked for.

    During an outage the breaker's growing pause is the backoff: it belongs to the organisation, not to this message.
    """
    wait = error.retry_after
    if not error.down:
        # In an outage the breaker keeps the queue waiting, and ends that for all queues at once.
        wait = max(wait, _backoff(task.request.retries))
        services().gate.pause(organisation, queue, wait, str(error))
    log.info(
        "deliver_retries",
        extra={"organisation": organisation, "queue": queue, "seconds": round(wait, 1), "reason": str(error)},
    )
    # Celery keeps a countdown in the worker's memory, and Redis delivers the message again after half an hour.
    if wait > LONGEST_COUNTDOWN:
        return {"waiting": 1}
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
    # Without the claim each turn of a busy queue would announce a further turn.
    elif seconds <= LONGEST_COUNTDOWN and wired.wakes.claim(organisation, queue, seconds):
        task.apply_async((organisation,), countdown=seconds, queue=queue)
