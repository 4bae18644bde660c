"""The faults of triggers, each with a correction. `parse_trigger` calls this module."""

import re
from collections.abc import Sequence

from lark import Token, UnexpectedCharacters, UnexpectedToken

from segxero.errors import ConfigError
from segxero.mapping.triggers.grammar import NAMES

FIELDS = "type, event, name, userId, properties.…, traits.… or context.…"

CHARACTERS = {
    "'": 'a text belongs in double quotes: write "…"',
    '"': "this text has no closing double quote",
    "&": "write and",
    "|": "write or",
    "[": 'a trigger cannot look into a list and knows no lists: write (f = "a" or f = "b")',
    "$": "a trigger names fields without $: write properties.total, and a backslash before a $ inside a name",
    ".": "a number needs a digit before its point: write 0.5",
    "`": 'a text belongs in double quotes: write "…"',
    "{": "a trigger has no templates: write the text itself",
    "*": 'a star belongs into match(): write match(event, "Order*")',
    "~": 'write contains(event, "…") or match(event, "…*")',
}

WORDS = {
    "and": "write and in small letters",
    "or": "write or in small letters",
    "not": "write !( … ) around what should not hold",
    "true": "write true in small letters",
    "false": "write false in small letters",
    "null": "write null in small letters",
    "none": "write null for a missing value",
    "undefined": "write null for a missing value",
    "in": 'a trigger knows no lists: write (f = "a" or f = "b")',
    "like": 'write match(event, "Order*")',
}
KEYWORDS = {"TRUE", "FALSE", "NULL", "AND", "OR"}


class TriggerError(ConfigError):
    """A refused trigger: the reason with a correction, and the place (*column* counts from 1 in its *line*)."""

    def __init__(self, message: str = "", column: int = 0, line: int = 1) -> None:
        place = f"column {column}" if line == 1 else f"line {line}, column {column}"
        super().__init__(f"{place}: {message}")
        self.reason = message
        self.column = column
        self.line = line

    def __reduce__(self) -> tuple[type["TriggerError"], tuple[str, int, int]]:  # type: ignore[override]
        return type(self), (self.reason, self.column, self.line)


def refused(token: Token, message: str) -> TriggerError:
    """Refuse *token* with *message*."""
    return TriggerError(message, token.column or 0, token.line or 1)


def refused_character(error: UnexpectedCharacters) -> TriggerError:
    advice = CHARACTERS.get(error.char, "put a backslash before it if it belongs to the name of a field")
    return TriggerError(f"{error.char} cannot be read: {advice}", error.column, error.line)


def check_words(tokens: Sequence[Token]) -> None:
    """Refuse words that are always wrong, before the grammar reports a less helpful fault elsewhere."""
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        advice = WORDS.get(token.lower())
        if advice and token.type not in KEYWORDS and token.type != "TEXT":
            raise refused(token, f"{token} is not a word of triggers: {advice}")
        if following is None or following.start_pos != token.end_pos:
            continue
        if {token.type, following.type} <= {"SIGN", "BANG"}:
            raise refused(token, f"{token}{following} is not an operator: write {NAMES['SIGN']}")
        if token.type == "NUMBER" and re.match(r"[eE]\d*$|\.", following):
            raise refused(token, f"{token}{following} is not a number of triggers: write it in full, such as 1000")


def misplaced(error: UnexpectedToken, text: str) -> TriggerError:
    """Explain a token that the grammar does not expect."""
    expected = error.accepts or error.expected
    names = [name for terminal, name in NAMES.items() if terminal in expected]
    wanted = "leave it out, or put and or or before it"
    if names:
        wanted = f"here belongs {' or '.join([', '.join(names[:-1]), names[-1]] if len(names) > 1 else names)}"
    if error.token.type == "$END":
        lines = text.split("\n")
        return TriggerError(f"the trigger ends too early: {wanted}", len(lines[-1]) + 1, len(lines))
    if error.token.type == "RPAR" and "RPAR" not in expected and "WORD" not in expected:
        wanted = "leave it out, or open it with ( before"
    return refused(error.token, f"{error.token} is not possible here: {wanted}")
