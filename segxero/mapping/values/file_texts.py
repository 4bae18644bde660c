"""Texts in mapping files: which are short for a path, and which are most likely a slip of the pen."""

import re

SLIPPED_PATH = re.compile(r"\$\[|\$[A-Za-z_]+[.\[]")


def expand(text: str) -> str | None:
    """Return the path that *text* is short for: all that starts with `$.`; a lone `$` is the whole event or item."""
    if text == "$":
        return "$."
    return text if text.startswith("$.") else None


def suspicion(text: str) -> str:
    """Say why the constant *text* was hardly meant as one, or return the empty text."""
    if SLIPPED_PATH.match(text):
        return f'is plain text here: a path starts with "$." (for the text itself write {{"@literal": {text}}})'
    if "{{" in text:
        return 'is plain text here: write {"@template": "…"} to fill in the braces, or {"@literal": "…"} to keep them'
    return ""
