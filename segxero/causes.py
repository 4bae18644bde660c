"""Causes: what is the same in the sentences of many failures, so that a person hears of one cause once."""

import re

# A record that waits for another one that needs a person has the same cause as that one.
WAITS = re.compile(r"^waits for .+?, which needs a person: ", re.DOTALL)
# A missing row of a table is a cause of its own, whose name is in quotes.
TABLE = "has no row"
VARIABLE = (
    (re.compile(r"[^\s@'\"]+@[^\s@'\"]+"), "<e-mail>"),
    (re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"), "<id>"),
    (re.compile(r"(?<=The contact name ).+?(?= is already assigned)", re.DOTALL), "<name>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d(?:T[\d:.+Z-]*)?"), "<date>"),
    (re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”"), "<text>"),
    (re.compile(r"(?<![\w])[A-Za-z_-]*\d[\w.,:-]*"), "#"),
)


def cause_of(sentence: str) -> str:
    """Return *sentence* without ids, names, amounts, dates and whatever else differs from record to record."""
    cause = WAITS.sub("", sentence)
    if TABLE in cause:
        return cause
    for pattern, word in VARIABLE:
        cause = pattern.sub(word, cause)
    return cause
