"""Blocked records and events: they wait for a person, parked or dead, by cause, with their money.

Read by `segxero dead-letters`, the console and the watch.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from segxero import jsontext
from segxero.dead_letters import DeadLetter, DeadLetters
from segxero.errors import SegxeroError
from segxero.store import keys
from segxero.store.client import Store
from segxero.sync.orders.reading import VERSION
from segxero.sync.orders.turn import ASKED
from segxero.sync.records.record import Record, load
from segxero.telemetry.causes import NO_OBSTACLE, Obstacle, find_cause, identify_cause
from segxero.xero.money.amounts import LARGEST
from segxero.xero.objects.orders import FACTS
from segxero.xero.objects.table import OBJECTS, RECORD_QUEUES

PARKED_ERROR = "Parked"  # stands where a letter has the name of its error


def _names(error: type[SegxeroError]) -> Iterator[str]:
    yield error.__name__
    for further in error.__subclasses__():
        yield from _names(further)


OURS = frozenset(_names(SegxeroError))  # only these have a sentence that was written for a person


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
    customer: str = ""  # filled by Blockage.name_customers
    letter: DeadLetter | None = None
    obstacle: Obstacle = NO_OBSTACLE

    @property
    def id(self) -> str:
        """The id for commands and the console: the letter's, or a digest of the parked record's name."""
        return self.letter.id if self.letter else keys.digest(f"{self.organisation}|{self.ref}")

    @property
    def ref(self) -> str:
        return keys.reference(self.object, self.key)

    @property
    def cause(self) -> str:
        """The cause in words, shared by all records freed by the same repair."""
        return find_cause(self.message, self.obstacle)

    @property
    def cause_id(self) -> str:
        """The id shared by all records freed by the same repair."""
        return make_cause_id(self.organisation, self.error, identify_cause(self.message, self.obstacle))


def make_cause_id(organisation: str, error: str, cause: str) -> str:
    """Return the id of a *cause* from `identify_cause`; the console finds the page of its records by it."""
    return keys.digest(f"{organisation}|{error}|{cause}")


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
    """The records and events freed by the same repair: their number, age and money by currency."""

    id: str
    organisation: str
    queue: str
    error: str
    cause: str
    said: str  # the whole sentence of one of them, nothing masked: for people behind the password
    next_step: str
    since: datetime
    sums: dict[str, Decimal] = field(default_factory=dict)
    records: list[Blocked] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.records)

    @property
    def letters(self) -> list[str]:
        """The ids of the letters among the records."""
        return [one.letter.id for one in self.records if one.letter]


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

    def find_all(self, wanted: Filter) -> list[Blocked]:
        """Return everything that is *wanted*, parked or dead, newest first."""
        return sorted([*self.letters(wanted), *self.parked(wanted)], key=lambda one: one.since, reverse=True)

    def find(self, identifier: str) -> Blocked | None:
        """Return the parked record or letter with this id, or None."""
        letter = self._letters.find(identifier)
        if letter is not None:
            return _of_letter(letter)
        return next((one for one in self._parked() if one.id == identifier), None)

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
                    said=one.obstacle.root or one.message,
                    next_step=one.next_step,
                    since=one.since,
                ),
            )
            cause.records.append(one)
            cause.since = min(cause.since, one.since)
            if one.amount is not None:
                cause.sums[one.currency] = cause.sums.get(one.currency, Decimal(0)) + one.amount
        return sorted(causes.values(), key=lambda cause: (-cause.count, cause.since, cause.cause))

    def name_customers(self, found: list[Blocked]) -> list[Blocked]:
        """Return *found* with the names of the customers: of the contact, or as the letter's events tell."""
        contacts = self._find_contacts(found)
        return [replace(one, customer=contacts.get((one.organisation, one.ref)) or _told_name(one)) for one in found]

    def _find_contacts(self, found: list[Blocked]) -> dict[tuple[str, str], str]:
        names: dict[tuple[str, str], str] = {}
        for organisation in {one.organisation for one in found}:
            refs = [one.ref for one in found if one.organisation == organisation and one.object in OBJECTS]
            records = load(self._redis, organisation, refs)
            owners = {ref: _contact_ref(record) for ref, record in records.items()}
            contacts = load(self._redis, organisation, {owner for owner in owners.values() if owner})
            for ref, owner in owners.items():
                holder = contacts.get(owner) or records[ref]
                names[organisation, ref] = str(holder.fields.get("Name") or "")
        return names

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
        amount=find_amount(letter.amount),
        currency=letter.currency,
        letter=letter,
    )


def _of_record(record: Record, queue: str, since: datetime) -> Blocked:
    amount, currency = find_money(record.fields, record.remembered)
    return Blocked(
        organisation=record.organisation,
        queue=queue,
        object=record.object,
        key=record.key,
        error=PARKED_ERROR,
        message=record.reason,
        obstacle=record.obstacle,
        next_step="follow the message; the record then goes out by itself, or by a replay",
        since=since,
        amount=amount,
        currency=currency,
    )


def find_money(fields: Mapping[str, Any], remembered: Mapping[str, str]) -> tuple[Decimal | None, str]:
    """Return the money of a waiting record, and its currency.

    Of an order, it is the money of the open questions, or else the total of its latest version.
    """
    asked = jsontext.loads(remembered.get(ASKED) or "[]")
    if asked:
        amounts = [find_amount(each["amount"]) or Decimal(0) for each in asked]
        return sum(amounts, Decimal(0)), str(asked[0]["currency"])
    versions = [told for told in fields.get(FACTS) or () if told.get("Kind") == VERSION]
    latest = max(versions, key=lambda told: str(told.get("At") or ""), default=fields)
    total = latest.get("Total")
    return find_amount(latest.get("Amount") if total in (None, "") else total), str(latest.get("CurrencyCode") or "")


def _contact_ref(record: Record) -> str:
    """Return the ref of the contact of *record*; '' for none."""
    entries = record.references.get("Contact") or ()
    return next((keys.reference(str(one["object"]), str(one["key"])) for one in entries), "")


def _told_name(one: Blocked) -> str:
    """Return the name of the customer as the first event of a letter tells it."""
    if one.letter is None or not one.letter.events:
        return ""
    try:
        event = jsontext.loads(one.letter.events[0])
    except ValueError:
        return ""
    if not isinstance(event, dict):
        return ""
    properties, traits = _members(event, "properties"), _members(event, "traits")
    customer, context = _members(properties, "customer"), _members(_members(event, "context"), "traits")
    candidates = (customer.get("name"), traits.get("name"), context.get("name"), customer.get("email"))
    further = (properties.get("email"), traits.get("email"), event.get("userId"))
    return next((found for found in (*candidates, *further) if isinstance(found, str) and found), "")


def _members(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def find_amount(value: object) -> Decimal | None:
    """Return *value* as an amount; None where it is none, or more than any amount in Xero."""
    try:
        amount = Decimal(str(value)) if value not in (None, "") else None
    except InvalidOperation:
        return None
    return amount if amount is not None and amount.is_finite() and amount.copy_abs() <= LARGEST else None
