"""Wrong passwords are counted: for each address, and for all strangers together.

A right password counts nothing, and a session that is open asks nothing of this. Whoever guesses from many addresses
uses up the strangers' attempts, not those of an address from which the right password came in the last 30 days: such an
address has its own ten only, so nobody else can lock it out. A stranger with the right password comes in as soon as one
of the hundred is 15 minutes old.
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
SIXTY_FOUR = 64  # bits that name the network of an IPv6 client; it chooses the others as it likes


class Attempts:
    """Counts the wrong passwords in *storage* and says who must wait."""

    def __init__(self, storage: RedisStorage | MemoryStorage) -> None:
        self._window = MovingWindowRateLimiter(storage)

    @classmethod
    def shared(cls, store: Store) -> "Attempts":
        """Count in Redis, for all processes together."""
        pool = store.connection_pool
        return cls(RedisStorage("redis://", connection_pool=pool, key_prefix=keys.ATTEMPTS))

    def wait(self, address: str) -> int:
        """Return the seconds after which *address* may try a password; 0 is now."""
        client = _client(address)
        if not self._window.test(OF_AN_ADDRESS, client):
            return self._seconds(OF_AN_ADDRESS, client)
        if self._is_stranger(client) and not self._window.test(OF_STRANGERS):
            return self._seconds(OF_STRANGERS)
        return 0

    def wrong(self, address: str) -> int:
        """Count a wrong password; return 0, or the seconds to wait when others have used up the attempts meanwhile."""
        client = _client(address)
        if not self._window.hit(OF_AN_ADDRESS, client):
            return self._seconds(OF_AN_ADDRESS, client)
        if self._is_stranger(client) and not self._window.hit(OF_STRANGERS):
            return self._seconds(OF_STRANGERS)
        return 0

    def right(self, address: str) -> None:
        """Note that the right password came from *address*: its 30 days begin anew."""
        self._window.clear(KNOWN, _client(address))
        self._window.hit(KNOWN, _client(address))

    def _is_stranger(self, client: str) -> bool:
        return self._window.test(KNOWN, client)

    def _seconds(self, limit: RateLimitItemPerMinute, *names: str) -> int:
        return max(1, math.ceil(self._window.get_window_stats(limit, *names).reset_time - time.time()))


def _client(address: str) -> str:
    """Name a client by a digest: Redis need not hold the addresses of people."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return keys.digest(address)
    if isinstance(parsed, IPv6Address):
        return keys.digest(str(parsed.ipv4_mapped or ip_network((parsed, SIXTY_FOUR), strict=False)))
    return keys.digest(str(parsed))
