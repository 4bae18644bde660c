"""The filters of LiquidJS that Segment allows: python-liquid's for texts, our own for exact numbers."""

import hashlib
import html
from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation
from functools import wraps
from typing import Any
from urllib.parse import quote

from liquid.builtin.filters import array, string
from liquid.exceptions import FilterArgumentError, ResourceLimitError
from liquid.undefined import is_undefined

from segxero import jsontext
from segxero.mapping.liquid.dates import date
from segxero.mapping.values.numbers import EXACT, rounded
from segxero.mapping.values.plain_text import plain_text

Filter = Callable[..., Any]

ZERO = Decimal(0)
LONGEST_TEXT = 100_000
MOST_DECIMALS = 20

DISABLED_NAMES = (
    "array_to_sentence_string concat find find_exp find_index find_index_exp group_by group_by_exp has has_exp map"
    " newline_to_br reject reject_exp reverse sort sort_natural uniq where_exp type"
)
DISABLED = frozenset(DISABLED_NAMES.split())
# LiquidJS has these, we do not. They are refused: leaving the value as it is would change the meaning.
ABSENT_NAMES = (
    "cgi_escape date_to_long_string date_to_rfc822 date_to_string date_to_xmlschema hmac_sha256 inspect"
    " normalize_whitespace number_of_words pop push sample shift slugify to_integer unshift uri_escape"
)
ABSENT = frozenset(ABSENT_NAMES.split())
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"})


def text(value: Any) -> str:
    """Write *value* as LiquidJS does: a missing value is empty, a list is all its entries in a row."""
    if is_undefined(value):
        return ""
    if isinstance(value, list | tuple):
        return "".join(map(text, value))
    return plain_text(value)


def number(value: Any) -> Decimal:
    """Read *value* as LiquidJS does in a calculation: anything but a number counts as 0."""
    if isinstance(value, str):
        value = value.strip()
    elif not isinstance(value, bool | int | float | Decimal):
        return ZERO
    try:
        result = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        return ZERO
    return result if result.is_finite() else ZERO


def plain(result: Decimal) -> Decimal:
    """Remove the zeros at the end of a result: 55, not 55.00."""
    short = result.normalize(EXACT)
    return short if int(short.as_tuple().exponent) <= 0 else short.quantize(Decimal(1), context=EXACT)


def _calculation(function: Callable[..., Decimal]) -> Filter:
    def calculate(value: Any, *arguments: Any) -> Decimal:
        return plain(function(number(value), *map(number, arguments)))

    return calculate


def _divided(dividend: Decimal, divisor: Decimal, whole: Decimal = ZERO) -> Decimal:
    if not divisor:
        raise FilterArgumentError("a number cannot be divided by 0", token=None)
    quotient = EXACT.divide(dividend, divisor)
    return quotient.to_integral_value(ROUND_FLOOR) if whole else quotient


def _modulo(dividend: Decimal, divisor: Decimal) -> Decimal:
    """Return a remainder with the sign of the divisor, as LiquidJS does."""
    if not divisor:
        raise FilterArgumentError("a number cannot be divided by 0", token=None)
    remainder = EXACT.remainder(dividend, divisor)
    return EXACT.add(remainder, divisor) if remainder and (remainder < 0) is not (divisor < 0) else remainder


def _round(value: Decimal, decimals: Decimal = ZERO) -> Decimal:
    return rounded(value, max(-MOST_DECIMALS, min(MOST_DECIMALS, int(decimals))))


def _sum(values: Any, key: Any = None) -> Decimal:
    entries = values if isinstance(values, list) else [] if is_undefined(values) or values is None else [values]
    if key is not None:
        entries = [entry.get(text(key)) for entry in entries if isinstance(entry, dict)]
    return plain(sum(map(number, entries), ZERO))


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str | list) else 0


def _join(values: Any, separator: Any = " ") -> str:
    entries = [text(entry) for entry in values] if isinstance(values, list) else [text(values)]
    _check_length(len(entries) * len(text(separator)))
    return text(separator).join(entries)


def _split(value: Any, separator: Any = "") -> list[str]:
    parts = text(value).split(text(separator)) if text(separator) else list(text(value))
    while parts and not parts[-1]:
        parts.pop()
    return parts


def _slice(value: Any, start: Any = 0, length: Any = 1) -> Any:
    items: Sequence[Any] = value if isinstance(value, list) else text(value)
    first = int(number(start))
    first = first + len(items) if first < 0 else first
    return items[first : first + int(number(length))]


