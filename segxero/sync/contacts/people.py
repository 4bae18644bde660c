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

NAMED = (f"{FIELDS}Name", f"{FIELDS}ShortName", f"{FIELDS}FirstName", f"{FIELDS}LastName")


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleState:
    """The hash of a key's record, as far as joining needs it."""

    exists: bool
    xero_id: str
    adopted: str
    has_name: bool


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
        for person in persons:
            lead = _choose_lead(person, states)
            moved = [name for name in person.keys if old.get(name, name) != lead]
            if moved or names.intersection(person.keys):
                queues |= self._write(organisation, person, lead, moved, states)
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

    def _write(
        self, organisation: str, person: Person, lead: str, moved: Sequence[str], states: Mapping[str, PeopleState]
    ) -> set[str]:
        """Write down the *lead* of *person*, and make its dependent records due; return the queues of documents."""
        pipe = self._redis.pipeline()
        for name in moved:
            if name == lead:
                pipe.hdel(keys.leads(organisation), name)
            else:
                pipe.hset(keys.leads(organisation), name, lead)
        members = keys.members(organisation, person.lead)
        for name in person.keys:
            pipe.delete(keys.members(organisation, name))
        if len(person.keys) > 1 and lead != GUESTS:
            pipe.sadd(members, *person.keys)
        # The fold has made the only record of a person due if it changed.
        is_plain = not moved and len(person.keys) == 1 and lead == person.lead
        if not is_plain and any(states[name].exists for name in person.keys):
            self._raise_lead(pipe, organisation, lead, [name for name in person.keys if name != lead], states)
        queues = self._free_dependants(pipe, organisation, moved)
        pipe.execute()
        return queues

    def _raise_lead(
        self, pipe: Store, organisation: str, lead: str, others: Sequence[str], states: Mapping[str, PeopleState]
    ) -> None:
        """Let the record *lead* be, and be due; it takes over the oldest contact in Xero where it has none."""
        now = server.now(self._redis)
        ref = keys.reference(CONTACT.name, lead)
        record, outbox = keys.record(organisation, ref), keys.outbox(organisation, CONTACT.queue)
        if lead == GUESTS:
            pipe.hsetnx(record, f"{FIELDS}Name", f"{FIELD}|0000|\n{jsontext.canonical(GUESTS_NAME)}")
        elif not (lead in states and states[lead].xero_id):
            heir = next((name for name in others if states[name].xero_id), "")
            if heir:
                self._hand_over(pipe, organisation, heir, record, states[heir])
        pipe.hincrby(record, "version", 1)
        pipe.hset(record, "disposition", "pending")
        pipe.zrem(keys.parked(organisation, CONTACT.queue), ref)
        pipe.zadd(outbox, {ref: now}, nx=True)
        for name in others:
            # Their own contacts are given up, or their facts go to the lead.
            if states[name].exists:
                pipe.zadd(outbox, {keys.reference(CONTACT.name, name): now}, nx=True)

    def _hand_over(self, pipe: Store, organisation: str, heir: str, record: str, state: PeopleState) -> None:
        given = keys.record(organisation, keys.reference(CONTACT.name, heir))
        adopted = REMEMBERED + CONTACT.adopted_as
        pipe.hset(record, mapping={"xero_id": state.xero_id, REMEMBERED + RENUMBERED: "1"})
        if state.adopted:
            pipe.hset(record, adopted, state.adopted)
        pipe.hdel(record, "delivered", "seen")
        pipe.hdel(given, "xero_id", "delivered", "seen", adopted)

    def _free_dependants(self, pipe: Store, organisation: str, moved: Sequence[str]) -> set[str]:
        """Make the documents due whose contact has changed."""
        now, queues = server.now(self._redis), set()
        for member in self._list_dependants(organisation, moved):
            queue, _, ref = member.partition(" ")
            pipe.zrem(keys.parked(organisation, queue), ref)
            pipe.zadd(keys.outbox(organisation, queue), {ref: now}, nx=True)
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


def _choose_lead(person: Person, states: Mapping[str, PeopleState]) -> str:
    """Return the key of the record for *person*; somebody without e-mail and name is a guest of the shop."""
    is_told = person.strength >= Strength.EMAIL or any(states[name].has_name for name in person.keys)
    return person.lead if is_told else GUESTS
