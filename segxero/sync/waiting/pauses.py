"""Pauses: an organisation that Xero does not let in rests until somebody connects it again; then it goes on at once."""

from segxero.errors import AuthenticationError
from segxero.store import keys
from segxero.store.client import Store
from segxero.sync.waiting.wakes import Wakes
from segxero.telemetry.alerts import RECONNECT, Alerts
from segxero.xero.objects.table import QUEUES

REASON_SECONDS = 360  # longer than the rest after which Xero is tried again


class Pauses:
    """The pauses of all organisations, shared by all processes through Redis."""

    def __init__(self, client: Store, wakes: Wakes, alerts: Alerts) -> None:
        self._redis = client
        self._wakes = wakes
        self._alerts = alerts

    def begin(self, organisation: str, error: AuthenticationError) -> None:
        """Note that Xero has just not let *organisation* in."""
        self._redis.set(keys.paused(organisation), str(error), ex=REASON_SECONDS)

    def reason(self, organisation: str) -> str:
        """Return why *organisation* is paused; '' when it is not."""
        return self._redis.get(keys.paused(organisation)) or ""

    def end(self, organisation: str, shared: str) -> None:
        """Let *organisation* go on at once: it, and what it *shared*, is connected again."""
        self._redis.delete(keys.paused(organisation))
        for told in self._alerts.open().values():
            concerns = told.cause.organisation or told.cause.object
            if told.cause.kind == RECONNECT and concerns in (organisation, shared):
                self._alerts.recovered(told)
        for queue in QUEUES:
            self._redis.delete(keys.hold(organisation, queue))
            self._wakes.wake(organisation, queue)
