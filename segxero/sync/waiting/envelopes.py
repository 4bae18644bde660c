"""Envelopes: the Celery messages that wake tasks, as those see them who push them together with the data."""

from collections.abc import Callable
from typing import Protocol


class Envelopes(Protocol):
    """Makes Celery messages without Celery's producer, so that they can be pushed in the same step as the data."""

    @property
    def event(self) -> Callable[[str], str]: ...

    @property
    def deliver(self) -> Callable[[str, str], str]: ...


class NoEnvelopes:
    """No messages, for a process that wakes nobody."""

    def event(self, *_: str) -> str:
        raise NotImplementedError

    deliver = event
