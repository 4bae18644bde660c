"""The connection to Redis, our only store."""

import ssl
from typing import Any, TypeAlias

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

# redis-py types every answer as bytes or str; ours are always str, because connect() asks for that.
Store: TypeAlias = Any


def connect(url: str, *, connect_seconds: float = 5.0, answer_seconds: float = 10.0) -> Store:
    """Make a client for *url* that answers str, gives up after the seconds given and never retries by itself.

    Nothing is sent until the first command. Heroku's rediss:// has a self-signed chain: encrypted, not verified.
    """
    options: dict[str, Any] = {"ssl_cert_reqs": ssl.CERT_NONE} if url.startswith("rediss://") else {}
    return redis.Redis.from_url(
        url,
        decode_responses=True,
        socket_connect_timeout=connect_seconds,
        socket_timeout=answer_seconds,
        socket_keepalive=True,
        retry=Retry(NoBackoff(), 0),
        **options,
    )
