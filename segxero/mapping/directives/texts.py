"""Directives that change a text: @case, @replace and @json."""

import re
from decimal import Decimal
from functools import partial
from typing import Any

from simplejson import RawJSON

from segxero import jsontext
from segxero.errors import MappingError
from segxero.mapping.language.directive import Argument, Resolver, directive, give_nothing
from segxero.mapping.language.emptiness import follow_option
from segxero.mapping.language.gaps import UNKNOWN
from segxero.mapping.language.parts import Imported, pick_nothing, pick_options
from segxero.mapping.language.shapes import Options, is_directive
from segxero.mapping.values.plain_text import is_falsy, is_number, plain_text
from segxero.mapping.values.undefined import UNDEFINED, without_undefined

# JavaScript writes a number between these powers of ten without an exponent.
SMALLEST_PLAIN, LARGEST_PLAIN = -6, 21

LONGEST_REPLACEMENT = 10
JAVASCRIPT_REFERENCE = re.compile(r"\$([$&`'])")


@directive(
    "@case",
    takes=Options(required=("operator",), optional=("value",)),
    can_be_empty=follow_option("value"),
    inner=pick_nothing,
    imported=Imported(values=pick_options("value")),
)
def compile_case(argument: Argument) -> Resolver:
    """Turn a text into capital (`upper`) or small (`lower`) letters."""
    operator = argument.value["operator"]
    if not isinstance(operator, str) or not operator:
        return argument.member("operator").fault("should be lower or upper")
    if operator not in {"lower", "upper"}:
        argument.member("operator").file_fault("should be lower or upper")
    inner = _text_member(argument)
    path = argument.path

    def resolve(event: Any) -> Any:
        value = inner(event)
        # Numbers and lists pass unchanged, as in Segment.
        if not isinstance(value, str):
            return value
        if operator not in {"lower", "upper"}:
            raise MappingError(f"{path}/operator: should be lower or upper")
        return value.lower() if operator == "lower" else value.upper()

    return resolve


def _text_member(argument: Argument) -> Resolver:
    """Compile `value`: a text or a directive; the empty text counts as missing, as in Segment."""
    member = argument.member("value")
    if is_falsy(member.value) and isinstance(member.value, str | type(UNDEFINED)):
        return give_nothing
    if not isinstance(member.value, str) and not is_directive(member.value):
        return member.fault("should be a text or a directive")
    return member.compile()


@directive(
    "@replace",
    takes=Options(
        required=("value", "pattern"), optional=("replacement", "ignorecase", "global", "pattern2", "replacement2")
    ),
    can_be_empty=follow_option("value"),
    inner=pick_nothing,
    imported=Imported(values=pick_options("value")),
)
def compile_replace(argument: Argument) -> Resolver:
    """Replace a piece of text (not a regular expression) by another."""
    steps = [_replacement_step(argument, "pattern", "replacement")]
    if not is_falsy(argument.value.get("pattern2")):
        steps.append(_replacement_step(argument, "pattern2", "replacement2"))
    inner = _text_member(argument)
    if argument.value["value"] == "":
        return inner

    def resolve(event: Any) -> Any:
        value = inner(event)
        if isinstance(value, bool) or is_number(value):
            value = plain_text(value)
        if not isinstance(value, str):
            return ""
        for pattern, replacement, count in steps:
            value = pattern.sub(partial(_javascript_replacement, replacement), value, count=count)
        return value

    return resolve


def _replacement_step(argument: Argument, pattern_name: str, replacement_name: str) -> tuple[re.Pattern[str], str, int]:
    pattern = _short_text(argument, pattern_name, shortest=1, default=None)
    replacement = _short_text(argument, replacement_name, shortest=0, default="")
    ignore_case = _switch(argument, "ignorecase", default=False)
    everywhere = _switch(argument, "global", default=True)
    flags = re.IGNORECASE if ignore_case else re.NOFLAG
    return re.compile(re.escape(pattern), flags), replacement, 0 if everywhere else 1


def _short_text(argument: Argument, name: str, *, shortest: int, default: str | None) -> str:
    text = argument.value.get(name, default)
    if not isinstance(text, str) or not shortest <= len(text) <= LONGEST_REPLACEMENT:
        argument.member(name).fault(f"should be a text of {shortest} to {LONGEST_REPLACEMENT} characters")
        return ""
    return text


def _switch(argument: Argument, name: str, *, default: bool) -> bool:
    value = argument.value.get(name, default)
    if not isinstance(value, bool):
        argument.member(name).fault("should be true or false")
        return default
    return value


def _javascript_replacement(text: str, match: re.Match[str]) -> str:
    meanings = {
        "$": "$",
        "&": match.group(),
        "`": match.string[: match.start()],
        "'": match.string[match.end() :],
    }
    return JAVASCRIPT_REFERENCE.sub(lambda found: meanings[found.group(1)], text)


@directive(
    "@json",
    takes=Options(required=("mode", "value")),
    can_be_empty=UNKNOWN,
    inner=pick_nothing,
    imported=Imported(values=pick_options("value")),
)
def compile_json(argument: Argument) -> Resolver:
    """Write a value as JSON text (`encode`), or read JSON text (`decode`)."""
    mode = argument.value["mode"]
    if not isinstance(mode, str) or mode.lower() not in {"encode", "decode"}:
        return argument.member("mode").fault("should be encode or decode")
    if mode != mode.lower():
        argument.member("mode").file_fault("should be encode or decode, in small letters")
    if is_falsy(argument.value["value"]):
        return argument.member("value").fault("should be a directive or a value that is not empty")
    inner = argument.member("value").compile()
    actions = {"encode": _encode, "decode": _decode}
    action = actions.get(mode)
    return (lambda event: action(inner(event))) if action else give_nothing


def _encode(value: Any) -> Any:
    return value if value is UNDEFINED else jsontext.dumps(_spelled(without_undefined(value)))


def _spelled(value: Any) -> Any:
    """Return *value* with very large and very small numbers written as in JavaScript: 1e+21, not 1E+21."""
    if isinstance(value, dict):
        return {name: _spelled(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_spelled(inner) for inner in value]
    if not isinstance(value, Decimal) or "E" not in str(value):
        return value
    if SMALLEST_PLAIN <= value.adjusted() < LARGEST_PLAIN:
        return RawJSON(f"{value:f}")
    return RawJSON(str(value).replace("E", "e"))


def _decode(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return jsontext.loads(value)
    except ValueError:
        return value
