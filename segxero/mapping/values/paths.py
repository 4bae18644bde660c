"""Paths such as `$.properties.products[0].sku`: read once, then followed through an event."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from segxero.mapping.values.undefined import UNDEFINED

Getter = Callable[[Any], Any]

SEPARATORS = re.compile(r"""\[(?=["'\d])|\.|(?<=["'\d])\]+""")
QUOTES = re.compile("['\"]")


def split_path(text: str) -> tuple[str, ...]:
    """Split *text* at dots and brackets; the empty path means the whole event."""
    return tuple(QUOTES.sub("", part) for part in SEPARATORS.split(text) if part)


@lru_cache(maxsize=1024)
def path_getter(text: str) -> Getter:
    """Return what follows *text*; its first `$.` is left out, wherever it stands, as Segment does."""
    return getter(split_path(text.replace("$.", "", 1)))


def getter(keys: tuple[str, ...]) -> Getter:
    """Return a function that follows *keys* from a value and gives UNDEFINED where nothing is."""
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
    """Take one step; through null, 0, false and "" the value itself is what is found, as in Segment."""
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
