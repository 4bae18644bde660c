"""Celery's own messages, made by Celery once and then filled in, so that Lua can push them together with the data.

Every process that accepts events or wakes queues takes its messages from here.
"""

import base64
import json
import uuid
from collections.abc import Callable
from functools import cache
from typing import Any

from celery import Task
from kombu import Connection

from segxero.sync.queues import DELIVERED, EVENTS
from workers.app import app

ARGUMENT = "argument-placeholder"
TASK_ID = "task-placeholder"
TAG = "tag-placeholder"
BODY = "body-placeholder"


class MessageMaker:
    """Fills in the message of *task* for one text argument without quotes or backslashes."""

    def __init__(self, task: "Task[..., Any]", queue: str) -> None:
        message = _published(task, queue)
        self._body = base64.b64decode(message["body"]).decode()
        message["body"] = BODY
        message["properties"]["delivery_tag"] = TAG
        self._message = json.dumps(message)

    def __call__(self, argument: str) -> str:
        """Return the message as Celery would push it; each has ids of its own."""
        body = base64.b64encode(self._body.replace(ARGUMENT, argument).encode()).decode()
        return (
            self._message.replace(ARGUMENT, argument)
            .replace(BODY, body)
            .replace(TASK_ID, str(uuid.uuid4()))
            .replace(TAG, str(uuid.uuid4()))
        )


def _published(task: "Task[..., Any]", queue: str) -> dict[str, Any]:
    """Let Celery publish the task to a queue in this process's memory, and take the message out there."""
    with Connection("memory://") as connection:
        channel: Any = connection.channel()
        producer = task.app.amqp.Producer(channel)
        task.apply_async((ARGUMENT,), task_id=TASK_ID, producer=producer, queue=queue)
        message: dict[str, Any] = channel._get(queue)  # noqa: SLF001 - the raw message, as transports store it
    return message


class TaskMessages:
    """The messages of the events task and of the deliver task of each queue."""

    def __init__(self) -> None:
        app.loader.import_default_modules()
        self._event = MessageMaker(app.tasks["workers.events.handle"], EVENTS)
        self._deliver = {queue: MessageMaker(app.tasks[f"workers.{queue}.deliver"], queue) for queue in DELIVERED}

    @property
    def event(self) -> Callable[[str], str]:
        """Make the message that folds an arrival, from its id."""
        return self._event

    def deliver(self, queue: str, organisation: str) -> str:
        """Make the message that wakes the deliver task of *queue* for *organisation*."""
        return self._deliver[queue](organisation)


@cache
def messages() -> TaskMessages:
    """Make the messages of this process."""
    return TaskMessages()
