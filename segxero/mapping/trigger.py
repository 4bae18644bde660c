"""Triggers: which events a mapping wants, in Segment's filter language and without its traps."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lark import Token, Tree, UnexpectedCharacters, UnexpectedToken

from segxero.mapping import conditions
from segxero.mapping.conditions import Condition
from segxero.mapping.grammar import parser
from segxero.mapping.paths import Getter, getter
from segxero.mapping.plain_text import number_text
from segxero.mapping.trigger_faults import FIELDS, TriggerError, check_words, misplaced, refused, refused_character

__all__ = ["Trigger", "TriggerError", "parse_trigger"]

TEXT_FIELDS = ("type", "event", "name", "userId")
BRANCHES = ("properties", "traits", "context")
ALWAYS_TEXT = ("type", "event", "name")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
KEY = re.compile(r"(?:\\.|[^.\\])+")

CALLS: dict[tuple[str, bool], Callable[[Getter, str], Condition]] = {
    ("contains", True): conditions.contains,
    ("contains", False): conditions.lacks,
    ("starts", True): conditions.starts_with,
    ("starts", False): conditions.starts_otherwise,
    ("ends", True): conditions.ends_with,
    ("ends", False): conditions.ends_otherwise,
}


@dataclass(frozen=True, slots=True)
class Trigger:
    """A condition on events; *text* is how it was written."""

    text: str
    matches: Condition = field(repr=False, compare=False)

    def __str__(self) -> str:
        return self.text


def parse_trigger(text: str) -> Trigger:
    """Read *text*. Raise TriggerError, with the column and what to write instead, for everything ambiguous."""
    if not text.strip():
        raise TriggerError('the trigger is empty: write which events are wanted, such as type = "track"', 1)
    try:
        check_words(list(parser().lex(text)))
        tree = parser().parse(text)
    except UnexpectedCharacters as error:
        raise refused_character(error) from None
    except UnexpectedToken as error:
        raise misplaced(error, text) from None
    try:
        return Trigger(text, _condition(tree))
    except RecursionError:
        raise TriggerError("the parentheses are nested too deeply: write it with fewer", 1) from None


def _condition(node: Any) -> Condition:
    if node.data == "call":
        return _call(node.children, holds=True)
    if node.data == "comparison":
        return _comparison(*node.children)
    if node.data == "negation":
        return _negation(*node.children)
    parts = [_condition(child) for child in node.children]
    join = conditions.either if node.data == "either" else conditions.both
    return parts[0] if len(parts) == 1 else join(parts)


def _negation(bang: Token, negated: Tree[Any]) -> Condition:
    if negated.data == "call":
        return _call(negated.children, holds=False)
    if negated.data == "comparison" and all(isinstance(child, Token) for child in negated.children):
        clause = " ".join(map(str, negated.children))
        raise refused(bang, f"! stands before ( or a function only: write !({clause}), or use !=")
    return conditions.negated(_condition(negated))


def _call(children: list[Any], *, holds: bool) -> Condition:
    function, arguments = children[0], [child for child in children[1:] if child is not None]
    if function not in {"contains", "match"}:
        raise refused(function, f'{function}() is not known: write contains(field, "…") or match(field, "…*")')
    if len(arguments) != 2 or arguments[0].type != "WORD" or arguments[1].type != "TEXT":  # noqa: PLR2004
        raise refused(function, f'write {function}(field, "…") with a field and a text in double quotes')
    named, searched = arguments
    if named == "type":
        raise refused(named, f'{function}() cannot look at type: write type = "…"')
    name, text = _searched(function, searched)
    return CALLS[name, holds](_field(named), text)


def _searched(function: Token, token: Token) -> tuple[str, str]:
    """Say what to look for: the kind of search and its text without quotes and star."""
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


def _comparison(subject: Any, sign: Token, value: Token) -> Condition:
    if isinstance(subject, Tree):
        _call(subject.children, holds=True)
        raise refused(sign, "contains() and match() stand alone: leave out what follows them, or write ! before them")
    read = {
        "TEXT": _with_text,
        "NUMBER": _with_number,
        "NULL": _with_null,
        "TRUE": _with_boolean,
        "FALSE": _with_boolean,
    }
    if value.type not in read:
        raise refused(value, f'a text stands in double quotes: write "{value}"; a trigger cannot compare two fields')
    return read[value.type](subject, _field(subject), sign, value)


def _with_text(name: Token, subject: Getter, sign: Token, value: Token) -> Condition:
    text = str(value)[1:-1]
    if sign == "=":
        return conditions.text_equals(subject, text)
    if sign == "!=":
        return conditions.text_differs(subject, text)
    if not NUMBER.fullmatch(text):
        raise refused(value, f"{sign} compares numbers: write a number, or use = or !=")
    return _with_number(name, subject, sign, Token.new_borrow_pos("NUMBER", text, value))


def _with_number(name: Token, subject: Getter, sign: Token, value: Token) -> Condition:
    if name in ALWAYS_TEXT:
        raise refused(
            value, f'{name} is a text: write {name} = "{value}", or compare a number such as properties.total'
        )
    number = Decimal(value)
    if name == "userId" and sign in {"=", "!="}:
        text = number_text(number if number % 1 else number.quantize(Decimal(1)))
        return conditions.text_equals(subject, text) if sign == "=" else conditions.text_differs(subject, text)
    return conditions.compares(subject, str(sign), number)


def _with_boolean(name: Token, subject: Getter, sign: Token, value: Token) -> Condition:
    if name in ALWAYS_TEXT:
        raise refused(value, f'{name} is a text: write {name} = "{value}"')
    if sign != "=":
        raise refused(sign, f"Segment lets every value pass here, {value} as well: write !({name} = {value})")
    return conditions.is_boolean(subject, value.type == "TRUE")


def _with_null(name: Token, subject: Getter, sign: Token, value: Token) -> Condition:
    if sign not in {"=", "!="}:
        raise refused(sign, f"null has no size: write {name} = null or {name} != null")
    if name in {"type", "event"}:
        raise refused(value, f'Segment takes null for a text here: write {name} = "…", or leave this clause out')
    return conditions.is_missing(subject) if sign == "=" else conditions.exists(subject)


def _field(token: Token) -> Getter:
    keys = tuple(KEY.findall(token))
    if len(keys) == 1 and token in TEXT_FIELDS:
        return getter((str(token),))
    if keys[0] not in BRANCHES:
        raise refused(token, f"{token} is not a field that triggers know: write {FIELDS}")
    if len(keys) == 1:
        raise refused(token, f"{token} needs the name of what is in it: write {token}.total")
    if any("\\." in key for key in keys):
        raise refused(token, f"{token}: a name with a dot in it cannot be reached by a trigger")
    return getter(tuple(re.sub(r"\\(.)", r"\1", key) for key in keys))
