"""Counters that all processes share: one Redis hash, name -> number."""

from segxero import keys
from segxero.store import Store


class Counts:
    """Counts what happens: `events_accepted`, `records_delivered`, `calls_200` …."""

    def __init__(self, client: Store) -> None:
        self._redis = client

    def add(self, name: str, number: int = 1) -> None:
        """Add *number* to the counter *name*. Raise redis.RedisError when Redis does not answer."""
        if number:
            self._redis.hincrby(keys.COUNTS, name, number)

    def all(self) -> dict[str, int]:
        """Return every counter."""
        return {name: int(number) for name, number in self._redis.hgetall(keys.COUNTS).items()}
