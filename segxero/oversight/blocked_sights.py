"""The sights of everything waiting for a person: dead letters, and parked records freed only by a person."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from segxero import jsontext
from segxero.dead_letters import DeadLetter, DeadLetters
from segxero.mapping.model import MappingSet
from segxero.oversight.blocked import OURS, PARKED_ERROR, find_amount, find_money, make_cause_id
from segxero.oversight.own_words import list_own_words
from segxero.oversight.sighting import Place, Sighting, Sums
from segxero.settings import CONSOLE
from segxero.store import keys
from segxero.store.client import Store
from segxero.sync.orders.turn import ASKED
from segxero.sync.records.hash_fields import FIELDS, OBSTACLE, REASON, REMEMBERED, STUCK
from segxero.telemetry.alerts import LETTERS, PARKED, Cause
from segxero.telemetry.causes import Obstacle, anonymise, identify_cause, known_values
from segxero.xero.objects.table import OBJECTS, RECORD_QUEUES

PARKED_PAGE = 1000  # parked records of a queue that are looked at, those that wait longest first
BUSY_SHARE = 20  # a look at many dead letters is repeated after this many times the time that it took
MOST_PLACES = 1000  # records of a cause whose end is told
LISTED = "`segxero dead-letters list` names them."
MONEY = ("Total", "Amount", "CurrencyCode")


@dataclass(slots=True)
class Group:
    """Things of the same cause; *listed* is the id of the cause in the list of blocked records."""

    cause: Cause
    next_step: str
    listed: str
    count: int = 0
    sums: Sums = field(default_factory=Sums)
    places: list[Place] = field(default_factory=list)

    def add(self, amount: Decimal | None, currency: str, place: Place | None) -> None:
        self.count += 1
        self.sums.add(currency, amount)
        if place and len(self.places) < MOST_PLACES:
            self.places.append(place)

    def see(self, public_url: str) -> Sighting:
        """Return the sighting: number, money, cause, remedy and place."""
        nouns = count_nouns(self.count, self.cause.object)
        money = f", {spelled}," if (spelled := self.sums.spell()) else ""
        verb = "waits" if self.count == 1 else "wait"
        where = f"{public_url}{CONSOLE}/causes/{self.listed}" if public_url else LISTED
        why = f": {self.cause.sentence}" if self.cause.sentence else f": {self.cause.error}"
        return Sighting(
            cause=self.cause,
            message=_end(f"{nouns}{money} {verb} for a person{why}"),
            next_step=f"{_end(self.next_step)} {where}",
            count=self.count,
            places=tuple(self.places),
        )


class ParkedSight:
    """Looks at the parked records of all organisations."""

    kinds = (PARKED,)

    def __init__(self, client: Store, mappings: Callable[[], MappingSet], public_url: str = "") -> None:
        self._redis = client
        self._mappings = mappings
        self._public_url = public_url

    def look(self) -> Iterator[Sighting]:
        """Yield everything to be put right by a person; records waiting for such a record are not counted again."""
        for organisation in self._mappings().organisations:
            for queue in RECORD_QUEUES:
                for group in self._groups(organisation, queue):
                    yield group.see(self._public_url)

    def _groups(self, organisation: str, queue: str) -> Iterable[Group]:
        refs = self._redis.zrange(keys.parked(organisation, queue), 0, PARKED_PAGE - 1)
        pipe = self._redis.pipeline(transaction=False)
        for ref in refs:
            paths = (f"{FIELDS}{name}" for name in MONEY)
            pipe.hmget(keys.record(organisation, ref), STUCK, REASON, OBSTACLE, REMEMBERED + ASKED, *paths)
        causes: dict[tuple[str, str], Cause] = {}  # a reason is made anonymous once
        groups: dict[str, Group] = {}
        for ref, (stuck, reason, text, asked, *money) in zip(refs, pipe.execute(), strict=True):
            obstacle = Obstacle.from_json(text or "")
            if not stuck or not reason or obstacle.waits_for:
                continue
            name = ref.partition("|")[0]
            if (name, reason) not in causes:
                causes[name, reason] = self._cause(organisation, ref, reason, obstacle)
            cause = causes[name, reason]
            listed = make_cause_id(organisation, PARKED_ERROR, identify_cause(reason, obstacle))
            fields = dict(zip(MONEY, map(_value, money), strict=True))
            amount, currency = find_money(fields, {ASKED: asked or ""})
            group = groups.setdefault(cause.id, Group(cause=cause, next_step=advise_parked(obstacle), listed=listed))
            group.add(amount, currency, _place(organisation, ref, amount, currency))
        return groups.values()

    def _cause(self, organisation: str, ref: str, reason: str, obstacle: Obstacle) -> Cause:
        stored = self._redis.hgetall(keys.record(organisation, ref))
        texts = [text.partition("\n")[2] for name, text in stored.items() if name.startswith(FIELDS)]
        known = [ref.partition("|")[2], *known_values([jsontext.loads(text) for text in texts])]
        ours = list_own_words(self._mappings(), organisation, obstacle.lacks)
        said = anonymise(reason, known, ours)
        question = identify_cause(reason, obstacle) if obstacle.question else ""
        name = ref.partition("|")[0]
        return Cause(kind=PARKED, organisation=organisation, object=name, sentence=said, question=question)


class LettersSight:
    """Looks at the dead letters; *mappings* know our own words."""

    kinds = (LETTERS,)

    def __init__(
        self, client: Store, letters: DeadLetters, mappings: Callable[[], MappingSet], public_url: str = ""
    ) -> None:
        self._redis = client
        self._letters = letters
        self._mappings = mappings
        self._public_url = public_url
        self._before: tuple[list[Sighting], object, float] = ([], None, 0.0)

    def look(self) -> list[Sighting]:
        """Return the causes of all dead letters, from memory while the list is as it was."""
        found, seen, not_before = self._before
        now = (len(self._letters), self._redis.lindex(keys.DEAD_LETTERS, 0))
        began = time.monotonic()
        if now == seen or began < not_before:
            return found
        groups: dict[Cause, Group] = {}
        by_error: Counter[str] = Counter()
        for letter in self._letters:
            by_error[f"{letter.queue}|{letter.error}"] += 1
            self._add(groups, letter)
        pipe = self._redis.pipeline()
        pipe.delete(keys.LETTER_CAUSES)
        if by_error:
            pipe.hset(keys.LETTER_CAUSES, mapping=by_error)
        pipe.execute()
        found = [group.see(self._public_url) for group in groups.values()]
        ended = time.monotonic()
        self._before = (found, now, ended + BUSY_SHARE * (ended - began))
        return found

    def _add(self, groups: dict[Cause, Group], letter: DeadLetter) -> None:
        cause = find_letter_cause(letter, self._mappings())
        listed = make_cause_id(letter.organisation, letter.error, letter.cause)
        step = anonymise(letter.next_step, [letter.key], list_own_words(self._mappings(), letter.organisation))
        amount = find_amount(letter.amount)
        place = None
        if letter.object in OBJECTS:
            ref = keys.reference(letter.object, letter.key)
            place = _place(letter.organisation, ref, amount, letter.currency)
        group = groups.setdefault(cause, Group(cause=cause, next_step=step, listed=listed))
        group.add(amount, letter.currency, place)


def find_letter_cause(letter: DeadLetter, mappings: MappingSet | None = None) -> Cause:
    """Return the cause of *letter*, fit to be told: people in its events are not in it."""
    said = ""
    if letter.error in OURS:
        known = [letter.key, *(value for text in letter.events for value in _values_of(text))]
        ours = list_own_words(mappings, letter.organisation) if mappings else frozenset()
        said = anonymise(letter.message, known, ours)
    return Cause(
        kind=LETTERS,
        organisation=letter.organisation,
        object=letter.object or letter.queue,
        error=letter.error,
        sentence=said,
    )


def advise_parked(obstacle: Obstacle) -> str:
    """Return the advice for a parked record, by the facts of its *obstacle*."""
    if obstacle.lacks:
        rows = " or ".join(f"the row {row} to tables/{table}.yaml" for table, row in obstacle.lacks if "@" not in row)
        return f"Add {rows or 'the missing row'}; they go out by themselves then"
    return "Correct it in Xero, the mappings or the data; they go out by themselves then"


def count_nouns(count: int, name: str) -> str:
    """Count records in a bookkeeper's words: `20 orders`; anything but a record is an event."""
    noun = OBJECTS[name].noun if name in OBJECTS else "event" if name == "events" else f"{name} task"
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _place(organisation: str, ref: str, amount: Decimal | None, currency: str) -> Place:
    money = "" if amount is None else f"{currency} {amount}"
    return Place(organisation=organisation, ref=ref, money=money)


def _value(stored: str | None) -> object:
    """Return the value of a record's field as fold.lua keeps it: a stamp, a line break, JSON."""
    return jsontext.loads(stored.partition("\n")[2]) if stored else None


def _values_of(text: str) -> Iterator[str]:
    try:
        yield from known_values(jsontext.loads(text))
    except ValueError:
        yield text


def _end(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."
