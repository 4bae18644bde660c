"""The watch: every few seconds it alerts people to new causes and ends alerts whose cause is gone. Run by the schedule.

Dead letters, parked records, backlog and Redis' settings are found by looking; their alert ends when a look no longer
finds them. Processes report refused connections, bad signatures and faults; such an alert ends after a quiet period
with successful calls.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from segxero import jsontext
from segxero.dead_letters import DeadLetter, DeadLetters
from segxero.errors import SegxeroError
from segxero.store import keys
from segxero.store.client import Store
from segxero.store.locks import exclusively
from segxero.store.server import is_append_only
from segxero.sync.records.hash_fields import FIELDS, OBSTACLE, REASON, STUCK
from segxero.sync.waiting.outbox import Outbox
from segxero.telemetry.alerts import (
    APPEND_ONLY,
    BACKLOG,
    BOOKS,
    FAULT,
    LETTERS,
    PARKED,
    RECONNECT,
    SCOPES,
    SIGNATURE,
    Alerts,
    Cause,
    Told,
)
from segxero.telemetry.causes import Obstacle, anonymise, known_values
from segxero.telemetry.figures import CALLS, EVENTS
from segxero.xero.objects.table import LAST

LOCK_SECONDS = 30
PARKED_PAGE = 1000  # parked records read per queue, longest wait first
BUSY_SHARE = 20  # reading all dead letters pauses for this many times the time it took
SEEN_BY_LOOKING = (LETTERS, PARKED, BACKLOG, APPEND_ONLY, SCOPES)
QUIET_SECONDS = {RECONNECT: 330, SIGNATURE: 300, FAULT: 3600}  # a paused queue tries every 300 s to reconnect


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A *cause* found by looking, with the *count* of records it concerns."""

    cause: Cause
    message: str
    next_step: str
    count: int


