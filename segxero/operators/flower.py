"""Flower, closed by SEGXERO_PASSWORD, with every queue, the dead letters and the outboxes in view.

docker/flowerconfig.py installs this into Flower's handlers. No other process has Flower's modules, so only that file
may import this one.
"""

import base64
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import redis
from flower.views import BaseHandler  # type: ignore[import-untyped]
from flower.views.monitor import Metrics  # type: ignore[import-untyped]
from limits.storage import MemoryStorage
from prometheus_client import Gauge
from tornado import web

from segxero.operators.attempts import Attempts
from segxero.operators.headers import security_headers
from segxero.operators.hops import Hops
from segxero.operators.password import Password
from segxero.settings import LOOPBACK, Settings
from segxero.store import keys

# Looking for outboxes reads the name of every key, so it is done rarely; their lengths are read every time.
SECONDS_BETWEEN_SEARCHES = 60
KEYS_PER_STEP = 5000
USER = "segxero"

MESSAGES = Gauge("segxero_queue_messages", "Messages, dead letters or records that wait at this moment.", ["queue"])


class Outboxes:
    """The outboxes seen since Flower started; an empty outbox is no longer a key of Redis."""

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


def add_lengths(get_broker: Callable[[Any], Any], outboxes: Outboxes) -> Callable[[Any], Lengths]:
    return lambda handler: Lengths(get_broker(handler), outboxes)


def list_queue_names(handler: Any) -> list[str]:
    """Return the queues of the app and of the workers: Flower's own answer lacks those that no worker has read yet."""
    declared = {queue.name for queue in handler.capp.conf.task_queues or []}
    workers = handler.application.workers.values()
    return sorted(declared.union(queue["name"] for worker in workers for queue in worker.get("active_queues", [])))


def add_messages(show: Callable[[Any], Awaitable[None]]) -> Callable[[Any], Awaitable[None]]:
    async def show_all(handler: Any) -> None:
        MESSAGES.clear()
        try:
            rows = await handler.get_broker().queues(handler.get_active_queue_names())
        except redis.RedisError:
            # A missing figure is better than an old figure.
            rows = []
        for row in rows:
            MESSAGES.labels(row["name"]).set(row["messages"])
        await show(handler)

    return show_all


class FlowerDoor:
    """Lets in who has SEGXERO_PASSWORD by HTTP Basic as user segxero; Flower's own check fails at text beyond ASCII.

    Wrong passwords are counted in this process alone, so that Flower's door holds while Redis is away.
    """

    def __init__(self, settings: Settings) -> None:
        self.password = Password(settings.segxero_password)
        self._attempts = Attempts(MemoryStorage())
        self._hops = Hops(settings.trusted_proxies)

    def admit(self, handler: Any) -> bool:
        """Return True. Raise web.HTTPError, or web.Finish when too many wrong passwords came."""
        address, is_secure = self.seen(handler)
        if not is_secure and handler.request.host_name.strip("[]") not in LOOPBACK:
            raise web.HTTPError(403, "Open Flower by https; http is for this machine only.")
        given = _given(handler.request.headers.get("Authorization", ""))
        if given is None:
            raise web.HTTPError(401)
        wait = self._attempts.seconds_to_wait(address)
        if not wait and self.password.is_right(given):
            self._attempts.remember_right(address)
            return True
        wait = wait or self._attempts.count_wrong(address)
        if not wait:
            raise web.HTTPError(401)
        # An HTTPError would lose the header.
        handler.set_status(429)
        handler.set_header("Retry-After", str(wait))
        handler.finish("Too many wrong passwords.")
        raise web.Finish

    def seen(self, handler: Any) -> tuple[str, bool]:
        """Return the client's address, and whether it came by https."""
        request = handler.request
        said = (request.headers.get(name, "") for name in ("X-Forwarded-For", "X-Forwarded-Proto"))
        address, scheme = self._hops.resolve_client(request.remote_ip, request.protocol, *said)
        return address, scheme == "https"


def _given(header: str) -> str | None:
    """Return the password of an Authorization header; None when it is not HTTP Basic of the user segxero."""
    try:
        scheme, _, credentials = header.partition(" ")
        user, _, given = base64.b64decode(credentials.strip(), validate=True).decode().partition(":")
    except ValueError:
        return None
    return given if (scheme.lower(), user) == ("basic", USER) else None


def secure_cookies(set_cookie: Callable[..., None], door: FlowerDoor) -> Callable[..., None]:
    def set_safely(handler: Any, name: str, value: str, **options: Any) -> None:
        set_cookie(handler, name, value, **{**options, "secure": door.seen(handler)[1], "samesite": "Strict"})

    return set_safely


def add_headers(set_default_headers: Callable[[Any], None], door: FlowerDoor) -> Callable[[Any], None]:
    def set_all(handler: Any) -> None:
        set_default_headers(handler)
        for name, value in security_headers(is_secure=door.seen(handler)[1]).items():
            handler.set_header(name, value)

    return set_all


def install(settings: Settings) -> None:
    """Put the door, the lengths and the headers into Flower's handlers. End the process when no password is set."""
    door = FlowerDoor(settings)
    if not door.password:
        sys.exit("Flower can stop workers and is closed: set SEGXERO_PASSWORD, then log in as segxero with it.")
    BaseHandler.get_current_user = lambda handler: door.admit(handler)  # noqa: PLW0108 - a bound method takes no handler
    BaseHandler.set_cookie = secure_cookies(BaseHandler.set_cookie, door)
    BaseHandler.set_default_headers = add_headers(BaseHandler.set_default_headers, door)
    BaseHandler.get_broker = add_lengths(BaseHandler.get_broker, Outboxes())
    BaseHandler.get_active_queue_names = list_queue_names
    # Flower leaves its metrics open to everybody.
    Metrics.get = web.authenticated(add_messages(Metrics.get))
