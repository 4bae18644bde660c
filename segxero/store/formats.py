"""The format of the data in Redis, as a number: newer code brings older data up to it, older code stays away.

Most changes need no step: a field that older entries lack has a default, and a Celery message says by the name of its
task, and by nothing else, which code it is for.

To change the form of stored data: add one to FORMAT, add the step from the old number to STEPS (it may be run again
after it was interrupted, so it must not mind its own work), and a fixture of the old form to tests/formats.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from segxero.errors import ConfigError
from segxero.store import keys, server
from segxero.store.client import Store

FORMAT = 1
OLDEST = 1  # the format of data that was written before there was a number
Step: TypeAlias = Callable[[Store], None]
STEPS: Mapping[int, Step] = {}  # number -> the step from its format to the next

NUMBER, KNOWS_SINCE, ALIVE_AT = "number", "knows_since", "alive_at"
EVER = ""  # since when Redis knows: before all times
LOCK_SECONDS = 60.0
GAP_SECONDS = 60  # Redis was not written to for longer than the schedule ever is silent: it may be an old backup


def settle(client: Store, steps: Mapping[int, Step] = STEPS, newest: int = FORMAT) -> int:
    """Bring Redis to the format *newest*, in a single process at a time; return its number.

    Raise ConfigError when it holds a newer format.
    """
    found = number(client)
    if found < newest:
        with client.lock(f"{keys.FORMAT}:settling", timeout=LOCK_SECONDS, blocking_timeout=2 * LOCK_SECONDS) as lock:
            # Another process may have settled it while we waited for the lock.
            found = number(client) or _begin(client, newest)
            while found < newest:
                steps[found](client)
                found += 1
                client.hset(keys.FORMAT, NUMBER, found)
                lock.reacquire()
    refuse_newer(client, newest)
    keep(client)
    return found


def refuse_newer(client: Store, newest: int = FORMAT) -> None:
    """Raise ConfigError when Redis holds a format that is newer than *newest*."""
    if (found := number(client)) > newest:
        raise ConfigError(
            f"Redis holds data of format {found}, and this version of segxero knows formats up to {newest}: install"
            " the version that wrote it, or a later one, or restore the backup that was made before the upgrade"
        )


def keep(client: Store) -> None:
    """Note that Redis is in use, and notice a Redis that lost everything or was restored from an old backup.

    The schedule calls it every few seconds, so a gap since the last call says that something was away. A gap without
    loss is cheap: Xero is asked before the oldest waiting records are sent.
    """
    now = int(server.now(client))
    known, alive_at = client.hmget(keys.FORMAT, KNOWS_SINCE, ALIVE_AT)
    # A Redis without the field is new or lost everything; a long gap may hide a restored backup.
    if known is None or now - int(alive_at or now) > GAP_SECONDS:
        know_since(client)
    client.hsetnx(keys.FORMAT, NUMBER, FORMAT)
    client.hset(keys.FORMAT, ALIVE_AT, now)


def know_since(client: Store, moment: str | None = None) -> None:
    """Note that Redis may lack work that was done before *moment* (default: now)."""
    client.hset(keys.FORMAT, KNOWS_SINCE, _now() if moment is None else moment)


def knows_since(client: Store) -> str | None:
    """Return since when Redis knows everything sent to Xero, as in stamps; None when it does not say."""
    found = client.hget(keys.FORMAT, KNOWS_SINCE)
    return None if found is None else str(found)


def number(client: Store) -> int:
    """Return the number of the format in Redis; 0 where it has none."""
    return int(client.hget(keys.FORMAT, NUMBER) or 0)


def _begin(client: Store, newest: int) -> int:
    """Give a Redis its first number: it is new, or older than the numbers."""
    is_old = bool(client.exists(keys.MAPPINGS_SEEN))  # the first that the schedule writes
    begins = OLDEST if is_old else newest
    client.hset(keys.FORMAT, mapping={NUMBER: begins, KNOWS_SINCE: EVER if is_old else _now()})
    return begins


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"
