"""Who owes what in the end, told from the events alone and without segxero's code. `reference` calls it.

It reads like the bookkeepers' guide: one contact per person, numbered by the strongest key of the first event that
names them (D1); guests are known by their e-mail (D2), those without a name share a contact (D4), and no id shows (D5).
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Event: TypeAlias = dict[str, Any]
Contact: TypeAlias = dict[str, Any]

GUESTS, GUESTS_NAME, NAMELESS = "web-shop-guests", "Web shop guests", "Guest of the web shop"
ADDRESS = {"street": "AddressLine1", "city": "City", "country": "Country"}
LAST = "~"  # behind all times: companies come after people of the same name


@dataclass(slots=True, kw_only=True)
class Debtors:
    """The *contacts* by number, and the number for each key that an event can name."""

    contacts: dict[str, Contact]
    numbers: dict[str, str]


@dataclass(slots=True, kw_only=True)
class Keys:
    """Every key in order of event time, with the *first* time and all the keys *beside* it in one event."""

    first: dict[str, str] = field(default_factory=dict)
    beside: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


@dataclass(slots=True, kw_only=True)
class Words:
    """What is said of one contact: *said* by a call of its own, *suggested* by orders."""

    said: Contact = field(default_factory=dict)
    suggested: Contact = field(default_factory=dict)


def debtors(events: Sequence[Event]) -> Debtors:
    """Return the contacts of *events*, which are in order of event time and can all be booked."""
    keys = _keys(events)
    persons = _persons(keys)
    numbers = {key: min(person, key=list(keys.first).index) for person in persons for key in person}
    words: dict[str, Words] = defaultdict(Words)
    for event in events:
        if event["type"] == "group":
            _hear(event, words[event["groupId"]])
        else:
            _hear(event, words[numbers[debtor_key(event)]])
    nameless = {number for number in words if number.startswith("a-") and not _is_known(number, numbers, words)}
    for number in nameless:
        del words[number]
    contacts = _contacts(words, keys)
    if nameless:
        contacts[GUESTS] = {"Name": GUESTS_NAME}
    return Debtors(
        contacts=contacts,
        numbers={key: GUESTS if number in nameless else number for key, number in numbers.items()},
    )


def debtor_key(event: Event) -> str:
    """Return the key of the contact that *event* is about: a guest's address goes before the browser."""
    return _keys_of(event)[0]


def _keys_of(event: Event) -> list[str]:
    """Return the keys in *event*, the strongest first."""
    email = _email(event)
    address = f"email:{hashlib.sha256(email.encode()).hexdigest()[:32]}" if email else ""
    return [key for key in (event.get("userId"), address, event.get("anonymousId")) if key]


def _email(event: Event) -> str:
    stated = event["traits"] if event["type"] == "identify" else event["properties"]
    return str(stated.get("email", "")).strip().lower()


def _keys(events: Iterable[Event]) -> Keys:
    found = Keys()
    for event in events:
        if event["type"] == "group":
            continue
        named = _keys_of(event)
        for key in named:
            found.first.setdefault(key, event["timestamp"])
            found.beside[key] |= set(named) - {key}
    return found


def _persons(keys: Keys) -> list[set[str]]:
    """Join the keys: a weak key belongs to its only user, and the keys of no user follow those beside them."""
    weak = [key for key in keys.first if not _is_user(key)]
    users = {key: {other for other in keys.beside[key] if _is_user(other)} for key in weak}
    owner = {key: next(iter(found)) for key, found in users.items() if len(found) == 1}
    for joined in _joined(keys, lambda key: key in users and not users[key]):
        around = {owner[other] for key in joined for other in keys.beside[key] if other in owner}
        if len(around) == 1:
            owner |= dict.fromkeys(joined, around.pop())
    persons = [{user, *(key for key in weak if owner.get(key) == user)} for user in keys.first if _is_user(user)]
    return persons + _joined(keys, lambda key: key in users and key not in owner)


def _joined(keys: Keys, belongs: Callable[[str], bool]) -> list[set[str]]:
    """Return the groups of keys that *belongs* lets in and that events name beside one another."""
    left, groups = [key for key in keys.first if belongs(key)], []
    while left:
        group, todo = set(), [left[0]]
        while todo:
            key = todo.pop()
            group.add(key)
            todo += [other for other in keys.beside[key] if belongs(other) and other not in group]
        groups.append(group)
        left = [key for key in left if key not in group]
    return groups


def _is_user(key: str) -> bool:
    return not key.startswith(("a-", "email:"))


def _is_known(number: str, numbers: dict[str, str], words: dict[str, Words]) -> bool:
    """Tell whether the person has a name or any key that is stronger than a browser."""
    keys = [key for key, other in numbers.items() if other == number]
    return bool(words[number].suggested.get("Name")) or any(not key.startswith("a-") for key in keys)


def _hear(event: Event, words: Words) -> None:
    if event["type"] == "track":
        properties = event["properties"]
        given = {"Name": properties.get("customer", {}).get("name"), "EmailAddress": properties.get("email")}
        words.suggested |= {name: text for name, text in given.items() if text}
        return
    traits = event["traits"]
    first, last = traits.get("firstName"), traits.get("lastName")
    name = traits.get("name") or (f"{first} {last}" if first and last else None)
    given = {"Name": name, "FirstName": first, "LastName": last, "EmailAddress": traits.get("email")}
    words.said |= {name: text for name, text in given.items() if text}
    if traits.get("phone"):
        words.said["Phones"] = {"DEFAULT": {"PhoneNumber": traits["phone"]}}
    # The newest address replaces the one before it: parts of two addresses are no address.
    if address := traits.get("address"):
        words.said["Addresses"] = {"POBOX": {ADDRESS[part]: text for part, text in address.items()}}


def _contacts(words: dict[str, Words], keys: Keys) -> dict[str, Contact]:
    contacts = {number: heard.suggested | heard.said for number, heard in words.items()}
    wanted = {number: _names(contact) for number, contact in contacts.items()}
    claims = [name.casefold() for names in wanted.values() for name in names]
    for number, (plain, *behind) in wanted.items():
        name = plain
        if not behind or claims.count(plain.casefold()) > 1:
            base = behind[0] if behind else plain
            line = [other for other, names in wanted.items() if names[-1].casefold() == base.casefold()]
            line.sort(key=lambda other: (keys.first.get(other, LAST), other))
            place = line.index(number) + 1
            name = base if place == 1 else f"{base} ({place})"
        contacts[number] = {**contacts[number], "Name": name}
    return contacts


def _names(contact: Contact) -> list[str]:
    """Return the plain name, and the name with its e-mail where there is one."""
    given = (contact.get(name) for name in ("Name", "FirstName", "LastName", "EmailAddress"))
    plain = next((text for text in given if text), NAMELESS)
    email = contact.get("EmailAddress")
    return [plain, f"{plain} ({email})"] if email else [plain]