def _replace(value: Any, pattern: Any = "", replacement: Any = "") -> str:
    searched, new = text(pattern), text(replacement)
    _check_length(text(value).count(searched) * len(new))
    return text(value).replace(searched, new)


def _truncate(value: Any, length: Any = 50, end: Any = "...") -> str:
    whole, most = text(value), int(number(length))
    return whole if len(whole) <= most else whole[: max(most - len(text(end)), 0)] + text(end)


def _where(values: Any, key: Any, *wanted: Any) -> list[Any]:
    entries = values if isinstance(values, list) else [values]
    found = [(entry, entry.get(text(key))) for entry in entries if isinstance(entry, dict)]
    if wanted and not is_undefined(wanted[0]):
        return [entry for entry, value in found if value == wanted[0]]
    return [entry for entry, value in found if value is not None and value is not False]


def _end(index: int) -> Filter:
    return lambda value: value[index] if isinstance(value, str | list) and value else None


def _json(value: Any) -> str:
    return "" if is_undefined(value) else jsontext.dumps(value)


def _default(value: Any, other: Any = "", **options: Any) -> Any:
    if value is False and options.get("allow_false") is True:
        return value
    return other if is_undefined(value) or value in (None, "", [], {}) or value is False else value


def _escape(value: Any) -> str:
    return text(value).translate(ESCAPES)


def _url_encode(value: Any) -> str:
    return quote(text(value), safe="-_.!~*'()").replace("%20", "+")


def _texts(function: Filter) -> Filter:
    """Give a filter of python-liquid its value and its arguments as LiquidJS would write them."""

    def call(value: Any, *arguments: Any, **options: Any) -> Any:
        return function(text(value), *(given if type(given) is int else text(given) for given in arguments), **options)

    for mark in ("with_context", "with_environment"):
        if getattr(function, mark, False):
            setattr(call, mark, True)
    return call


def _check_length(characters: int) -> None:
    if characters > LONGEST_TEXT:
        raise ResourceLimitError(f"a text becomes longer than {LONGEST_TEXT} characters", token=None)


def limited(function: Filter) -> Filter:
    """Wrap *function*: results that are too long are refused, and errors of Python become errors of Liquid."""

    @wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        try:
            result = function(*arguments, **options)
        except ArithmeticError:
            raise FilterArgumentError("a number becomes too large to be exact", token=None) from None
        except ValueError as error:
            raise FilterArgumentError(str(error), token=None) from None
        if isinstance(result, str | list):
            _check_length(len(result))
        return result

    return call


def _compact(value: Any, key: Any = None) -> Any:
    """Report an item without the key; the library would raise a KeyError."""
    try:
        return array.compact(value, key)
    except KeyError:
        raise FilterArgumentError(f"an item has no {text(key)}", token=None) from None


FROM_LIBRARY = (
    "append", "base64_decode", "base64_encode", "capitalize", "downcase", "lstrip", "prepend", "remove", "remove_first",
    "remove_last", "replace_first", "replace_last", "rstrip", "squish", "strip", "strip_html", "strip_newlines",
    "truncatewords", "upcase", "url_decode",
)  # fmt: skip

FILTERS: dict[str, Filter] = {
    **{name: _texts(getattr(string, name)) for name in FROM_LIBRARY},
    "abs": _calculation(abs),
    "at_least": _calculation(max),
    "at_most": _calculation(min),
    "ceil": _calculation(lambda value: value.to_integral_value(ROUND_CEILING)),
    "compact": _compact,
    "date": date,
    "default": _default,
    "divided_by": _calculation(_divided),
    "escape": _escape,
    "escape_once": lambda value: _escape(html.unescape(text(value))),
    "first": _end(0),
    "floor": _calculation(lambda value: value.to_integral_value(ROUND_FLOOR)),
    "join": _join,
    "json": _json,
    "jsonify": _json,
    "last": _end(-1),
    "minus": _calculation(EXACT.subtract),
    "modulo": _calculation(_modulo),
    "plus": _calculation(EXACT.add),
    "raw": lambda value: value,
    "replace": _replace,
    "round": _calculation(_round),
    "sha256": lambda value: hashlib.sha256(text(value).encode()).hexdigest(),
    "size": _size,
    "slice": _slice,
    "split": _split,
    "sum": _sum,
    "truncate": _truncate,
    "url_encode": _url_encode,
    "times": _calculation(EXACT.multiply),
    "where": _where,
    "xml_escape": _escape,
}
