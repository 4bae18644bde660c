"""What is blocked: dead letters, and records that wait for a person, by cause, with the money that waits with them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from segxero.dead_letters import DeadLetter, DeadLetters
from segxero.store import keys
from segxero.store.client import Store
from segxero.sync.records.record import Record, load
from segxero.telemetry.causes import cause_of
from segxero.xero.objects.table import RECORD_QUEUES

PARKED = "Parked"  # stands where a letter has the name of its error


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """One record or event that waits for a person; *letter* is its dead letter, if it has one."""

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

    @property
    def cause_id(self) -> str:
        """The same for all that one repair frees."""
        return keys.digest(f"{self.organisation}|{self.error}|{cause_of(self.message)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which of the blocked are meant: equal values, a part of the key, at least so many seconds of age, one cause."""

    organisation: str = ""
    queue: str = ""
    error: str = ""
    key: str = ""
    age_seconds: float = 0.0
    cause_id: str = ""

    def fits(self, blocked: Blocked, now: datetime) -> bool:
        """Tell whether *blocked* is meant."""
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
    """What one repair frees: how many, since when, the money by currency, and the ids of the *letters* among it."""

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
    """Everything of *organisations* that waits for a person."""

    def __init__(self, client: Store, letters: DeadLetters, organisations: Iterable[str]) -> None:
        self._redis = client
        self._letters = letters
        self._organisations = tuple(organisations)

    def letters(self, wanted: Filter) -> list[Blocked]:
        """Return the dead letters that are *wanted*, newest first."""
        now = datetime.now(UTC)
        return [found for found in map(_of_letter, self._letters) if wanted.fits(found, now)]

    def parked(self, wanted: Filter) -> list[Blocked]:
        """Return the parked records that nothing but a person frees, and that are *wanted*."""
        now = datetime.now(UTC)
        return [found for found in self._parked() if wanted.fits(found, now)]

    def causes(self, wanted: Filter) -> list[BlockedCause]:
        """Return the causes of all of it, the one that blocks most first."""
        causes: dict[str, BlockedCause] = {}
        for one in [*self.letters(wanted), *self.parked(wanted)]:
            cause = causes.setdefault(
                one.cause_id,
                BlockedCause(
                    id=one.cause_id,
                    organisation=one.organisation,
                    queue=one.queue,
                    error=one.error,
                    cause=cause_of(one.message),
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
    return Blocked(
        organisation=record.organisation,
        queue=queue,
        object=record.object,
        key=record.key,
        error=PARKED,
        message=record.reason,
        next_step="do what the cause says; it goes on by itself, or with a replay",
        since=since,
        amount=_amount(record.fields.get("Total")),
        currency=str(record.fields.get("CurrencyCode") or ""),
    )


def _amount(value: object) -> Decimal | None:
    try:
        return Decimal(str(value)) if value not in (None, "") else None
    except InvalidOperation:
        return None
