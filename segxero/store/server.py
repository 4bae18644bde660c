"""The Redis server itself: its clock, and whether it keeps what it accepts. Everybody who stores a time asks here."""

import redis

from segxero.store.client import Store


def now(store: Store) -> float:
    """Return the server's clock in seconds: the same clock for all hosts."""
    seconds, micros = store.time()
    return float(seconds) + float(micros) / 1e6


def is_append_only(store: Store) -> bool | None:
    """Tell whether a restart of the server keeps every write; None when it does not say, as some hosted servers."""
    try:
        enabled = store.info("persistence").get("aof_enabled")
    except redis.ResponseError:
        return None
    return None if enabled is None else bool(enabled)
