"""Blocked records: dead letters and parked records waiting for a person, grouped by cause, with their money.

Read by `segxero dead-letters` and the console.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from segxero import jsontext
from segxero.dead_letters import DeadLetter, DeadLetters
from segxero.store import keys
from segxero.store.client import Store
from segxero.sync.orders.turn import ASKED
from segxero.sync.records.record import Record, load
from segxero.telemetry.causes import NO_OBSTACLE, Obstacle, find_cause
from segxero.xero.objects.table import RECORD_QUEUES

PARKED = "Parked"  # shown in place of an error's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """A record or event waiting for a person, with its dead *letter* if there is one."""

    organisation: str
    queue: str
    object: str
    key: str
    error: str
    message: str
    next_step: str
    since: datetime
    amount: Decimal | None = None
    currency: str = ""
    letter: DeadLetter | None = None
    obstacle: Obstacle = NO_OBSTACLE

    @property
    def cause(self) -> str:
        """The cause in words, shared by all records that the same repair frees."""
        return find_cause(self.message, self.obstacle)

    @property
    def cause_id(self) -> str:
        """The id shared by all records that the same repair frees."""
        return keys.digest(f"{self.organisation}|{self.error}|{self.cause}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Selects blocked records: by equal values, part of the key, minimum age, or cause. Empty values match all."""

    organisation: str = ""
    queue: str = ""
    error: str = ""
    key: str = ""
    age_seconds: float = 0.0
    cause_id: str = ""

    def fits(self, blocked: Blocked, now: datetime) -> bool:
        """Return whether *blocked* matches at the time *now*."""
        return (
            self.organisation in ("", blocked.organisation)
            and self.queue in ("", blocked.queue)
            and self.error.lower() in ("", blocked.error.lower())
            and self.key in blocked.key
            and (now - blocked.since).total_seconds() >= self.age_seconds
            and (not self.cause_id or self.cause_id == blocked.cause_id)
        )


@dataclass(slots=True, kw_only=True)
class BlockedCause:
    """The records that one repair frees: their number, age, money by currency, and the ids of their dead *letters*."""

    id: str
    organisation: str
    queue: str
    error: str
    cause: str
    next_step: str
    since: datetime
    count: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)
    letters: list[str] = field(default_factory=list)


class Blockage:
    """Finds everything in *organisations* waiting for a person."""

    def __init__(self, client: Store, letters: DeadLetters, organisations: Iterable[str]) -> None:
        self._redis = client
        self._letters = letters
        self._organisations = tuple(organisations)

    def letters(self, wanted: Filter) -> list[Blocked]:
        """Return the dead letters matching *wanted*, newest first."""
        now = datetime.now(UTC)
        return [found for found in map(_of_letter, self._letters) if wanted.fits(found, now)]

    def parked(self, wanted: Filter) -> list[Blocked]:
        """Return the parked records waiting for a person and matching *wanted*."""
        now = datetime.now(UTC)
        return [found for found in self._parked() if wanted.fits(found, now)]

    def causes(self, wanted: Filter) -> list[BlockedCause]:
        """Return the causes of all of them, sorted by the number of records, largest first."""
        causes: dict[str, BlockedCause] = {}
        for one in [*self.letters(wanted), *self.parked(wanted)]:
            cause = causes.setdefault(
                one.cause_id,
                BlockedCause(
                    id=one.cause_id,
                    organisation=one.organisation,
                    queue=one.queue,
                    error=one.error,
                    cause=one.cause,
                    next_step=one.next_step,
                    since=one.since,
                ),
            )
            cause.count += 1
            cause.letters += [one.letter.id] if one.letter else []
            cause.since = min(cause.since, one.since)
            if one.amount is not None:
                cause.sums[one.currency] = cause.sums.get(one.currency, Decimal(0)) + one.amount
        return sorted(causes.values(), key=lambda cause: (-cause.count, cause.since, cause.cause))

    def _parked(self) -> Iterator[Blocked]:
        for organisation in self._organisations:
            for queue in RECORD_QUEUES:
                refs = self._redis.zrange(keys.parked(organisation, queue), 0, -1)
                for ref, record in load(self._redis, organisation, refs).items():
                    if record.stuck:
                        yield _of_record(record, queue, self._since(organisation, ref))

    def _since(self, organisation: str, ref: str) -> datetime:
        settled = self._redis.hget(keys.record(organisation, ref), "settled_at")
        return datetime.fromtimestamp(float(settled or 0), UTC)


def _of_letter(letter: DeadLetter) -> Blocked:
    return Blocked(
        organisation=letter.organisation,
        queue=letter.queue,
        object=letter.object,
        key=letter.key,
        error=letter.error,
        message=letter.message,
        next_step=letter.next_step,
        since=datetime.fromisoformat(letter.failed_first_at),
        amount=_amount(letter.amount),
        currency=letter.currency,
        letter=letter,
    )


def _of_record(record: Record, queue: str, since: datetime) -> Blocked:
    amount, currency = _find_money(record)
    return Blocked(
        organisation=record.organisation,
        queue=queue,
        object=record.object,
        key=record.key,
        error=PARKED,
        message=record.reason,
        obstacle=record.obstacle,
        next_step="follow the message; the record then goes out by itself, or by a replay",
        since=since,
        amount=amount,
        currency=currency,
    )


def _find_money(record: Record) -> tuple[Decimal | None, str]:
    """Return the money that waits with *record*: of an order, that of its open questions."""
    asked = jsontext.loads(record.remembered.get(ASKED) or "[]")
    if not asked:
        return _amount(record.fields.get("Total")), str(record.fields.get("CurrencyCode") or "")
    sums = [_amount(each["amount"]) or Decimal(0) for each in asked]
    return sum(sums, Decimal(0)), str(asked[0]["currency"])


def _amount(value: object) -> Decimal | None:
    try:
        return Decimal(str(value)) if value not in (None, "") else None
    except InvalidOperation:
        return None
