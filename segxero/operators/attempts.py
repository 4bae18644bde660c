"""Limits password guessing: counts wrong passwords per address, and for all unknown addresses together.

Called by the door at each sign-in; right passwords and open sessions are not counted. An address is *known* for 30 days
after a right password. Known addresses have their own limit of ten, so guessing from many unknown addresses cannot lock
an operator out. An unknown operator can sign in as soon as the oldest of the hundred attempts is 15 minutes old.
"""

import math
import time
from ipaddress import IPv6Address, ip_address, ip_network

from limits import RateLimitItemPerDay, RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter

from segxero.store import keys
from segxero.store.client import Store

OF_AN_ADDRESS = RateLimitItemPerMinute(10, 15, namespace="address")
OF_STRANGERS = RateLimitItemPerMinute(100, 15, namespace="strangers")
KNOWN = RateLimitItemPerDay(1, 30, namespace="known")
SIXTY_FOUR = 64  # bits of an IPv6 network; a client can change the remaining bits at will


class Attempts:
    """Counts wrong passwords in *storage* and tells an address how long to wait."""

    def __init__(self, storage: RedisStorage | MemoryStorage) -> None:
        self._window = MovingWindowRateLimiter(storage)

    @classmethod
    def shared(cls, store: Store) -> "Attempts":
        """Return a counter in Redis, shared by all processes."""
        pool = store.connection_pool
        return cls(RedisStorage("redis://", connection_pool=pool, key_prefix=keys.ATTEMPTS))

    def seconds_to_wait(self, address: str) -> int:
        """Return the seconds until *address* may try a password; 0 means now."""
        client = _client(address)
        if not self._window.test(OF_AN_ADDRESS, client):
            return self._seconds(OF_AN_ADDRESS, client)
        # Known addresses skip this limit, so strangers cannot lock them out.
        if self._is_stranger(client) and not self._window.test(OF_STRANGERS):
            return self._seconds(OF_STRANGERS)
        return 0

    def count_wrong(self, address: str) -> int:
        """Count a wrong password. Return the seconds to wait if parallel attempts reached the limit, else 0."""
        client = _client(address)
        if not self._window.hit(OF_AN_ADDRESS, client):
            return self._seconds(OF_AN_ADDRESS, client)
        if self._is_stranger(client) and not self._window.hit(OF_STRANGERS):
            return self._seconds(OF_STRANGERS)
        return 0

    def remember_right(self, address: str) -> None:
        """Mark *address* as known for the next 30 days."""
        self._window.clear(KNOWN, _client(address))
        self._window.hit(KNOWN, _client(address))

    def _is_stranger(self, client: str) -> bool:
        return self._window.test(KNOWN, client)

    def _seconds(self, limit: RateLimitItemPerMinute, *names: str) -> int:
        return max(1, math.ceil(self._window.get_window_stats(limit, *names).reset_time - time.time()))


def _client(address: str) -> str:
    """Return a digest of the address, so that Redis stores no address of a person."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return keys.digest(address)
    if isinstance(parsed, IPv6Address):
        return keys.digest(str(parsed.ipv4_mapped or ip_network((parsed, SIXTY_FOUR), strict=False)))
    return keys.digest(str(parsed))
