"""Paths of events, such as `$.properties.products[0].sku`, and pointers to the parts of a mapping file.

The directives, the triggers and the checks of the files call this module.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from segxero.mapping.values.undefined import UNDEFINED

Getter = Callable[[Any], Any]

SEPARATORS = re.compile(r"""\[(?=["'\d])|\.|(?<=["'\d])\]+""")
QUOTES = re.compile("['\"]")
SLIPPED_PATH = re.compile(r"\$\[|\$[A-Za-z_]+[.\[]")


def split_path(text: str) -> tuple[str, ...]:
    """Split *text* at dots and brackets; the empty path means the whole event."""
    return tuple(QUOTES.sub("", part) for part in SEPARATORS.split(text) if part)


@lru_cache(maxsize=1024)
def make_path_getter(text: str) -> Getter:
    """Return a function that follows the path *text*. The first `$.` is dropped, wherever it stands, as in Segment."""
    return make_getter(split_path(text.replace("$.", "", 1)))


def make_getter(keys: tuple[str, ...]) -> Getter:
    """Return a function that follows *keys* from a value and gives UNDEFINED when the path ends early."""
    if not keys:
        return lambda source: source
    if len(keys) == 1:
        return _single(keys[0])

    def follow(source: Any) -> Any:
        for key in keys:
            source = source.get(key, UNDEFINED) if type(source) is dict else _member(source, key)
        return source

    return follow


def _single(key: str) -> Getter:
    def follow(source: Any) -> Any:
        return source.get(key, UNDEFINED) if type(source) is dict else _member(source, key)

    return follow


def _member(value: Any, key: str) -> Any:
    """Take one step. A step through null, 0, false or "" gives that value itself, as in Segment."""
    if isinstance(value, Mapping):
        return value.get(key, UNDEFINED)
    if isinstance(value, list):
        return _item(value, key)
    if not value:
        return value
    return len(value) if isinstance(value, str) and key == "length" else UNDEFINED


def _item(items: list[Any], key: str) -> Any:
    if key == "length":
        return len(items)
    if not (key.isascii() and key.isdecimal()) or str(index := int(key)) != key:
        return UNDEFINED
    return items[index] if index < len(items) else UNDEFINED


def expand_path(text: str) -> str | None:
    """Return the path for which *text* is short: any text with `$.` in front, or a lone `$` for the whole event."""
    if text == "$":
        return "$."
    return text if text.startswith("$.") else None


def find_slip(text: str) -> str:
    """Say why the constant *text* of a mapping file was probably meant as something else; empty when it was not."""
    if SLIPPED_PATH.match(text):
        return f'is plain text here: start a path with "$." (or write {{"@literal": {text}}} to keep the text)'
    if "{{" in text:
        return 'is plain text here: write {"@template": "…"} to fill in the braces, or {"@literal": "…"} to keep them'
    return ""


def extend_pointer(path: str, key: str | int) -> str:
    """Return the JSON pointer of *key* below *path*, such as `/0/fields/Name`."""
    return f"{path}/{str(key).replace('~', '~0').replace('/', '~1')}"
