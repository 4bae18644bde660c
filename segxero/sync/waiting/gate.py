"""The gate decides whether a queue of an organisation may call Xero now, or how long it must wait.

Four things close it: an operator's hold, a pause (Xero's Retry-After, or the rest after a failed turn), a connection
that Xero refuses, and an outage, whose probes the breaker lets through. The longest of them decides, and a later pause
never shortens an earlier, longer pause. An operator's hold has a key of its own: only the operator ends it.

Called by the deliverer before each turn, by the workers after a failed turn, by Connecting, and by `segxero links`.
"""

from segxero.errors import AuthenticationError, RetryableError
from segxero.store import keys, scripts
from segxero.store.client import Store
from segxero.sync.waiting.breaker import Breaker, Clearance, Outage
from segxero.sync.waiting.wakes import Wakes
from segxero.xero.objects.table import QUEUES, RECORD_QUEUES

HOLD_SECONDS = 86_400.0  # an operator who forgets the release loses a day, not the deliveries
REFUSED_SECONDS = 300.0  # how often an organisation that Xero refuses is tried without a reconnection
REFUSAL_SHOWN_SECONDS = 360  # a little longer, so that the console does not flicker between two tries
OLD_VALUE = "1"  # earlier versions wrote it for every hold and pause, all under the key of the pause


class Gate:
    """The gates of all organisations, shared by all processes through Redis."""

    def __init__(self, client: Store, breaker: Breaker, wakes: Wakes) -> None:
        self._redis = client
        self._breaker = breaker
        self._wakes = wakes
        self._pause = scripts.script(client, "segxero.sync.waiting", "pause")

    def wait_seconds(self, organisation: str, queue: str) -> float:
        """Return how long *queue* must wait, 0 when it may call; asking changes nothing."""
        paused = self.pause_seconds(organisation, queue)
        # The write-back calls Segment: no outage of Xero concerns it.
        return max(paused, self._breaker.wait_seconds(organisation, queue)) if queue in QUEUES else paused

    def pause_seconds(self, organisation: str, queue: str) -> float:
        """Return how long an operator's hold or a pause still closes *queue*, whether or not Xero is down."""
        pipe = self._redis.pipeline(transaction=False)
        pipe.pttl(keys.pause(organisation, queue))
        if queue in QUEUES:
            pipe.pttl(keys.operator_hold(organisation))
        return max(0, *map(int, pipe.execute())) / 1000

    def admit(self, organisation: str, queue: str) -> Clearance:
        """Let *queue* call, or say how long it must wait.

        A call that is let through ends in `meet_outage`, `hear_answer` or `give_back`.
        """
        # A closed queue must not take the probe of an outage: it would not call, and nobody else would for a minute.
        if paused := self.pause_seconds(organisation, queue):
            return Clearance(wait_seconds=paused)
        return self._breaker.admit(organisation, queue)

    def meet_outage(self, organisation: str, queue: str, admission: Clearance, error: RetryableError) -> float:
        """Note that the call met the outage of *error*; return the seconds until the queue's next try."""
        return self._breaker.meet_outage(organisation, queue, admission, error)

    def hear_answer(self, organisation: str, queue: str) -> None:
        """Note that Xero answered; when that ends an outage, all queues go on at once."""
        if self._breaker.hear_answer(organisation, queue):
            for each in QUEUES:
                self._wakes.wake_now(organisation, each)

    def give_back(self, organisation: str, admission: Clearance) -> None:
        """Let another queue be the probe: the turn made no call after all."""
        self._breaker.give_back(organisation, admission)

    def find_outage(self, organisation: str) -> Outage | None:
        """Return the outage that lasts, or None."""
        return self._breaker.find_outage(organisation)

    def pause(self, organisation: str, queue: str, seconds: float, reason: str) -> None:
        """Close *queue* for *seconds*; a longer pause that lasts stays, with its reason."""
        self._pause(keys=[keys.pause(organisation, queue)], args=[max(int(seconds * 1000), 1), reason])

    def refuse_connection(self, organisation: str, queue: str, error: AuthenticationError) -> None:
        """Close *queue*, whose call Xero refused for lack of a connection, until it is tried or connected again."""
        self.note_refusal(organisation, error)
        self.pause(organisation, queue, REFUSED_SECONDS, str(error))

    def note_refusal(self, organisation: str, error: AuthenticationError) -> None:
        """Note why Xero refuses the connection of *organisation*, for those who look."""
        self._redis.set(keys.refusal(organisation), str(error), ex=REFUSAL_SHOWN_SECONDS)

    def find_refusal(self, organisation: str) -> str:
        """Return why Xero refuses the connection of *organisation*; '' when it does not."""
        return self._redis.get(keys.refusal(organisation)) or ""

    def resume(self, organisation: str) -> None:
        """End the pauses of *organisation*, which is connected again, and wake its queues; an operator's hold stays."""
        self._redis.delete(keys.refusal(organisation))
        for queue in QUEUES:
            key = keys.pause(organisation, queue)
            # A long pause of an earlier version may be an operator's hold: its value does not say whose it is.
            is_short = self._redis.get(key) != OLD_VALUE or int(self._redis.pttl(key)) <= REFUSED_SECONDS * 1000
            if is_short and self._redis.delete(key):
                # A wake-up that was announced for the end of the pause would come up to four minutes later.
                self._wakes.wake_now(organisation, queue)
            else:
                self._wakes.wake(organisation, queue)

    def hold_all(self, organisation: str, seconds: float = HOLD_SECONDS) -> None:
        """Close all queues of *organisation* for an operator, until *seconds* are over or `release`."""
        self._pause(keys=[keys.operator_hold(organisation)], args=[int(seconds * 1000), "held by an operator"])

    def release(self, organisation: str) -> None:
        """End the operator's hold, and wake the queues; pauses and outages stay."""
        self._redis.delete(keys.operator_hold(organisation))
        for queue in QUEUES:
            key = keys.pause(organisation, queue)
            if self._redis.get(key) == OLD_VALUE:
                self._redis.delete(key)
        for queue in RECORD_QUEUES:
            self._wakes.wake_now(organisation, queue)

    def is_calling(self, organisation: str) -> bool:
        """Tell whether a turn that was admitted before a hold may still call Xero."""
        return bool(self._redis.exists(*(keys.lock(organisation, queue) for queue in QUEUES)))
