"""What a Celery worker does with one message, by Celery's own code, in this thread."""

from dataclasses import dataclass
from typing import Any

from celery import Celery
from celery.app import trace
from celery.app.trace import reset_worker_optimizations, setup_worker_optimizations
from celery.concurrency.solo import TaskPool
from celery.worker.request import Request
from kombu import Connection, Queue

HOST = "worker@tests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """A message after its task ended: *state* is ACK, REQUEUED (given back) or REJECTED (deleted)."""

    task: str
    args: list[Any]
    headers: dict[str, Any]
    state: str


def handle_next(app: Celery, url: str, queue: str) -> Handled:
    """Take the oldest message of *queue* as a worker takes it, and run its task."""
    setup_worker_optimizations(app, HOST)
    try:
        for name, task in app.tasks.items():
            task.__trace__ = trace.build_tracer(name, task, app.loader, HOST, app=app)
        with Connection(url) as connection, connection.channel() as channel:
            message = Queue(queue)(channel).get(no_ack=False)
            assert message is not None, f"{queue} is empty"
            states = []

            def acknowledge(*args: Any) -> None:
                message.ack_log_error(*args)
                states.append("ACK")

            def reject(log: Any, errors: Any, requeue: bool) -> None:
                message.reject_log_error(log, errors, requeue)
                states.append("REQUEUED" if requeue else "REJECTED")

            request = Request(message, on_ack=acknowledge, on_reject=reject, app=app)
            request.execute_using_pool(TaskPool(1, app=app))
            (state,) = states
            return Handled(task=request.name, args=list(request.args), headers=dict(message.headers), state=state)
    finally:
        reset_worker_optimizations()


def waiting(url: str, queue: str) -> list[Any]:
    """Return the messages of *queue* as a worker would read them, the oldest first, and leave them there."""
    with Connection(url) as connection, connection.channel() as channel:
        found = []
        while (message := Queue(queue)(channel).get(no_ack=False)) is not None:
            found.append(message)
        for message in reversed(found):
            message.requeue()
        return found
