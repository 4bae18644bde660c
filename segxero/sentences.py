"""Sentences without what varies: ids, numbers, dates, amounts, e-mails and names become "…".

What is left is the same for all that one repair frees, and tells nothing about a person.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

GAP = "…"
LONGEST = 200  # characters
SHORTEST_KNOWN = 3  # characters; shorter values are too often part of other words
SHORTEST_NAME = 4

_PLACE = re.compile(r"(\.ya?ml):\d+")
_QUOTED = re.compile(r"(?<!\w)'[^']*'(?!\w)|\"[^\"]*\"|\u201c[^\u201d]*\u201d|\u2018[^\u2019]*\u2019(?!\w)")
_EMAIL = re.compile(r"[^\s<>()]+@[^\s<>()]*")
_WITH_DIGIT = re.compile(r"[\w.:+#/^%$€£~-]*\d(?:[\w.:,+#/^%~-]*[\w%])?")
_GAPS = re.compile(rf"{GAP}(?:(?:\s*[,;&+/-]\s*|\s+and\s+|\s+or\s+|\s+)?{GAP})+")
_NAME_FIELDS = {"name", "firstname", "lastname", "middlename", "displayname", "username"}


def plain(text: str, known: Iterable[str] = ()) -> str:
    """Return *text* without its variable parts and without the *known* values."""
    for value in sorted(set(known), key=len, reverse=True):
        if len(value) >= SHORTEST_KNOWN:
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", GAP, text, flags=re.IGNORECASE)
    text = _PLACE.sub(r"\1", text)
    for pattern in (_QUOTED, _EMAIL, _WITH_DIGIT):
        text = pattern.sub(GAP, text)
    return _GAPS.sub(GAP, " ".join(text.split()))[:LONGEST]


def known_values(value: Any, field: str = "") -> Iterator[str]:
    """Yield every text in a JSON *value*, and the words of names; a text that is JSON itself is not looked into."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name != "type":
                yield from known_values(member, str(name))
    elif isinstance(value, list):
        for member in value:
            yield from known_values(member, field)
    elif isinstance(value, str) and value.strip():
        yield value.strip()
        if field.replace("_", "").lower() in _NAME_FIELDS:
            yield from (word for word in value.split() if len(word) >= SHORTEST_NAME and word[0].isupper())
