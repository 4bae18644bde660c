"""The connection to Redis, our only store."""

from typing import Any, TypeAlias

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

# redis-py types every answer as bytes or str; ours are always str, because connect() asks for that.
Store: TypeAlias = Any


def connect(url: str, *, connect_seconds: float = 5.0, answer_seconds: float = 10.0) -> Store:
    """Make a client for *url* that answers str, gives up after the seconds given and never retries by itself.

    Nothing is sent until the first command. How the certificate of a rediss:// address is verified stands in it.
    """
    return redis.Redis.from_url(
        url,
        decode_responses=True,
        socket_connect_timeout=connect_seconds,
        socket_timeout=answer_seconds,
        socket_keepalive=True,
        retry=Retry(NoBackoff(), 0),
    )
