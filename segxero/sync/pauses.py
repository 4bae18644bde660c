"""Pauses: an organisation that Xero does not let in rests until somebody connects it again; a person is told once."""

from segxero import keys
from segxero.errors import AuthenticationError
from segxero.store import Store
from segxero.sync.wakes import Wakes
from segxero.xero.objects import QUEUES

TOLD_SECONDS = 86_400  # a pause that lasts is told again after a day


class Pauses:
    """The pauses of all organisations, shared by all workers through Redis."""

    def __init__(self, client: Store, wakes: Wakes) -> None:
        self._redis = client
        self._wakes = wakes

    def begin(self, organisation: str, error: AuthenticationError) -> bool:
        """Note that Xero does not let *organisation* in; tell whether a person must hear of it: once per cause."""
        told = [
            self._redis.set(keys.paused(name), str(error), nx=True, ex=TOLD_SECONDS)
            for name in (organisation, error.shared)
            if name
        ]
        return bool(told[-1])

    def reason(self, name: str) -> str:
        """Return why *name* (an organisation, or what several share) is paused; '' when it is not."""
        return self._redis.get(keys.paused(name)) or ""

    def worked(self, organisation: str) -> bool:
        """Note that Xero took something of *organisation*; tell whether that ends a pause."""
        return bool(self._redis.delete(keys.paused(organisation)))

    def end(self, organisation: str, shared: str) -> None:
        """Let *organisation* go on at once: it, and what it *shared*, is connected again."""
        self._redis.delete(keys.paused(organisation), keys.paused(shared))
        for queue in QUEUES:
            self._redis.delete(keys.hold(organisation, queue))
            self._wakes.wake(organisation, queue)
