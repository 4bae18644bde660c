"""Wake-ups: a single Celery message for the deliver task of a queue, however many records wait.

The messages are made without Celery's producer, so that they can be pushed in the same step as the data. Turns, the
gate, the retry groups and the schedule wake queues; the fold sends the wake-ups of its `plan` itself.
"""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from segxero.store import keys
from segxero.store.client import Store

ONCE_SECONDS = 20  # after this, a wake-up that was never answered counts as lost and may be sent again


class Messages(Protocol):
    """Makes the Celery messages that wake tasks; `workers.messages` makes the real ones."""

    @property
    def event(self) -> Callable[[str], str]: ...

    @property
    def deliver(self) -> Callable[[str, str], str]: ...


class NoMessages:
    """No messages, for a process that wakes nobody."""

    def event(self, *_: str) -> str:
        raise NotImplementedError

    deliver = event


class Wakes:
    """Sends wake-ups; *make_message* makes the Celery message for (queue, organisation)."""

    def __init__(self, client: Store, make_message: Callable[[str, str], str]) -> None:
        self._redis = client
        self._make_message = make_message

    def wake(self, organisation: str, queue: str) -> bool:
        """Wake the deliver task unless a wake-up is on its way already; tell whether it was sent."""
        # A single message is enough for any number of records: its turn looks for all of them.
        if not self._redis.set(keys.awake(organisation, queue), 1, nx=True, ex=ONCE_SECONDS):
            return False
        self._redis.lpush(queue, self._make_message(queue, organisation))
        return True

    def wake_now(self, organisation: str, queue: str) -> None:
        """Wake the deliver task even if a later wake-up is announced; the later message then finds nothing to do."""
        self.answered(organisation, queue)
        self.wake(organisation, queue)

    def claim(self, organisation: str, queue: str, seconds: float) -> bool:
        """Announce a wake-up in *seconds*; False when another is on its way already."""
        # A message that is lost in Celery must not keep the queue asleep for ever.
        expiry = int((seconds + ONCE_SECONDS) * 1000)
        return bool(self._redis.set(keys.awake(organisation, queue), 1, nx=True, px=expiry))

    def answered(self, organisation: str, queue: str) -> None:
        """Note that the deliver task runs now: records that come from here on need a wake-up of their own."""
        self._redis.delete(keys.awake(organisation, queue))

    def plan(self, organisation: str, queues: Iterable[str]) -> list[dict[str, Any]]:
        """Return the wake-ups for fold.lua, which sends them in its single step."""
        return [
            {
                "queue": queue,
                "awake": keys.awake(organisation, queue),
                "message": self._make_message(queue, organisation),
            }
            for queue in dict.fromkeys(queues)
        ]
