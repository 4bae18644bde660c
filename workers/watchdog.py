"""The watchdog: ends a worker that is deaf, so that whoever supervises it starts it again.

After Redis was killed under load, a worker of Celery 5.7 was connected again in about one of thirty cases but took no
message any more, without an error (its event loop had no connection to wait for).
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import redis
from celery.signals import task_postrun, task_received, worker_ready
from celery.worker.state import active_requests

from workers.base import services

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
DEAF_SECONDS = 30.0  # a free worker takes a message within a second
GRACE_SECONDS = 25.0  # for the tasks that run, after which the process ends whether it wants to or not


class Watchdog:
    """Tells that the worker is deaf: messages *wait* and a thread is *free*, but for DEAF_SECONDS it heard nothing."""

    def __init__(
        self, wait: Callable[[], bool], free: Callable[[], bool], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._wait = wait
        self._free = free
        self._clock = clock
        self._heard = clock()

    def hear(self, **_: Any) -> None:
        """Note that a message came or a task ended."""
        self._heard = self._clock()

    def is_deaf(self) -> bool:
        """Look once; while nothing waits, or Redis does not say so, there is nothing to hear."""
        try:
            hears = not self._wait() or not self._free()
        except redis.RedisError:
            # Redis is away, so silence proves nothing.
            hears = True
        if hears:
            self.hear()
        return self._clock() - self._heard >= DEAF_SECONDS


@worker_ready.connect
def watch(sender: Any, **_: Any) -> None:
    """Watch this worker, whose consumer is *sender*, from a thread of its own."""
    queues, pool = sender.app.amqp.queues, sender.pool
    store = services().redis

    def wait() -> bool:
        return any(store.llen(name) for name in list(queues.consume_from))

    dog = Watchdog(wait, lambda: len(active_requests) < pool.num_processes)
    task_received.connect(dog.hear, weak=False)
    task_postrun.connect(dog.hear, weak=False)
    threading.Thread(target=_look, args=(dog,), name="watchdog", daemon=True).start()


def _look(dog: Watchdog) -> None:
    while True:
        time.sleep(LOOK_SECONDS)
        if dog.is_deaf():
            log.critical("worker_deaf", extra={"seconds": DEAF_SECONDS})
            os.kill(os.getpid(), signal.SIGTERM)
            # Nothing is lost by a hard end: the running tasks are not acknowledged, so their messages come back.
            time.sleep(GRACE_SECONDS)
            os._exit(1)
