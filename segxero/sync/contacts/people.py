"""People: the keys of a person are joined, and a single record, the lead, stands for them all.

Each event is folded into the record of its key, and the links between keys are folded beside them (fold.lua). A turn of
contacts then joins the changed keys: it writes down the lead of each key, hands the Xero id of an older contact to a
new lead, and makes the documents due again whose contact has changed. The records of the other keys stay as they are,
and people who turn out to be two can part again.

Planning reads every contact through `leads.load_debtors`, so a document with any key of a person gets the lead.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from segxero import jsontext
from segxero.segment.people import Strength
from segxero.store import keys, server
from segxero.store.client import Store
from segxero.sync.contacts.leads import CONTACT, find_leads
from segxero.sync.contacts.persons import Key, Person, find_persons
from segxero.sync.records.hash_fields import FIELDS, REMEMBERED
from segxero.sync.records.operations import FIELD
from segxero.sync.records.record import Record, load
from segxero.xero.objects.contacts import GUESTS, GUESTS_NAME, RENUMBERED

MOST = 100  # persons written in one step
NAMED = (f"{FIELDS}Name", f"{FIELDS}ShortName", f"{FIELDS}FirstName", f"{FIELDS}LastName")


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleState:
    """The hash of a key's record, as far as joining needs it."""

    exists: bool
    xero_id: str
    adopted: str
    has_name: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinStep:
    """A step of joining: what it knows of the keys, and the *pipe* that gathers its writes."""

    organisation: str
    states: Mapping[str, PeopleState]
    pipe: Store
    now: float


