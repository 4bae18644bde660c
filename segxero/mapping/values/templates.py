"""Templates such as `Order {{properties.order_id}}`: split once, then filled from an event. @template calls it."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from segxero.mapping.values.paths import Getter, make_getter, split_path
from segxero.mapping.values.plain_text import plain_text

TRIPLE = re.compile(r"\{\{\{([^}]+)\}\}\}")
DOUBLE = re.compile(r"\{\{([^}]+)\}\}")

Part = str | Getter


def compile_template(text: str) -> Callable[[Any], str]:
    """Return a function that fills *text*. The value of a placeholder is never read as a template again."""
    parts = list(_parts(text))

    def render(event: Any) -> str:
        return "".join([part if isinstance(part, str) else plain_text(part(event)) for part in parts])

    return render


def find_placeholders(text: str) -> list[str]:
    """List the paths that *text* names."""
    return [inner.strip() for inner in TRIPLE.findall(text) + DOUBLE.findall(TRIPLE.sub("", text))]


def _parts(text: str) -> Iterator[Part]:
    # Segment fills {{{…}}} before {{…}}; a split in this order finds the same placeholders.
    for is_triple, piece in _pieces(TRIPLE, text):
        if is_triple:
            yield make_getter(split_path(piece))
            continue
        for is_double, inner in _pieces(DOUBLE, piece):
            yield make_getter(split_path(inner)) if is_double else inner


def _pieces(pattern: re.Pattern[str], text: str) -> Iterator[tuple[bool, str]]:
    for index, piece in enumerate(pattern.split(text)):
        if index % 2:
            yield True, piece.strip()
        elif piece:
            yield False, piece
