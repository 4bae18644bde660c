"""Flower's configuration: closed by SEGXERO_PASSWORD, and every queue, the dead letters and the outboxes in view.

`celery flower --conf` executes this file; a global that has the name of one of Flower's options sets that option.
"""

import hashlib
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import redis
from flower.views import BaseHandler  # type: ignore[import-untyped]
from flower.views.monitor import Metrics  # type: ignore[import-untyped]
from prometheus_client import Gauge
from tornado import web

from segxero import keys
from segxero.settings import Settings

# Looking for outboxes reads the name of every key, so it is done rarely; their lengths are read every time.
SECONDS_BETWEEN_SEARCHES = 60
KEYS_PER_STEP = 5000

MESSAGES = Gauge("segxero_queue_messages", "Messages, dead letters or records that wait at this moment.", ["queue"])


class Outboxes:
    """The outboxes that there are or were since Flower started; an empty one is no longer a key of Redis."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._next_search = 0.0

    async def find(self, client: Any) -> list[str]:
        if time.monotonic() >= self._next_search:
            async for key in client.scan_iter(keys.outbox("*", "*"), KEYS_PER_STEP, "zset"):
                self._keys.add(key.decode())
            self._next_search = time.monotonic() + SECONDS_BETWEEN_SEARCHES
        return sorted(self._keys)


class Lengths:
    """Flower's own broker client, whose answer also has the dead letters (a list) and the outboxes (sorted sets)."""

    def __init__(self, broker: Any, outboxes: Outboxes) -> None:
        self._broker = broker
        self._outboxes = outboxes

    async def queues(self, names: Iterable[str]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = await self._broker.queues(names)
        async with self._broker.redis as client, client.pipeline(transaction=False) as pipeline:
            outboxes = await self._outboxes.find(client)
            pipeline.llen(keys.DEAD_LETTERS)
            for key in outboxes:
                pipeline.zcard(key)
            lengths = await pipeline.execute()
        own = zip([keys.DEAD_LETTERS, *outboxes], lengths, strict=True)
        return rows + [{"name": name, "messages": length} for name, length in own]


def with_lengths(get_broker: Callable[[Any], Any], outboxes: Outboxes) -> Callable[[Any], Lengths]:
    return lambda handler: Lengths(get_broker(handler), outboxes)


def all_queue_names(handler: Any) -> list[str]:
    """Return the queues of the app and of the workers: Flower's own answer lacks those that no worker has read yet."""
    declared = {queue.name for queue in handler.capp.conf.task_queues or []}
    workers = handler.application.workers.values()
    return sorted(declared.union(queue["name"] for worker in workers for queue in worker.get("active_queues", [])))


def with_messages(show: Callable[[Any], Awaitable[None]]) -> Callable[[Any], Awaitable[None]]:
    async def show_all(handler: Any) -> None:
        MESSAGES.clear()
        try:
            rows = await handler.get_broker().queues(handler.get_active_queue_names())
        except redis.RedisError:
            # No figure is better than an old one.
            rows = []
        for row in rows:
            MESSAGES.labels(row["name"]).set(row["messages"])
        await show(handler)

    return show_all


password = Settings.from_env().segxero_password
if not (password and password.isascii()):
    sys.exit("Flower can stop workers and is closed: set SEGXERO_PASSWORD (ASCII), then log in as segxero with it.")

basic_auth = [f"segxero:{password}"]
cookie_secret = hashlib.scrypt(password.encode(), salt=b"segxero flower cookie", n=2**14, r=8, p=1).hex()
max_tasks = 10_000

BaseHandler.get_broker = with_lengths(BaseHandler.get_broker, Outboxes())
BaseHandler.get_active_queue_names = all_queue_names
# Flower leaves its metrics open to everybody.
Metrics.get = web.authenticated(with_messages(Metrics.get))
