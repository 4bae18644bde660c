"""Conclusions from a trigger without an event: whether any event matches it, and which fields such events have.

A trigger is split into conjunctions of clauses. For each field the module searches a value that satisfies all clauses.
The candidates are made from the constants in the clauses, so the search succeeds whenever a value exists. The checks of
the mapping files call this module.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from segxero.mapping.triggers.clauses import Clause, Every, Node, Not, condition
from segxero.mapping.values.undefined import UNDEFINED

Literal = tuple[Clause, bool]
Conjunction = tuple[Literal, ...]

MOST_CONJUNCTIONS = 512
# Separates the pieces of a candidate text: no person writes this character into a trigger.
FILLER = "\u2603"
PLAIN_VALUES: tuple[Any, ...] = (None, UNDEFINED, True, False, Decimal(1), FILLER, [], {})
TYPES = ("track", "identify", "group", "page", "screen", "alias", "delete")


def example(*nodes: Node) -> dict[str, Any] | None:
    """Make an event that matches all *nodes*; None if there is none, or if the search is too long."""
    for conjunction in _conjunctions(Every(nodes)):
        if (event := _event(conjunction)) is not None and all(condition(node)(event) for node in nodes):
            return event
    return None


def can_match(*nodes: Node) -> bool:
    """Say whether any event may match all *nodes*; True if the search is too long."""
    conjunctions = list(_conjunctions(Every(nodes)))
    return len(conjunctions) > MOST_CONJUNCTIONS or any(map(_is_possible, conjunctions))


def filled_fields(node: Node) -> frozenset[str]:
    """Name the fields that every matching event has: present, not null and, if compared, not empty."""
    found: frozenset[str] | None = None
    conjunctions = list(_conjunctions(node))
    if len(conjunctions) > MOST_CONJUNCTIONS:
        return frozenset()
    for conjunction in filter(_is_possible, conjunctions):
        names = frozenset(
            ".".join(keys)
            for keys, literals in _by_field(conjunction).items()
            if not any(_takes(literals, keys, value) for value in (None, UNDEFINED))
        )
        found = names if found is None else found & names
    return found or frozenset()


def possible_texts(node: Node, keys: tuple[str, ...]) -> frozenset[str] | None:
    """List the possible texts of the field *keys* in a matching event.

    Return None if some branch does not compare it, or if the search is too long.
    """
    texts: set[str] = set()
    conjunctions = list(_conjunctions(node))
    if len(conjunctions) > MOST_CONJUNCTIONS:
        return None
    for conjunction in conjunctions:
        wanted = {
            clause.value for clause, holds in conjunction if holds and clause.keys == keys and clause.operator == "="
        }
        if not wanted:
            return None
        texts |= {value for value in wanted if isinstance(value, str)}
    return frozenset(texts)


def event_types(node: Node) -> frozenset[str]:
    """Name the types of event that can match."""
    return frozenset(kind for kind in TYPES if can_match(node, _type_is(kind)))


def _type_is(kind: str) -> Clause:
    return Clause(("type",), "=", kind, f'type = "{kind}"', lambda event: bool(event.get("type") == kind))


def _conjunctions(node: Node, holds: bool = True) -> Iterator[Conjunction]:
    """Split *node* (or its opposite) at every `or`; stop a little after MOST_CONJUNCTIONS."""
    if isinstance(node, Clause):
        yield ((node, holds),)
    elif isinstance(node, Not):
        yield from _conjunctions(node.part, not holds)
    elif isinstance(node, Every) is holds:
        yield from _products([list(_limited(_conjunctions(part, holds))) for part in node.parts])
    else:
        for part in node.parts:
            yield from _conjunctions(part, holds)


def _limited(conjunctions: Iterable[Conjunction]) -> Iterator[Conjunction]:
    for number, conjunction in enumerate(conjunctions):
        if number > MOST_CONJUNCTIONS:
            return
        yield conjunction


def _products(parts: list[list[Conjunction]]) -> list[Conjunction]:
    products: list[Conjunction] = [()]
    for part in parts:
        joined = (one + other for one in products for other in part)
        products = list(_limited(joined))
    return products


def _by_field(conjunction: Conjunction) -> dict[tuple[str, ...], list[Literal]]:
    fields: dict[tuple[str, ...], list[Literal]] = {}
    for literal in conjunction:
        fields.setdefault(literal[0].keys, []).append(literal)
    return fields


def _is_possible(conjunction: Conjunction) -> bool:
    return all(_value(literals, keys) is not None for keys, literals in _by_field(conjunction).items())


def _event(conjunction: Conjunction) -> dict[str, Any] | None:
    event: dict[str, Any] = {}
    for keys, literals in _by_field(conjunction).items():
        found = _value(literals, keys)
        if found is None:
            return None
        _put(event, keys, found[0])
    return event


def _value(literals: list[Literal], keys: tuple[str, ...]) -> tuple[Any] | None:
    """Find a value that satisfies all *literals*, in a tuple because it may be None; None if there is no such value."""
    for value in _candidates(literals, keys):
        if _takes(literals, keys, value):
            return (value,)
    return None


def _takes(literals: list[Literal], keys: tuple[str, ...], value: Any) -> bool:
    event: dict[str, Any] = {}
    _put(event, keys, value)
    return all(clause.matches(event) is holds for clause, holds in literals)


def _put(event: dict[str, Any], keys: tuple[str, ...], value: Any) -> None:
    if value is UNDEFINED:
        return
    for key in keys[:-1]:
        inner = event.setdefault(key, {})
        if not isinstance(inner, dict):
            return
        event = inner
    event[keys[-1]] = value


def _candidates(literals: list[Literal], keys: tuple[str, ...]) -> Iterator[Any]:
    if keys == ("type",):
        yield from TYPES
        return
    wanted: dict[str, list[Any]] = {}
    for clause, holds in literals:
        if clause.operator.startswith("!") is not holds:
            wanted.setdefault(clause.operator.removeprefix("!"), []).append(clause.value)
    constants = [clause.value for clause, _ in literals]
    yield from (value for value in constants if isinstance(value, str))
    yield _composed(wanted)
    yield from _numbers(sorted({value for value in constants if isinstance(value, Decimal)}))
    yield from PLAIN_VALUES


def _composed(wanted: Mapping[str, list[Any]]) -> str:
    """Make a text that starts, continues and ends as all clauses require."""
    start = max(wanted.get("starts", [""]), key=len)
    end = max(wanted.get("ends", [""]), key=len)
    return FILLER.join([start, *wanted.get("contains", []), end])


def _numbers(constants: list[Decimal]) -> Iterator[Decimal]:
    yield from constants
    yield from ((low + high) / 2 for low, high in pairwise(constants))
    if constants:
        yield constants[0] - 1
        yield constants[-1] + 1
