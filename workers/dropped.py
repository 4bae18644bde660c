"""Entries that Celery would drop without a word, because they are no message or no known task, become dead letters."""

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
def filter_messages(sender: Any, **_: Any) -> None:
    """Let this worker take its messages through the filter; Flower and others know kombu's transport by its name."""
    sender.app.conf.broker_transport = "workers.transport:FilteredTransport"


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
            next_step="upgrade the workers before their senders, then discard this letter; no event is lost by it",
            queue=queue,
        )
    )


def _bury(letter: DeadLetter) -> None:
    log.error("message_dropped", extra={"queue": letter.queue, "reason": letter.message})
    try:
        services().dead_letters.bury(letter)
    except redis.RedisError as error:
        # The schedule wakes the event or record of a real message again.
        log.critical("dropped_message_not_kept", extra={"queue": letter.queue, "error": type(error).__name__})