class Watch:
    """Watches the *queues* of all *organisations*. A record older than *backlog_seconds* raises an alert.

    *lacking* returns the scopes that mappings need but some organisations did not grant.
    """

    def __init__(
        self,
        client: Store,
        alerts: Alerts,
        outbox: Outbox,
        letters: DeadLetters,
        organisations: Callable[[], Iterable[str]],
        queues: Iterable[str],
        backlog_seconds: float,
        lacking: Callable[[], Mapping[str, list[str]]] = dict,
    ) -> None:
        self._redis = client
        self._alerts = alerts
        self._outbox = outbox
        self._letters = letters
        self._organisations = organisations
        self._queues = tuple(queues)
        self._backlog_seconds = backlog_seconds
        self._lacking = lacking
        self._lettered: tuple[list[Sighting], object, float] = ([], None, 0.0)

    def look(self) -> dict[str, int]:
        """Raise new alerts and end old ones; return both numbers. Do nothing while another process looks."""
        with exclusively(self._redis, keys.WATCHING, LOCK_SECONDS) as lock:
            return self._look() if lock else {}

    def _look(self) -> dict[str, int]:
        # Read before looking: after a long stop, this process must not end alerts that another raised in the meantime.
        opened = self._alerts.open()
        found = {one.cause.id: one for one in self._found()}
        new = sum(self._alerts.call(one.cause, one.message, one.next_step, count=one.count) for one in found.values())
        now = self._outbox.now()
        over = [told for name, told in opened.items() if name not in found and self._is_over(told, now)]
        return {"alerts": new, "recovered": sum(self._alerts.recovered(told) for told in over)}

    def _is_over(self, told: Told, now: float) -> bool:
        kind = told.cause.kind
        if kind in SEEN_BY_LOOKING:
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

    def _found(self) -> Iterator[Sighting]:
        yield from self._dead_letters()
        yield from self._append_only()
        yield from self._scopes()
        for organisation in self._organisations():
            for queue in self._queues:
                if queue not in LAST:
                    yield from self._backlog(organisation, queue)
                yield from self._parked(organisation, queue)

    def _append_only(self) -> Iterator[Sighting]:
        # A server that hides the fact may be append-only, so it raises no alert.
        if is_append_only(self._redis) is False:
            yield Sighting(
                cause=Cause(kind=APPEND_ONLY),
                message="Redis is not append-only: a restart of Redis loses accepted events.",
                next_step="Set `appendonly yes`.",
                count=1,
            )

    def _scopes(self) -> Iterator[Sighting]:
        """Yield scopes needed by changed mappings, before Xero refuses the first call."""
        for scope, organisations in self._lacking().items():
            yield Sighting(
                cause=Cause(kind=SCOPES, object=scope),
                message=f"The mappings need the scope {scope}, which {', '.join(organisations)} did not grant.",
                next_step="Add it to the app in Xero's developer portal and connect again, or undo the change.",
                count=len(organisations),
            )

    def _backlog(self, organisation: str, queue: str) -> Iterator[Sighting]:
        age = self._outbox.oldest_seconds(organisation, queue) or 0.0
        if age > self._backlog_seconds:
            yield Sighting(
                cause=Cause(kind=BACKLOG, organisation=organisation, object=queue),
                message=f"The oldest record in {queue} has waited for {age / 60:.0f} minutes.",
                next_step="Run `segxero status` to see the reason.",
                count=1,
            )

    def _parked(self, organisation: str, queue: str) -> Iterator[Sighting]:
        """Yield parked records waiting for a person, by cause. Records waiting for these are not counted."""
        refs = self._redis.zrange(keys.parked(organisation, queue), 0, PARKED_PAGE - 1)
        pipe = self._redis.pipeline(transaction=False)
        for ref in refs:
            pipe.hmget(keys.record(organisation, ref), STUCK, REASON, OBSTACLE)
        reasons: Counter[tuple[str, str]] = Counter()
        example: dict[tuple[str, str], str] = {}
        for ref, (stuck, reason, obstacle) in zip(refs, pipe.execute(), strict=True):
            if stuck and reason and not Obstacle.from_json(obstacle or "").waits_for:
                group = (ref.partition("|")[0], reason)
                reasons[group] += 1
                example.setdefault(group, ref)
        merged: Counter[Cause] = Counter()
        for (name, reason), number in reasons.items():
            said = anonymise(reason, self._values(organisation, example[name, reason]))
            merged[Cause(kind=PARKED, organisation=organisation, object=name, sentence=said)] += number
        for cause, number in merged.items():
            yield Sighting(
                cause=cause,
                message=f"{number} of {cause.object} parked until somebody acts: {cause.sentence}",
                next_step="Follow the message, in Xero, the mappings or the data; they then go out by themselves.",
                count=number,
            )

    def _values(self, organisation: str, ref: str) -> list[str]:
        stored = self._redis.hgetall(keys.record(organisation, ref))
        texts = [text.partition("\n")[2] for name, text in stored.items() if name.startswith(FIELDS)]
        return [ref.partition("|")[2], *known_values([jsontext.loads(text) for text in texts])]

    def _dead_letters(self) -> list[Sighting]:
        """Return the causes of all dead letters, from memory while the list is unchanged."""
        found, seen, not_before = self._lettered
        now = (len(self._letters), self._redis.lindex(keys.DEAD_LETTERS, 0))
        began = time.monotonic()
        if now == seen or began < not_before:
            return found
        counted: Counter[Cause] = Counter()
        by_error: Counter[str] = Counter()
        for letter in self._letters:
            counted[find_letter_cause(letter)] += 1
            by_error[f"{letter.queue}|{letter.error}"] += 1
        pipe = self._redis.pipeline()
        pipe.delete(keys.LETTER_CAUSES)
        if by_error:
            pipe.hset(keys.LETTER_CAUSES, mapping=by_error)
        pipe.execute()
        found = [_lettered(cause, number) for cause, number in counted.items()]
        ended = time.monotonic()
        self._lettered = (found, now, ended + BUSY_SHARE * (ended - began))
        return found


def find_letter_cause(letter: DeadLetter) -> Cause:
    """Return the cause of *letter* without personal data from its events."""
    said = ""
    if letter.error in OURS:
        known = [letter.key, *(value for text in letter.events for value in _read_values(text))]
        said = anonymise(letter.message, known)
    return Cause(
        kind=LETTERS,
        organisation=letter.organisation,
        object=letter.object or letter.queue,
        error=letter.error,
        sentence=said,
    )


def proofs(cause: Cause) -> tuple[str, ...]:
    """Return the counters that grow once *cause* is repaired; empty if only silence shows it."""
    if cause.kind == RECONNECT:
        return tuple(CALLS.field(cause.organisation, kind, "200") for kind in ("read", "write"))
    if cause.kind == SIGNATURE:
        return (EVENTS.field("accepted"),)
    return ()


def _lettered(cause: Cause, number: int) -> Sighting:
    letters = "1 dead letter" if number == 1 else f"{number} dead letters"
    return Sighting(
        cause=cause,
        message=f"{letters}, {cause.object}: {cause.error} {cause.sentence}".strip(),
        next_step="`segxero dead-letters list` shows the remedy for each.",
        count=number,
    )


def _read_values(text: str) -> Iterator[str]:
    try:
        yield from known_values(jsontext.loads(text))
    except ValueError:
        yield text


def _names(error: type[SegxeroError]) -> Iterator[str]:
    yield error.__name__
    for further in error.__subclasses__():
        yield from _names(further)


OURS = frozenset(_names(SegxeroError))  # only our own errors carry a sentence written for people