class People:
    """Joins keys to persons. A single turn of an organisation's contacts calls it at a time."""

    def __init__(self, client: Store) -> None:
        self._redis = client

    def join(self, organisation: str) -> set[str]:
        """Join the changed keys; return the queues whose documents are due again."""
        changed, joining = keys.people_changed(organisation), keys.people_joining(organisation)
        # A turn died over its keys and left them there. Newer keys gather for the next turn.
        if not self._redis.exists(joining):
            if not self._redis.exists(changed):
                return set()
            self._redis.rename(changed, joining)
        names = {str(name) for name in self._redis.smembers(joining)}
        known = self._explore(organisation, names)
        persons = find_persons(known)
        states = self._read_states(organisation, known)
        old = find_leads(self._redis, organisation, known)
        queues: set[str] = set()
        due = [person for person in persons if _has_changed(person, names, states, old)]
        for start in range(0, len(due), MOST):
            pipe = self._redis.pipeline()
            step = JoinStep(organisation=organisation, states=states, pipe=pipe, now=server.now(self._redis))
            for person in due[start : start + MOST]:
                queues |= self._write(step, person, old)
            pipe.execute()
        self._redis.delete(joining)
        return queues

    def _explore(self, organisation: str, names: Iterable[str]) -> dict[str, Key]:
        """Return the keys linked with *names*, over any number of others."""
        found: dict[str, Key] = {}
        todo = sorted(names)
        while todo:
            stored = self._redis.hmget(keys.people(organisation), todo)
            pipe = self._redis.pipeline(transaction=False)
            for name in todo:
                pipe.smembers(keys.people_links(organisation, name))
            for name, text, links in zip(todo, stored, pipe.execute(), strict=True):
                if text is not None:
                    found[name] = _read_key(name, str(text), links)
            todo = sorted({other for name in todo if name in found for other in found[name].links} - found.keys())
        return found

    def _read_states(self, organisation: str, names: Iterable[str]) -> dict[str, PeopleState]:
        wanted = list(names)
        fields = ["version", "xero_id", REMEMBERED + str(CONTACT.adopted_as), *NAMED]
        pipe = self._redis.pipeline(transaction=False)
        for name in wanted:
            pipe.hmget(keys.record(organisation, keys.reference(CONTACT.name, name)), fields)
        return {
            name: PeopleState(
                exists=version is not None, xero_id=xero_id or "", adopted=adopted or "", has_name=any(named)
            )
            for name, (version, xero_id, adopted, *named) in zip(wanted, pipe.execute(), strict=True)
        }

    def _write(self, step: JoinStep, person: Person, old: Mapping[str, str]) -> set[str]:
        """Write down the lead of *person*, and make due what depends on it; return the queues of documents."""
        organisation, pipe = step.organisation, step.pipe
        lead = _choose_lead(person, step.states)
        moved = _list_moved(person, lead, old)
        for name in moved:
            if name == lead:
                pipe.hdel(keys.leads(organisation), name)
            else:
                pipe.hset(keys.leads(organisation), name, lead)
        members = keys.members(organisation, person.lead)
        pipe.delete(*(keys.members(organisation, name) for name in person.keys))
        if len(person.keys) > 1 and lead != GUESTS:
            pipe.sadd(members, *person.keys)
        # The fold has made the only record of a person due if it changed.
        is_plain = not moved and len(person.keys) == 1 and lead == person.lead
        if not is_plain and any(step.states[name].exists for name in person.keys):
            self._raise_lead(step, lead, [name for name in person.keys if name != lead])
        return self._free_dependants(step, moved)

    def _raise_lead(self, step: JoinStep, lead: str, others: Sequence[str]) -> None:
        """Let the record *lead* be, and be due; it takes over the oldest contact in Xero where it has none."""
        organisation, states, pipe = step.organisation, step.states, step.pipe
        ref = keys.reference(CONTACT.name, lead)
        record, outbox = keys.record(organisation, ref), keys.outbox(organisation, CONTACT.queue)
        if lead == GUESTS:
            pipe.hsetnx(record, f"{FIELDS}Name", f"{FIELD}|0000|\n{jsontext.canonical(GUESTS_NAME)}")
        elif not (lead in states and states[lead].xero_id):
            heir = next((name for name in others if states[name].xero_id), "")
            if heir:
                self._hand_over(step, heir, record)
        pipe.hincrby(record, "version", 1)
        pipe.hset(record, "disposition", "pending")
        pipe.zrem(keys.parked(organisation, CONTACT.queue), ref)
        pipe.zadd(outbox, {ref: step.now}, nx=True)
        # Their own contacts are given up, or their facts go to the lead.
        given = [keys.reference(CONTACT.name, name) for name in others if states[name].exists]
        if given:
            pipe.zadd(outbox, dict.fromkeys(given, step.now), nx=True)

    def _hand_over(self, step: JoinStep, heir: str, record: str) -> None:
        pipe, state = step.pipe, step.states[heir]
        given = keys.record(step.organisation, keys.reference(CONTACT.name, heir))
        adopted = REMEMBERED + CONTACT.adopted_as
        pipe.hset(record, mapping={"xero_id": state.xero_id, REMEMBERED + RENUMBERED: "1"})
        if state.adopted:
            pipe.hset(record, adopted, state.adopted)
        pipe.hdel(record, "delivered", "seen")
        pipe.hdel(given, "xero_id", "delivered", "seen", adopted)

    def _free_dependants(self, step: JoinStep, moved: Sequence[str]) -> set[str]:
        """Make the documents due whose contact is another one now."""
        queues = set()
        for member in self._list_dependants(step.organisation, moved):
            queue, _, ref = member.partition(" ")
            step.pipe.zrem(keys.parked(step.organisation, queue), ref)
            step.pipe.zadd(keys.outbox(step.organisation, queue), {ref: step.now}, nx=True)
            queues.add(queue)
        return queues

    def _list_dependants(self, organisation: str, names: Sequence[str]) -> list[str]:
        if not names:
            return []
        return sorted(map(str, self._redis.sunion([keys.dependants(organisation, name) for name in names])))

    def find_documents(self, organisation: str, record: Record) -> tuple[list[str], bool]:
        """Return the refs of the documents on the contact of *record*, and whether any of them is still on its way."""
        lead = record.joined or record.key
        names = {record.key, lead, *map(str, self._redis.smembers(keys.members(organisation, lead)))}
        found = [member.partition(" ") for member in self._list_dependants(organisation, sorted(names))]
        documents = load(self._redis, organisation, [ref for _, _, ref in found])
        held = [ref for ref, one in documents.items() if one.remembered.get("contact") == record.xero_id]
        queue_of = {ref: queue for queue, _, ref in found}
        on_its_way = any(self._redis.zscore(keys.outbox(organisation, queue_of[ref]), ref) is not None for ref in held)
        return held, on_its_way

    def hand_events_over(self, organisation: str, ref: str, lead: str) -> None:
        """Give the events of a record to the changed lead: a dead letter of the lead names them."""
        events = self._redis.hgetall(keys.events(organisation, ref))
        if events:
            self._redis.hset(keys.events(organisation, keys.reference(CONTACT.name, lead)), mapping=events)

    def put_due(self, organisation: str, lead: str) -> None:
        """Let the record *lead* be looked at."""
        now = server.now(self._redis)
        self._redis.zadd(keys.outbox(organisation, CONTACT.queue), {keys.reference(CONTACT.name, lead): now}, nx=True)


def _read_key(name: str, text: str, links: Iterable[str]) -> Key:
    strength, _, first = text.partition(" ")
    found: dict[str, bool] = {}
    for link in links:
        kind, _, other = str(link).partition(" ")
        found[other] = found.get(other, False) or kind == "alias"
    return Key(name=name, strength=Strength(int(strength)), first=first, links=found)


def _has_changed(person: Person, names: set[str], states: Mapping[str, PeopleState], old: Mapping[str, str]) -> bool:
    """Tell whether an event has named one of the keys, or one of them has another lead now."""
    return not names.isdisjoint(person.keys) or bool(_list_moved(person, _choose_lead(person, states), old))


def _list_moved(person: Person, lead: str, old: Mapping[str, str]) -> list[str]:
    return [name for name in person.keys if old.get(name, name) != lead]


def _choose_lead(person: Person, states: Mapping[str, PeopleState]) -> str:
    """Return the key of the record for *person*; somebody without e-mail and name is a guest of the shop."""
    is_told = person.strength >= Strength.EMAIL or any(states[name].has_name for name in person.keys)
    return person.lead if is_told else GUESTS
