"""Causes: what is the same in the sentences of many failures, so that a person hears of one cause once."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

# A record that waits for another one that needs a person has the same cause as that one.
WAITS = re.compile(r"^waits for .+?, which needs a person: ", re.DOTALL)
# A missing row of a table is a cause of its own, whose name is in quotes.
TABLE = "has no row"
VARIABLE = (
    (re.compile(r"[^\s@\"<>()]+@[^\s@\"<>()]+"), "<e-mail>"),
    (re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"), "<id>"),
    (re.compile(r"(?<=The contact name ).+?(?= is already assigned)", re.DOTALL), "<name>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d(?:T[\d:.+Z-]*)?"), "<date>"),
    (re.compile(r"(?<!\w)'[^']*'(?!\w)|\"[^\"]*\"|\u201c[^\u201d]*\u201d"), "<text>"),
    (re.compile(r"(?<![\w])[$€£]?[A-Za-z_-]*\d[\w.,:-]*"), "#"),
)

GAP = "…"
LONGEST = 200  # characters
SHORTEST_KNOWN, SHORTEST_NAME = 3, 4  # characters; shorter values are too often part of other words
_WORDS = re.compile(r"<(?:e-mail|id|name|date|text)>|#")
_GAPS = re.compile(rf"{GAP}(?:(?:\s*[,;&+/-]\s*|\s+and\s+|\s+or\s+|\s+)?{GAP})+")
_NAME_FIELDS = {"name", "firstname", "lastname", "middlename", "displayname", "username"}


def cause_of(sentence: str) -> str:
    """Return *sentence* without ids, names, amounts, dates and whatever else differs from record to record."""
    cause = WAITS.sub("", sentence)
    return cause if TABLE in cause else _without_variables(cause)


def anonymous(sentence: str, known: Iterable[str] = ()) -> str:
    """Return the cause of *sentence* as it may leave this house: without any of the *known* values of its events."""
    cause = WAITS.sub("", sentence)
    for value in sorted(set(known), key=len, reverse=True):
        if len(value) >= SHORTEST_KNOWN:
            cause = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", GAP, cause, flags=re.IGNORECASE)
    cause = _WORDS.sub(GAP, _without_variables(cause))
    return _GAPS.sub(GAP, " ".join(cause.split()))[:LONGEST]


def known_values(value: Any, field: str = "") -> Iterator[str]:
    """Yield every text in a JSON *value*, and the words of names and of e-mails."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name != "type":
                yield from known_values(member, str(name))
    elif isinstance(value, list):
        for member in value:
            yield from known_values(member, field)
    elif isinstance(value, str) and value.strip():
        yield value.strip()
        words: list[str] = []
        if "@" in value:
            words = re.split(r"[\W_]+", value)
        elif field.replace("_", "").lower() in _NAME_FIELDS:
            words = [word for word in value.split() if word[0].isupper()]
        yield from (word for word in words if len(word) >= SHORTEST_NAME)


def _without_variables(sentence: str) -> str:
    for pattern, word in VARIABLE:
        sentence = pattern.sub(word, sentence)
    return sentence
