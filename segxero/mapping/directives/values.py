"""Directives that choose a value: @path, @template, @literal, @if, @first and @excludeWhenNull."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from segxero.errors import MappingError
from segxero.mapping.language.directive import Argument, Resolver, directive, give_nothing
from segxero.mapping.language.emptiness import find_gaps, follow_argument, is_always_empty, write_canonically
from segxero.mapping.language.gaps import UNKNOWN, Emptiness, Gap
from segxero.mapping.language.parts import (
    Imported,
    Warn,
    pick_entries,
    pick_inner_directive,
    pick_nothing,
    pick_options,
    pick_whole,
)
from segxero.mapping.language.shapes import AnyText, Anything, Entries, Options
from segxero.mapping.values.paths import make_path_getter, split_path
from segxero.mapping.values.plain_text import is_empty, is_falsy, plain_text
from segxero.mapping.values.templates import DOUBLE, TRIPLE, compile_template, find_placeholders
from segxero.mapping.values.undefined import UNDEFINED


@directive(
    "@path",
    takes=AnyText(or_directive=True),
    can_be_empty=UNKNOWN,  # a plain path is recognised before, see read_path
    inner=pick_nothing,
    imported=Imported(values=pick_inner_directive),
)
def compile_path(argument: Argument) -> Resolver:
    """Take the value at a path of the event."""
    if argument.value == "$":
        argument.file_fault('finds nothing: write "$." for the whole event')
    return _text_or_directive(argument, make_path_getter)


def _find_template_gaps(argument: Any, filled: frozenset[str]) -> list[Gap]:
    if not isinstance(argument, str):
        return [Gap("@template can come out empty")]
    inside = [".".join(split_path(inner)) for inner in find_placeholders(argument)]
    missing = [path for path in inside if path not in filled]
    if not missing:
        return []
    rest = DOUBLE.sub("", TRIPLE.sub("", argument)).strip()
    if not rest and len(inside) == 1:
        return [Gap(f"{missing[0]} can be missing")]
    # "Order {{id}}" without its id is still a text, and the same text for every such event.
    shown = f' "{rest}"' if rest else ""
    return [Gap(f"{missing[0]} can be missing, and the rest{shown} names another record", is_partial=True)]


@directive(
    "@template",
    takes=AnyText(or_directive=True),
    can_be_empty=Emptiness(find_gaps=_find_template_gaps, is_always_empty=is_always_empty),
    inner=pick_nothing,
    imported=Imported(values=pick_inner_directive),
)
def compile_filled_template(argument: Argument) -> Resolver:
    """Fill the paths in double braces into a text."""
    if isinstance(argument.value, str):
        for path in find_placeholders(argument.value):
            if path.startswith("$"):
                argument.file_fault(f"reads {{{{{path}}}}} as nothing: leave the $. out in a template")
    return _text_or_directive(argument, compile_template)


def _text_or_directive(argument: Argument, prepare: Callable[[str], Resolver]) -> Resolver:
    if isinstance(argument.value, str):
        return prepare(argument.value)
    inner = argument.compile()
    path = argument.path

    def resolve(event: Any) -> Any:
        text = inner(event)
        if not isinstance(text, str):
            raise MappingError(f"{path}: the directive inside should give a text but gives {_kind(text)}")
        return prepare(text)(event)

    return resolve


def _kind(value: Any) -> str:
    return "nothing" if value is UNDEFINED or value is None else f"a {type(value).__name__}"


def _find_literal_gaps(argument: Any, _filled: frozenset[str]) -> list[Gap]:
    return [Gap("it is empty")] if is_always_empty(argument) else []


@directive(
    "@literal",
    takes=Anything(),
    can_be_empty=Emptiness(find_gaps=_find_literal_gaps, is_always_empty=is_always_empty),
    inner=pick_whole,
    imported=Imported(),
)
def compile_literal(argument: Argument) -> Resolver:
    """Take a value as it is written; a text with braces or a leading $. stays a text."""
    return replace(argument, expands=False).compile()


def _find_if_gaps(argument: Any, filled: frozenset[str]) -> list[Gap]:
    if not isinstance(argument, dict):
        return []
    asked = write_canonically(argument.get("exists", argument.get("blank")))
    found = find_gaps(argument["then"], filled | {asked}) if "then" in argument else [Gap("there is no then")]
    # The event always has the value, so that else is never taken.
    if asked in filled:
        return found
    return found + (find_gaps(argument["else"], filled) if "else" in argument else [Gap(f"{asked} can be missing")])


def _is_if_always_empty(argument: Any) -> bool:
    return isinstance(argument, dict) and all(is_always_empty(argument.get(branch)) for branch in ("then", "else"))


def _mend_if(argument: Any, warn: Warn) -> Any:
    if not isinstance(argument, dict):
        return argument
    mended = dict(argument)
    if "exists" in mended and mended.pop("blank", None) is not None:
        warn("@if has exists and blank: Segment looks at exists only, so blank is left out")
    if "else" in mended and is_falsy(mended["else"]):
        warn(f"else: {mended.pop('else')!r} is left out, because Segment ignores it; in a @literal it would count")
    return mended


@directive(
    "@if",
    takes=Options(optional=("exists", "blank", "then", "else")),
    can_be_empty=Emptiness(find_gaps=_find_if_gaps, is_always_empty=_is_if_always_empty),
    inner=pick_options("then", "else"),
    imported=Imported(values=pick_options("exists", "blank", "then", "else"), mend=_mend_if),
)
def compile_if(argument: Argument) -> Resolver:
    """Choose between two values by whether a value exists (`exists`) or is filled (`blank`)."""
    given = argument.value
    if is_falsy(given.get("exists")) and is_falsy(given.get("blank")):
        return argument.fault("should have exists or blank with a path or a directive to look at")
    if "exists" in given and "blank" in given:
        argument.file_fault("looks at exists only: leave blank out")
    question = argument.member("exists" if "exists" in given else "blank").compile()
    holds = _exists if "exists" in given else _is_filled
    then = _branch(argument, "then", drops_falsy=False)
    otherwise = _branch(argument, "else", drops_falsy=True)
    return lambda event: then(event) if holds(question(event)) else otherwise(event)


def _branch(argument: Argument, name: str, *, drops_falsy: bool) -> Resolver:
    member = argument.member(name)
    if member.value is UNDEFINED:
        return give_nothing
    if drops_falsy and is_falsy(member.value):
        if member.value is not None:
            member.file_fault('is dropped by Segment when it is 0, false or "": write it in a @literal')
        return give_nothing
    return member.compile()


def _exists(value: Any) -> bool:
    return value is not UNDEFINED and value is not None


def _is_filled(value: Any) -> bool:
    """Answer `blank`, which asks the opposite of its name in Segment. A list counts as empty when its text is."""
    return not is_falsy(value) and not (isinstance(value, list) and plain_text(value) == "")


def _find_first_gaps(argument: Any, filled: frozenset[str]) -> list[Gap]:
    found = [find_gaps(candidate, filled) for candidate in argument] if isinstance(argument, list) else []
    partial = [gap for gaps in found for gap in gaps if gap.is_partial]
    # A partial candidate is never empty, so no later candidate repairs it.
    if partial or not found or any(not gaps for gaps in found):
        return partial
    return [Gap(" and ".join(dict.fromkeys(gap.reason for gaps in found for gap in gaps)))]


def _is_first_always_empty(argument: Any) -> bool:
    return isinstance(argument, list) and all(map(is_always_empty, argument))


@directive(
    "@first",
    takes=Entries(" of values to try in turn"),
    can_be_empty=Emptiness(find_gaps=_find_first_gaps, is_always_empty=_is_first_always_empty),
    inner=pick_entries,
    imported=Imported(),  # Segment does not have it
)
def compile_first(argument: Argument) -> Resolver:
    """Take the first value of a list that is there: not missing, not null and not an empty text."""
    candidates = [argument.at(index, item).compile() for index, item in enumerate(argument.value)]

    def resolve(event: Any) -> Any:
        for candidate in candidates:
            if not is_empty(value := candidate(event)):
                return value
        return UNDEFINED

    return resolve


@directive(
    "@excludeWhenNull",
    takes=Anything(),
    can_be_empty=follow_argument(),
    inner=pick_whole,
    imported=Imported(values=pick_whole),
)
def compile_exclude_when_null(argument: Argument) -> Resolver:
    """Drop a value that is null, and every null inside its objects."""
    inner = argument.compile()

    def resolve(event: Any) -> Any:
        value = inner(event)
        return UNDEFINED if value is None else _without_nulls(value)

    return resolve


def _without_nulls(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: _without_nulls(item) for key, item in value.items() if item is not None}
