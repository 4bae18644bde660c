"""Triggers choose the events of a mapping, in Segment's filter language but without its traps.

The reader of mapping files and the import of subscriptions call `parse_trigger`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lark import Token, Tree, UnexpectedCharacters, UnexpectedToken

from segxero.mapping.triggers import conditions
from segxero.mapping.triggers.clauses import Clause, Every, Node, Not, Some, condition
from segxero.mapping.triggers.conditions import Condition
from segxero.mapping.triggers.faults import FIELDS, TriggerError, check_words, misplaced, refused, refused_character
from segxero.mapping.triggers.grammar import parser
from segxero.mapping.triggers.traps import find_traps
from segxero.mapping.values.paths import Getter, make_getter
from segxero.mapping.values.plain_text import number_text

__all__ = ["Trigger", "TriggerError", "parse_trigger"]

TEXT_FIELDS = ("type", "event", "name", "userId")
BRANCHES = ("properties", "traits", "context")
ALWAYS_TEXT = ("type", "event", "name")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
KEY = re.compile(r"(?:\\.|[^.\\])+")

CALLS: dict[str, Callable[[Getter, str], Condition]] = {
    "contains": conditions.contains,
    "!contains": conditions.lacks,
    "starts": conditions.starts_with,
    "!starts": conditions.starts_otherwise,
    "ends": conditions.ends_with,
    "!ends": conditions.ends_otherwise,
}


@dataclass(frozen=True, slots=True)
class Trigger:
    """A condition on events: its text, its meaning, and the ways in which Segment misreads it (*traps*)."""

    text: str
    tree: Node
    matches: Condition = field(repr=False, compare=False)
    traps: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text


def parse_trigger(text: str) -> Trigger:
    """Read *text*. Raise TriggerError, with the column and a correction, for everything ambiguous."""
    if not text.strip():
        raise TriggerError('the trigger is empty: describe the wanted events, such as type = "track"', 1)
    try:
        tokens = list(parser().lex(text))
        check_words(tokens)
        tree = parser().parse(text)
    except UnexpectedCharacters as error:
        raise refused_character(error) from None
    except UnexpectedToken as error:
        raise misplaced(error, text) from None
    try:
        node = _node(tree)
        return Trigger(text, node, condition(node), tuple(find_traps(node, tokens, text)))
    except RecursionError:
        raise TriggerError("the parentheses are nested too deeply: write it with fewer", 1) from None


def _node(tree: Any) -> Node:
    if tree.data == "call":
        return _call(tree.children, holds=True)
    if tree.data == "comparison":
        return _comparison(*tree.children)
    if tree.data == "negation":
        return _negation(*tree.children)
    parts = tuple(_node(child) for child in tree.children)
    if len(parts) == 1:
        return parts[0]
    return Some(parts) if tree.data == "either" else Every(parts)


def _negation(bang: Token, negated: Tree[Any]) -> Node:
    if negated.data == "call":
        return _call(negated.children, holds=False)
    if negated.data == "comparison" and all(isinstance(child, Token) for child in negated.children):
        clause = " ".join(map(str, negated.children))
        raise refused(bang, f"! is allowed only before ( or a function: write !({clause}), or use !=")
    return Not(_node(negated))


def _call(children: list[Any], *, holds: bool) -> Clause:
    function, arguments = children[0], [child for child in children[1:] if child is not None]
    if function not in {"contains", "match"}:
        raise refused(function, f'{function}() is not known: write contains(field, "…") or match(field, "…*")')
    if len(arguments) != 2 or arguments[0].type != "WORD" or arguments[1].type != "TEXT":  # noqa: PLR2004
        raise refused(function, f'write {function}(field, "…") with a field and a text in double quotes')
    named, searched = arguments
    if named == "type":
        raise refused(named, f'{function}() cannot look at type: write type = "…"')
    name, text = _searched(function, searched)
    bang = "" if holds else "!"
    keys = _keys(named)
    ask = CALLS[f"{bang}{name}"]
    return Clause(keys, f"{bang}{name}", text, f"{bang}{function}({named}, {searched})", ask(make_getter(keys), text))


def _searched(function: Token, token: Token) -> tuple[str, str]:
    """Return the kind of search, and its text without quotes and star."""
    text = str(token)[1:-1]
    if function == "contains":
        return "contains", text
    if text.count("*") != 1 or not (text.startswith("*") or text.endswith("*")):
        raise refused(
            token,
            'match() takes one star, at the beginning or at the end: write "Order*" or "*Order"; '
            'for a whole text write = "…", for a text in the middle contains()',
        )
    return ("starts", text[:-1]) if text.endswith("*") else ("ends", text[1:])


def _comparison(subject: Any, sign: Token, value: Token) -> Clause:
    if isinstance(subject, Tree):
        _call(subject.children, holds=True)
        raise refused(sign, "contains() and match() stand alone: leave out the rest, or write ! before them")
    read = {
        "TEXT": _with_text,
        "NUMBER": _with_number,
        "NULL": _with_null,
        "TRUE": _with_boolean,
        "FALSE": _with_boolean,
    }
    if value.type not in read:
        raise refused(value, f'a text belongs in double quotes: write "{value}"; a trigger cannot compare two fields')
    keys = _keys(subject)
    meant, matches = read[value.type](subject, make_getter(keys), sign, value)
    return Clause(keys, str(sign), meant, f"{subject} {sign} {value}", matches)


Meaning = tuple[str | Decimal | bool | None, Condition]


def _with_text(name: Token, subject: Getter, sign: Token, value: Token) -> Meaning:
    text = str(value)[1:-1]
    if sign == "=":
        return text, conditions.text_equals(subject, text)
    if sign == "!=":
        return text, conditions.text_differs(subject, text)
    if not NUMBER.fullmatch(text):
        raise refused(value, f"{sign} compares numbers: write a number, or use = or !=")
    return _with_number(name, subject, sign, Token.new_borrow_pos("NUMBER", text, value))


def _with_number(name: Token, subject: Getter, sign: Token, value: Token) -> Meaning:
    if name in ALWAYS_TEXT:
        raise refused(
            value, f'{name} is a text: write {name} = "{value}", or compare a number such as properties.total'
        )
    number = Decimal(value)
    if name == "userId" and sign in {"=", "!="}:
        text = number_text(number if number % 1 else number.quantize(Decimal(1)))
        matches = conditions.text_equals(subject, text) if sign == "=" else conditions.text_differs(subject, text)
        return text, matches
    return number, conditions.compares(subject, str(sign), number)


def _with_boolean(name: Token, subject: Getter, sign: Token, value: Token) -> Meaning:
    if name in ALWAYS_TEXT:
        raise refused(value, f'{name} is a text: write {name} = "{value}"')
    if sign != "=":
        raise refused(sign, f"Segment accepts every value here, also {value}: write !({name} = {value})")
    return value.type == "TRUE", conditions.is_boolean(subject, value.type == "TRUE")


def _with_null(name: Token, subject: Getter, sign: Token, value: Token) -> Meaning:
    if sign not in {"=", "!="}:
        raise refused(sign, f"null has no size: write {name} = null or {name} != null")
    if name in {"type", "event"}:
        raise refused(value, f'Segment takes null for a text here: write {name} = "…", or leave this clause out')
    return None, conditions.is_missing(subject) if sign == "=" else conditions.exists(subject)


def _keys(token: Token) -> tuple[str, ...]:
    keys = tuple(KEY.findall(token))
    if len(keys) == 1 and token in TEXT_FIELDS:
        return (str(token),)
    if keys[0] not in BRANCHES:
        raise refused(token, f"{token} is not a field of triggers: write {FIELDS}")
    if len(keys) == 1:
        raise refused(token, f"{token} needs the name of a field inside it: write {token}.total")
    if any("\\." in key for key in keys):
        raise refused(token, f"{token}: a name with a dot in it cannot be reached by a trigger")
    return tuple(re.sub(r"\\(.)", r"\1", key) for key in keys)
