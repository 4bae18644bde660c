"""The tree of a trigger: clauses joined by and, or and not. `parse_trigger` makes it, the checks read it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from segxero.mapping.triggers import conditions
from segxero.mapping.triggers.conditions import Condition
from segxero.mapping.values.paths import make_getter
from segxero.mapping.values.plain_text import plain_text
from segxero.mapping.values.undefined import UNDEFINED

LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Clause:
    """A question about a field: its *operator* is a sign, or contains, starts, ends, !contains and so on."""

    keys: tuple[str, ...]
    operator: str
    value: str | Decimal | bool | None
    text: str = field(compare=False)
    matches: Condition = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Every:
    """Holds when every part does."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """Holds when any of its parts does."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Holds when its part does not."""

    part: "Node"


Node: TypeAlias = Clause | Every | Some | Not


def condition(node: Node) -> Condition:
    """Turn *node* into a function of the event."""
    if isinstance(node, Clause):
        return node.matches
    if isinstance(node, Not):
        return conditions.negated(condition(node.part))
    parts = [condition(part) for part in node.parts]
    return conditions.both(parts) if isinstance(node, Every) else conditions.either(parts)


def leaves(node: Node) -> Iterator[Clause]:
    """List the clauses of *node* from left to right."""
    if isinstance(node, Clause):
        yield node
        return
    for part in (node.part,) if isinstance(node, Not) else node.parts:
        yield from leaves(part)


def why_not(node: Node, event: Any) -> str:
    """Say in a line why *event* does not match *node*; empty if it does."""
    if condition(node)(event):
        return ""
    if isinstance(node, Clause):
        return f"{node.text} does not hold: {'.'.join(node.keys)} is {_shown(make_getter(node.keys)(event))}"
    if isinstance(node, Not):
        return f"!({written(node.part)}) does not hold"
    reasons = [reason for part in node.parts if (reason := why_not(part, event))]
    return reasons[0] if isinstance(node, Every) else "; ".join(dict.fromkeys(reasons))


def written(node: Node) -> str:
    """Write *node* as a trigger."""
    if isinstance(node, Clause):
        return node.text
    if isinstance(node, Not):
        return f"!({written(node.part)})"
    word = " and " if isinstance(node, Every) else " or "
    return word.join(f"({written(part)})" if isinstance(part, Every | Some) else written(part) for part in node.parts)


def _shown(value: Any) -> str:
    if value is UNDEFINED:
        return "missing"
    if value is None:
        return "null"
    text = plain_text(value)
    short = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
    return f'"{short}"' if isinstance(value, str) else short
