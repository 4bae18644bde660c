"""Requests: what Celery tells Flower of a task. What an exception says may hold anything, so it is left out."""

from typing import Any

from celery.worker.request import Request

ELSEWHERE = "The worker's log has the traceback, without what the exceptions say; the dead letter has that."


class QuietRequest(Request):
    """A request of which nobody is told more than the class of the exception that ended it."""

    def send_event(self, type: str, **fields: Any) -> None:  # noqa: A002 - Celery's own name
        if type == "task-failed":
            fields |= {"exception": fields["exception"].partition("(")[0], "traceback": ELSEWHERE}
        super().send_event(type, **fields)
