"""Causes: a common name for all failures ended by the same repair, so a person hears of each cause once.

The obstacle of a record holds the facts: missing rows, the record it waits for, the reason that counts. A
sentence decides nothing. Only its variable parts are taken out, so that equal causes read alike. Called by the watch,
the list of blocked records, dead letters and the rehearsal of an import.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from segxero import jsontext

VARIABLE = (
    (re.compile(r"[^\s@\"<>()]+@[^\s@\"<>()]+"), "<e-mail>"),
    (re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"), "<id>"),
    (re.compile(r"(?<= name ).+?(?= is already )", re.DOTALL), "<name>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d(?:T[\d:.+Z-]*)?"), "<date>"),
    (re.compile(r"(?<!\w)'[^']*'(?!\w)|\"[^\"]*\"|\u201c[^\u201d]*\u201d"), "<text>"),
    (re.compile(r"(?<![\w])[$€£]?[A-Za-z_-]*\d[\w.,:-]*"), "#"),
)

GAP = "…"
LONGEST = 200  # characters
OWN, MOST_OWN = 0xE000, 1000  # the first character for private use in Unicode, and how many of them are taken
SHORTEST_KNOWN, SHORTEST_NAME = 3, 4  # characters; shorter values are too often part of other words
_WORDS = re.compile(r"<(?:e-mail|id|name|date|text)>|#")
_GAPS = re.compile(rf"{GAP}(?:(?:\s*[,;&+/-]\s*|\s+and\s+|\s+or\s+|\s+)?{GAP})+")
_NAME_FIELDS = {"name", "firstname", "lastname", "middlename", "displayname", "username"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """The facts behind a record's reason; the reason itself is a sentence for people and decides nothing."""

    refusal: str = ""  # the kind of Xero's refusal (see xero/api/refusals.py) or the name of a policy
    name: str = ""  # the digest of the contact name that Xero refused
    question: str = ""  # the kind of question that a person answers, such as `sums_disagree`
    lacks: tuple[tuple[str, str], ...] = ()  # the missing rows: (table, row)
    waits_for: str = ""  # the record that it waits for, such as `Contact|u1`
    root: str = ""  # the reason of the record at the end of that chain, where a person must act

    def to_json(self) -> str:
        """Return the text that a record keeps; '' for no obstacle."""
        known = {name: value for name, value in asdict(self).items() if value}
        return jsontext.canonical(known) if known else ""

    @classmethod
    def from_json(cls, text: str) -> "Obstacle":
        """Read the text of a record. Records of earlier versions have none, and newer records may hold more."""
        values: Mapping[str, Any] = jsontext.loads(text) if text else {}
        known = {name: value for name, value in values.items() if name in cls.__dataclass_fields__}
        if "lacks" in known:
            known["lacks"] = make_rows(known["lacks"])
        return cls(**known)


NO_OBSTACLE = Obstacle()


def make_rows(pairs: Iterable[Sequence[Any]]) -> tuple[tuple[str, str], ...]:
    """Return *pairs* of table and row as an obstacle holds them."""
    return tuple((str(table), str(row)) for table, row in pairs)


def find_cause(sentence: str, obstacle: Obstacle = NO_OBSTACLE) -> str:
    """Return the cause in words: *sentence* without ids, names, amounts, dates and other values that vary.

    While a record waits for another, they share a cause. A missing row is a cause of its own, so its name stays.
    """
    said = obstacle.root or sentence
    if obstacle.question:
        return _replace_variables(said, [name for _, row in obstacle.lacks for name in (f"'{row}'", row)])
    return said if obstacle.lacks else _replace_variables(said)


def identify_cause(sentence: str, obstacle: Obstacle = NO_OBSTACLE) -> str:
    """Return the identity of a cause: the question and the missing rows, or else the cause in words (W2)."""
    if obstacle.question:
        return " ".join([obstacle.question, *(f"{table}/{row}" for table, row in obstacle.lacks)])
    return find_cause(sentence, obstacle)


def anonymise(sentence: str, known: Iterable[str] = (), ours: Iterable[str] = ()) -> str:
    """Return the cause of *sentence* as it may leave this house: without any of the *known* values of its events.

    The words of *ours* stay: they are those of our own files, such as a category or an account code.
    """
    words = _find_own(sentence, ours)
    return _show(_mask(_hide(sentence, words), known), words)[:LONGEST]


def _find_own(sentence: str, ours: Iterable[str]) -> list[str]:
    return sorted((word for word in set(ours) if word and word in sentence), key=len, reverse=True)[:MOST_OWN]


def _hide(sentence: str, words: Sequence[str]) -> str:
    """Put a character for private use in the place of each of *words*, quotes included, while the rest is masked."""
    for number, word in enumerate(words):
        sentence = re.sub(rf"(?<![\w.,])(['\"]?){re.escape(word)}\1(?![\w]|[.,]\d)", chr(OWN + number), sentence)
    return sentence


def _show(sentence: str, words: Sequence[str]) -> str:
    for number, word in enumerate(words):
        sentence = sentence.replace(chr(OWN + number), word)
    return sentence


def _mask(cause: str, known: Iterable[str]) -> str:
    for value in sorted(set(known), key=len, reverse=True):
        # Short values, such as a country code, would blank parts of ordinary words.
        if len(value) >= SHORTEST_KNOWN:
            cause = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", GAP, cause, flags=re.IGNORECASE)
    cause = _WORDS.sub(GAP, _replace_variables(cause))
    return _GAPS.sub(GAP, " ".join(cause.split()))


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
        # Parts of an address and single names identify a person as well as the whole does.
        if "@" in value:
            words = re.split(r"[\W_]+", value)
        elif field.replace("_", "").lower() in _NAME_FIELDS:
            words = [word for word in value.split() if word[0].isupper()]
        yield from (word for word in words if len(word) >= SHORTEST_NAME)


def _replace_variables(sentence: str, ours: Iterable[str] = ()) -> str:
    words = _find_own(sentence, ours)
    sentence = _hide(sentence, words)
    for pattern, word in VARIABLE:
        sentence = pattern.sub(word, sentence)
    return _show(sentence, words)
