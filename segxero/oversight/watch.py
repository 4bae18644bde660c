"""The watch: every few seconds it alerts people to new causes and ends alerts whose cause is gone. Run by the schedule.

Dead letters, parked records, backlog and Redis' settings are found by looking; their alert ends when a look no longer
finds them. Processes report refused connections, bad signatures and faults; such an alert ends after a quiet period
with successful calls.
"""

from collections.abc import Iterable

from segxero.oversight.sighting import Sight, Sighting
from segxero.oversight.solved import Followed
from segxero.store import keys, server
from segxero.store.client import Store
from segxero.store.locks import exclusively
from segxero.telemetry.alerts import BOOKS, FAULT, LETTERS, PARKED, RECONNECT, SIGNATURE, UNBOOKED, Alerts, Cause, Told
from segxero.telemetry.figures import CALLS, EVENTS

LOCK_SECONDS = 30
QUIET_SECONDS = {RECONNECT: 330, SIGNATURE: 300, FAULT: 3600}  # a paused queue tries every 300 s to reconnect


class Watch:
    """Looks with all *sights*."""

    def __init__(self, client: Store, alerts: Alerts, sights: Iterable[Sight]) -> None:
        self._redis = client
        self._alerts = alerts
        self._sights = tuple(sights)
        self._seen_by_looking = {kind for sight in self._sights for kind in sight.kinds}
        self._followed = Followed(client)

    def look(self) -> dict[str, int]:
        """Raise new alerts and end old ones; return both numbers. Do nothing while another process looks."""
        with exclusively(self._redis, keys.WATCHING, LOCK_SECONDS) as lock:
            return self._look() if lock else {}

    def _look(self) -> dict[str, int]:
        # Read before looking: after a long stop, this process must not end alerts raised by another in the meantime.
        opened = self._alerts.open()
        found = {one.cause.id: one for sight in self._sights for one in sight.look()}
        new = 0
        for one in found.values():
            new += self._alerts.call(one.cause, one.message, one.next_step, count=one.count)
            self._followed.follow(one.cause.id, one.places)
        now = server.now(self._redis)
        over = [told for name, told in opened.items() if name not in found and self._is_over(told, now)]
        return {"alerts": new, "recovered": sum(self._end(told, found.values()) for told in over)}

    def _is_over(self, told: Told, now: float) -> bool:
        kind = told.cause.kind
        if kind in self._seen_by_looking:
            return True
        if kind == BOOKS:
            return False  # check/books/alerts.py ends it
        if kind == RECONNECT and not told.cause.organisation:
            return False  # a shared connection: connecting again ends it
        # Quiet alone proves nothing: calls must have succeeded since.
        if now - told.seen_at < QUIET_SECONDS.get(kind, QUIET_SECONDS[FAULT]):
            return False
        fields = proofs(told.cause)
        good = sum(int(number or 0) for number in self._redis.hmget(keys.COUNTS, fields)) if fields else None
        return good is None or good > told.proof

    def _end(self, told: Told, found: Iterable[Sighting]) -> bool:
        """Tell the end of *told*, unless its records are on their way or fail in another way; return whether told."""
        if told.cause.kind == UNBOOKED:
            self._alerts.close(told)
            return False
        if told.cause.kind not in (PARKED, LETTERS):
            return self._alerts.recovered(told)
        blocked = {(place.organisation, place.ref) for one in found for place in one.places}
        outcome = self._followed.find_outcome(told, blocked)
        if outcome.on_their_way:
            return False  # a later look sees how they end
        sentence = outcome.spell(told)
        is_told = self._alerts.recovered(told, sentence) if sentence else self._alerts.close(told) and False
        self._followed.forget(told)
        return is_told


def proofs(cause: Cause) -> tuple[str, ...]:
    """Return the counters growing once *cause* is repaired; empty if only silence shows it."""
    if cause.kind == RECONNECT:
        return tuple(CALLS.field(cause.organisation, kind, "200") for kind in ("read", "write"))
    if cause.kind == SIGNATURE:
        return (EVENTS.field("accepted"),)
    return ()
