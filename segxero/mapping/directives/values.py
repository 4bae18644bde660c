"""Directives that pick a value: @path, @template, @literal, @if and @excludeWhenNull."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from segxero.errors import MappingError
from segxero.mapping.registry import Argument, Resolver, directive, is_directive, nothing
from segxero.mapping.values.paths import path_getter
from segxero.mapping.values.plain_text import is_falsy, plain_text
from segxero.mapping.values.templates import compile_template, placeholders
from segxero.mapping.values.undefined import UNDEFINED


@directive("@path")
def compile_path(argument: Argument) -> Resolver:
    """Take the value at a path of the event."""
    if argument.value == "$":
        argument.file_fault('finds nothing: write "$." for the whole event')
    return _text_or_directive(argument, path_getter)


@directive("@template")
def compile_filled_template(argument: Argument) -> Resolver:
    """Fill the paths in double braces into a text."""
    if isinstance(argument.value, str):
        for path in placeholders(argument.value):
            if path.startswith("$"):
                argument.file_fault(f"reads {{{{{path}}}}} as nothing: leave the $. out in a template")
    return _text_or_directive(argument, compile_template)


def _text_or_directive(argument: Argument, prepare: Callable[[str], Resolver]) -> Resolver:
    if isinstance(argument.value, str):
        return prepare(argument.value)
    if not is_directive(argument.value):
        return argument.fault("should be a text or a directive")
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


@directive("@literal")
def compile_literal(argument: Argument) -> Resolver:
    """Take a value as it stands; a text with braces or a leading $. stays a text."""
    return replace(argument, expands=False).compile()


@directive("@if")
def compile_if(argument: Argument) -> Resolver:
    """Choose between two values by whether a value exists (`exists`) or is filled (`blank`)."""
    if not argument.has_options((), ("exists", "blank", "then", "else")):
        return nothing
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
        return nothing
    if drops_falsy and is_falsy(member.value):
        if member.value is not None:
            member.file_fault('is dropped by Segment when it is 0, false or "": write it in a @literal')
        return nothing
    return member.compile()


def _exists(value: Any) -> bool:
    return value is not UNDEFINED and value is not None


def _is_filled(value: Any) -> bool:
    """Segment's `blank` asks the opposite of its name; a list counts as empty when its text is."""
    return not is_falsy(value) and not (isinstance(value, list) and plain_text(value) == "")


@directive("@excludeWhenNull")
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
