"""What Celery would drop without a word becomes a dead letter: entries that are no message, and unknown tasks."""

import base64
import logging
from typing import Any

import redis
from celery.signals import task_unknown, worker_init

from segxero.dead_letters import DeadLetter
from workers.base import services
from workers.transport import message_unreadable

log = logging.getLogger(__name__)

MOST_SHOWN = 2000  # bytes of an entry


@worker_init.connect
def close_the_gate(sender: Any, **_: Any) -> None:
    """Let this worker take its messages through the gate; others, like Flower, know kombu's transport by its name."""
    sender.app.conf.broker_transport = "workers.transport:GatedTransport"


@message_unreadable.connect
def keep_unreadable(queue: str, entry: bytes, reason: str, **_: Any) -> None:
    """Keep an *entry* of Celery's list *queue* that is no message."""
    shown = base64.b64encode(entry[:MOST_SHOWN]).decode()
    _bury(
        DeadLetter(
            error="UnreadableMessageError",
            message=f"an entry of the list {queue} is no message of Celery: {reason}",
            next_step="find out who writes into Celery's lists, then discard this letter; no event is lost by it",
            queue=queue,
            sentences=(f"its first bytes in base64: {shown}",),
        )
    )


@task_unknown.connect
def keep_unknown(name: str, message: Any, **_: Any) -> None:
    """Keep a message for a task *name* that this worker does not know: it may come from a newer version."""
    queue = str((message.delivery_info or {}).get("routing_key", ""))
    _bury(
        DeadLetter(
            error="UnknownTaskError",
            message=f"no worker knows the task {name}",
            next_step="upgrade the workers before what sends to them, then discard this letter; no event is lost by it",
            queue=queue,
        )
    )


def _bury(letter: DeadLetter) -> None:
    log.error("message_dropped", extra={"queue": letter.queue, "reason": letter.message})
    try:
        services().dead_letters.bury(letter)
    except redis.RedisError as error:
        # The event or record that a real message was for is woken again by the schedule.
        log.critical("dropped_message_not_kept", extra={"queue": letter.queue, "error": type(error).__name__})
