"""Directives for lists and objects: @arrayPath, @merge, @flatten and @transform."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from segxero.mapping.language.directive import Argument, Resolver, directive
from segxero.mapping.language.gaps import UNKNOWN
from segxero.mapping.language.parts import Imported, Part, Warn, pick_entries, pick_nothing, pick_options
from segxero.mapping.language.shapes import Entries, Options, is_directive
from segxero.mapping.values.paths import make_path_getter
from segxero.mapping.values.plain_text import is_falsy
from segxero.mapping.values.undefined import UNDEFINED, without_missing_keys, without_undefined

PATH_AND_SHAPE = 2


def _pick_shape(argument: Any) -> Iterator[Part]:
    if isinstance(argument, list) and len(argument) > 1:
        yield (1,), argument[1]


def _pick_directives_and_shape(argument: Any) -> Iterator[Part]:
    # A plain text in front is the path of the list, in Segment as well as here.
    yield from (part for part in pick_entries(argument) if part[0] != (0,) or not isinstance(part[1], str))


def _mend_array_path(argument: Any, _warn: Warn) -> Any:
    # Segment reads the shape {} as "leave the items as they are".
    return argument[:1] + [shape for shape in argument[1:] if shape != {}] if isinstance(argument, list) else argument


@directive(
    "@arrayPath",
    takes=Entries(": the path, then the shape of one item"),
    can_be_empty=UNKNOWN,
    inner=_pick_shape,
    imported=Imported(values=_pick_directives_and_shape, mend=_mend_array_path),
)
def compile_array_path(argument: Argument) -> Resolver:
    """Make a list from a list of the event; paths in the shape start at the item."""
    parts = argument.value
    if len(parts) > PATH_AND_SHAPE:
        argument.file_fault("takes two entries: the path, then the shape of one item")
    root = compile_list_root(argument.at(0, parts[0]))
    shape = _item_shape(argument.at(1, parts[1])) if len(parts) > 1 else None
    if shape is None:
        return root
    hole = UNDEFINED if argument.keeps_undefined else None

    def resolve(event: Any) -> Any:
        found = root(event)
        if isinstance(found, dict):
            return _shaped([found])
        return _shaped(found) if isinstance(found, list) else found

    def _shaped(items: list[Any]) -> list[Any]:
        return [hole if (value := shape(item)) is UNDEFINED else value for item in items]

    return resolve


def compile_list_root(argument: Argument) -> Resolver:
    """Compile the value that names a list: a path or a directive."""
    if isinstance(argument.value, str):
        return make_path_getter(argument.value)
    if is_directive(argument.value):
        return argument.compile()
    return argument.fault("should be a path or a directive")


def _item_shape(argument: Argument) -> Resolver | None:
    """Compile the shape. None means "leave the items as they are", which is how Segment reads {} and plain values."""
    if isinstance(argument.value, dict):
        return argument.compile() if argument.value else None
    if argument.is_path_text:
        return argument.compile()
    if argument.value is not None:
        argument.file_fault("should be an object, a directive or a path")
    return None


def _pick_objects(argument: Any) -> Iterator[Part]:
    if isinstance(argument, dict):
        yield from ((("objects", *keys), item) for keys, item in pick_entries(argument.get("objects")))


def _mend_merge(argument: Any, warn: Warn) -> Any:
    direction = argument.get("direction") if isinstance(argument, dict) else None
    if not isinstance(direction, str) or direction == direction.lower():
        return argument
    warn(f'direction "{direction}" acts as right in Segment: it is written so')
    return {**argument, "direction": "right"}


@directive(
    "@merge",
    takes=Options(required=("objects", "direction")),
    can_be_empty=UNKNOWN,
    inner=_pick_objects,
    imported=Imported(values=_pick_objects, mend=_mend_merge),
)
def compile_merge(argument: Argument) -> Resolver:
    """Put objects together; with `right` the later object wins, with `left` the earlier."""
    direction = argument.value["direction"]
    if not isinstance(direction, str) or direction.lower() not in {"left", "right"}:
        return argument.member("direction").fault("should be left or right")
    if direction != direction.lower():
        argument.member("direction").file_fault("should be left or right, in small letters")
    objects = argument.member("objects")
    if not isinstance(objects.value, list):
        return objects.fault("should be a list of objects")
    members = [_merge_member(replace(objects, keeps_undefined=True), index) for index in range(len(objects.value))]
    # The last member wins in the loop below, so the order decides.
    if direction == "left":
        members.reverse()
    finish = (lambda merged: merged) if argument.keeps_undefined else without_undefined

    def resolve(event: Any) -> Any:
        merged: dict[str, Any] = {}
        for member in members:
            value = member(event)
            if isinstance(value, dict):
                merged.update(value)
        return finish(merged)

    return resolve


def _merge_member(objects: Argument, index: int) -> Resolver:
    member = objects.at(index, objects.value[index])
    if isinstance(member.value, dict) or member.is_path_text:
        return member.compile()
    return member.fault("should be an object or a directive")


@directive(
    "@transform",
    takes=Options(required=("apply", "mapping")),
    can_be_empty=UNKNOWN,
    inner=pick_options("mapping"),
    imported=Imported(values=pick_options("apply", "mapping")),
)
def compile_transform(argument: Argument) -> Resolver:
    """Make an object from the event first (`apply`), then apply `mapping` to that object."""
    inside = replace(argument, keeps_undefined=True)
    finish = without_missing_keys if argument.keeps_undefined else without_undefined
    members = [inside.member("apply"), argument.member("mapping")]
    for member in members:
        if not (isinstance(member.value, dict) or member.is_path_text):
            member.fault("should be an object or a directive")
    apply, mapping = (member.compile() for member in members)
    return lambda event: finish(mapping(without_missing_keys(apply(event))))


@directive(
    "@flatten",
    takes=Options(required=("value", "separator"), optional=("omitArrays",)),
    can_be_empty=UNKNOWN,
    inner=pick_nothing,
    imported=Imported(values=pick_options("value")),
)
def compile_flatten(argument: Argument) -> Resolver:
    """Make one level of nested objects and lists; their keys are joined by the separator."""
    separator = argument.value["separator"]
    if not isinstance(separator, str) or not separator:
        return argument.member("separator").fault("should be a text that is not empty")
    omits_lists = not is_falsy(argument.value.get("omitArrays"))
    inner = replace(argument.member("value"), keeps_undefined=True).compile()
    finish = (lambda leaf: leaf) if argument.keeps_undefined else without_undefined

    def resolve(event: Any) -> Any:
        return {
            key: finish(value)
            for key, value in _leaves(inner(event), "", separator, omits_lists=omits_lists)
            if value is not UNDEFINED
        }

    return resolve


def _leaves(value: Any, prefix: str, separator: str, *, omits_lists: bool) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        entries = list(value.items())
    elif isinstance(value, list) and not omits_lists:
        entries = [(str(index), item) for index, item in enumerate(value)]
    else:
        yield prefix, value
        return
    for key, item in entries:
        yield from _leaves(item, f"{prefix}{separator}{key}" if prefix else key, separator, omits_lists=omits_lists)
