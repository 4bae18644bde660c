"""Cuts the body of a webhook call into events without changing a byte. The receiver and the archives call it.

Segment sends one object, an array of events, or (Extensible Webhook) an array of `{"json": event}` wrappers.
The raw text of each event stays unchanged, because the signature covers exact bytes and because numbers
must not pass through a float.
"""

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from segxero.errors import InvalidEventError

MAX_DEPTH = 100  # objects and arrays inside each other; later steps are recursive
MAX_EXPONENT = 400  # JavaScript ends at 1.8e308; 1e999999999 written out in full would fill the memory
MAX_EVENTS = 10_000  # Segment sends at most 4,000 in a body
MAX_VALUES = 1_000_000  # in a body; each takes up to about 100 bytes of memory
MAX_SCANNED = 1_000_000  # longest search for the end of an event; Segment's own events end at 32 KB

_SPACE = re.compile(r"[ \t\n\r]*")
_WRAPPER = re.compile(r'\{[ \t\n\r]*"json"[ \t\n\r]*:[ \t\n\r]*')
_WRAPPER_END = re.compile(r"[ \t\n\r]*\}")
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_TOKEN = re.compile(rf'{_STRING.pattern}|"|[\[\]{{}}]|true|false|null|[-+.0-9eE]+', re.DOTALL)
_STEPS = {"{": 1, "[": 1, "}": -1, "]": -1}

_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class TooManyError(InvalidEventError):
    """The body holds more than a webhook call may."""


@dataclass(frozen=True, slots=True)
class Element:
    """An event of a body: its raw *text* and its *value*, or the *fault* that makes it unreadable."""

    text: str
    value: Any
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookBody:
    """The events of a webhook call in their order."""

    events: tuple[Element, ...]
    is_batch: bool


def split(raw: bytes) -> WebhookBody:
    """Cut *raw* into its events. Raise InvalidEventError if it is not JSON of Segment, or wholly unreadable."""
    text, start = _opened(raw)
    if sum(map(raw.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise TooManyError(f"The body holds more than {MAX_VALUES:,} values.")
    is_batch = text[start] == "["
    if is_batch:
        elements, end = _array(text, start)
    else:
        element, end = _value(text, start)
        elements = [element]
    if _after_space(text, end) != len(text):
        raise _not_json("more text follows the end", end)
    # With a single readable event the body is taken, and the others become dead letters.
    if elements and all(element.fault for element in elements):
        raise InvalidEventError(f"The body cannot be read: it {elements[0].fault}.")
    return WebhookBody(events=tuple(elements), is_batch=is_batch)


def first_slice(raw: bytes) -> bytes | None:
    """Return the exact bytes of a batch's first event (inside its wrapper, if it has one); None without a batch.

    The event is not read: before its signature is checked, it could be an attack on the parser.
    Raise InvalidEventError when its end cannot be found.
    """
    text, at = _opened(raw)
    if text[at] == "{":
        return None
    at = _after_space(text, at + 1)
    if text.startswith("]", at):
        return None
    start, end = at, _end(text, at)
    if opened := _WRAPPER.match(text, at):
        inner = _end(text, opened.end())
        if inner is not None and _WRAPPER_END.match(text, inner):
            start, end = opened.end(), inner
    if end is None:
        raise _not_json("the first event does not end", at)
    return text[start:end].encode()


def _opened(raw: bytes) -> tuple[str, int]:
    """Return the text of *raw* and where its object or array starts."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidEventError(f"The body should be UTF-8; byte {error.start} is not.") from None
    start = _after_space(text, 0)
    if not text.startswith(("{", "["), start):
        raise InvalidEventError("The body should be a JSON object or an array of JSON objects.")
    return text, start


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _array(text: str, at: int) -> tuple[list[Element], int]:
    elements: list[Element] = []
    at = _after_space(text, at + 1)
    if text.startswith("]", at):
        return elements, at + 1
    while True:
        element, at = _element(text, at)
        elements.append(element)
        # Counted while reading: a body of millions of events must not fill the memory first.
        if len(elements) > MAX_EVENTS:
            raise TooManyError(f"The body holds more than {MAX_EVENTS:,} events; Segment sends at most 4,000.")
        at = _after_space(text, at)
        if text.startswith("]", at):
            return elements, at + 1
        if not text.startswith(",", at):
            raise _not_json("a comma or the end of the array is missing", at)
        at = _after_space(text, at + 1)


def _element(text: str, at: int) -> tuple[Element, int]:
    if opened := _WRAPPER.match(text, at):
        element, end = _value(text, opened.end())
        if closed := _WRAPPER_END.match(text, end):
            return element, closed.end()
    return _value(text, at)


def _value(text: str, at: int) -> tuple[Element, int]:
    try:
        value, end = _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        raise _not_json(error.msg, at) from None
    except RecursionError:
        # Only this event is unreadable; its neighbours in the batch are taken.
        return _unreadable(text, at, f"is nested more than {MAX_DEPTH} levels deep")
    except ValueError:
        return _unreadable(text, at, "holds a number that is too large")
    raw = text[at:end]
    if _is_too_deep(raw):
        return Element(raw, None, f"is nested more than {MAX_DEPTH} levels deep"), end
    return Element(raw, value), end


def _unreadable(text: str, at: int, fault: str) -> tuple[Element, int]:
    """Step over the value at *at*, so that its neighbours can be read."""
    end = _end(text, at)
    if end is None:
        raise InvalidEventError(f"The body cannot be read: it {fault}.")
    return Element(text[at:end], None, fault), end


def _end(text: str, at: int) -> int | None:
    """Find the end of the JSON value at *at* without reading it; None if it is not within MAX_SCANNED characters."""
    depth = 0
    for token in _TOKEN.finditer(text, at, at + MAX_SCANNED):
        mark = token[0]
        if mark == '"' or (depth == 0 and token.start() != at):
            return None
        depth += _STEPS.get(mark, 0)
        if depth <= 0:
            return None if depth else token.end()
    return None


def _is_too_deep(raw: str) -> bool:
    """Tell whether the JSON *raw* has more than MAX_DEPTH levels: each turn removes a level of its brackets."""
    if raw.count("{") + raw.count("[") <= MAX_DEPTH:
        return False
    brackets = _STRING.sub("", raw).encode().translate(_BRACKETS, _NOT_BRACKETS)
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"")
    return brackets != b""


def _not_json(reason: str, at: int) -> InvalidEventError:
    return InvalidEventError(f"The body is not JSON: {reason} (character {at}).")


def _number(text: str) -> Decimal:
    """Read a number with a point or exponent. Raise ValueError if no JavaScript engine can write it."""
    try:
        number = Decimal(text)
    except ArithmeticError:
        raise ValueError(text) from None
    if not -MAX_EXPONENT < number.adjusted() < MAX_EXPONENT:
        raise ValueError(text)
    return number


def _refuse_constant(word: str) -> Any:
    raise json.JSONDecodeError(f"{word} is not JSON", word, 0)


_DECODER = json.JSONDecoder(parse_float=_number, parse_constant=_refuse_constant)
