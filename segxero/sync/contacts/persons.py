"""Persons: keys naming the same person, decided from all events about them.

The decision is a function of the set of links, so the order of the events does not matter. A link joins two keys named
by the same event; an alias link joins two keys declared to be the same person. `people.py` reads the links from Redis
and keeps the result.

- Two userIds are the same person only by an alias. Couples share an address, and families a browser.
- A weaker key belongs to the only userId named with it. A key of several userIds belongs to nobody: a person known by
  it alone gets a contact of their own.
- A key linked to no userId, or only through others, follows its links.
- An anonymousId or customer id named with many people is a shop's terminal or server, and links nobody.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from segxero.segment.people import Strength

MOST_PEOPLE = 5  # e-mail addresses and userIds of one browser


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key with its strength, the stamp of its first event, and its links: key -> True for an alias."""

    name: str
    strength: Strength
    first: str
    links: Mapping[str, bool] = field(default_factory=dict)

    @property
    def is_user(self) -> bool:
        return self.strength is Strength.USER


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Keys of a person. *lead* is the strongest key of the first event with any of them."""

    lead: str
    keys: tuple[str, ...]  # the oldest first
    strength: Strength  # of the strongest key


def find_persons(keys: Mapping[str, Key]) -> list[Person]:
    """Return the persons of *keys*; the keys include every linked key."""
    users = _group((key.name for key in keys.values() if key.is_user), lambda name: _list_aliases(keys, name))
    user_of = {name: members[0] for members in users for name in members}
    weak = [key for key in keys.values() if not key.is_user]
    owners = {key.name: {user_of[other] for other in _list_links(keys, key) if other in user_of} for key in weak}
    free = {name for name, found in owners.items() if not found}
    belongs = {name: next(iter(found)) for name, found in owners.items() if len(found) == 1}
    for members in _group(free, lambda name: [other for other in _list_links(keys, keys[name]) if other in free]):
        around = {belongs[other] for name in members for other in _list_links(keys, keys[name]) if other in belongs}
        if len(around) == 1:
            belongs |= dict.fromkeys(members, around.pop())
    alone = {key.name for key in weak} - belongs.keys()
    guests = _group(alone, lambda name: [other for other in _list_links(keys, keys[name]) if other in alone])
    owned = [[*members, *(name for name, user in belongs.items() if user == members[0])] for members in users]
    return [_make_person(keys, members) for members in (*owned, *guests)]


def _group(names: Iterable[str], find_next: Callable[[str], Iterable[str]]) -> list[list[str]]:
    """Return the connected groups of *names*, each in alphabetical order."""
    groups, seen = [], set()
    for start in sorted(names):
        if start in seen:
            continue
        found, todo = {start}, [start]
        while todo:
            fresh = set(find_next(todo.pop())) - found
            found |= fresh
            todo += fresh
        seen |= found
        groups.append(sorted(found))
    return groups


def _list_aliases(keys: Mapping[str, Key], name: str) -> list[str]:
    return [other for other, is_alias in keys[name].links.items() if is_alias and other in keys and keys[other].is_user]


def _list_links(keys: Mapping[str, Key], key: Key) -> list[str]:
    """Return the keys linked to *key*, without the links of a terminal or server."""
    if _is_shared(keys, key):
        return []
    return [name for name in key.links if name in keys and not _is_shared(keys, keys[name])]


def _is_shared(keys: Mapping[str, Key], key: Key) -> bool:
    if key.strength > Strength.ANONYMOUS:
        return False
    people = [name for name in key.links if name in keys and keys[name].strength > Strength.ANONYMOUS]
    return len(people) > MOST_PEOPLE


def _make_person(keys: Mapping[str, Key], members: Iterable[str]) -> Person:
    known = sorted((keys[name] for name in members), key=lambda key: (key.first, -key.strength, key.name))
    return Person(
        lead=known[0].name,
        keys=tuple(key.name for key in known),
        strength=max(key.strength for key in known),
    )
