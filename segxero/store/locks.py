"""Locks in Redis: a single process at a time over all hosts.

Turns, the expiry, the write-back and the watch take them.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from redis.exceptions import LockError
from redis.lock import Lock

from segxero.store.client import Store


@contextmanager
def exclusively(store: Store, name: str, seconds: float) -> Iterator[Lock | None]:
    """Hold the lock *name* for the block, at most for *seconds*; yield None when somebody else holds it."""
    lock = store.lock(name, timeout=seconds, thread_local=False)
    if not lock.acquire(blocking=False):
        yield None
        return
    try:
        yield lock
    finally:
        # A block that took longer than its lock has nothing to release: the lock may be the next holder's by now.
        with suppress(LockError):
            lock.release()
