"""Imports: a history goes into the inbox in portions that Redis can hold, and goes on where it stood after a break."""

import time
from collections.abc import Iterable, Sequence

from segxero.store import keys
from segxero.store.client import Store
from segxero.sync.folding.inbox import HISTORY, Arrival, Inbox

PORTION = 500  # lines whose events are kept together, with the mark how far the file has come
MOST_WAITING = 5000  # imported events in the inbox; more would take Redis' memory and nobody's time
LOOK_SECONDS = 0.5


class Imports:
    """Feeds the events of files to the *inbox*."""

    def __init__(self, client: Store, inbox: Inbox) -> None:
        self._redis = client
        self._inbox = inbox

    def taken(self, mark: str) -> int:
        """Return the number of lines taken already from the choice named by *mark*."""
        return int(self._redis.hget(keys.IMPORTS, mark) or 0)

    def take(self, mark: str, lines: Iterable[tuple[int, Sequence[Arrival]]]) -> int:
        """Keep the arrivals of the numbered *lines* that were not taken yet; return how many are new.

        *mark* names the file's content and what was chosen of it. A crash in between takes a portion again, which does
        no harm.
        """
        before = self.taken(mark)
        portion: list[Arrival] = []
        count = number = new = 0
        for number, arrivals in lines:
            count += 1
            portion += arrivals if number > before else []
            if count == PORTION:
                new += self._keep(mark, number, portion)
                portion, count = [], 0
        return new + self._keep(mark, number, portion)

    def _keep(self, mark: str, number: int, arrivals: Sequence[Arrival]) -> int:
        if not arrivals:
            return 0
        while self._waiting() > MOST_WAITING:
            time.sleep(LOOK_SECONDS)
        new = self._inbox.accept(arrivals, disposition="imported")
        self._redis.hset(keys.IMPORTS, mark, number)
        return new

    def _waiting(self) -> int:
        counted = self._redis.hgetall(keys.INBOX_WAITING)
        return sum(int(number) for name, number in counted.items() if name.endswith(HISTORY))
