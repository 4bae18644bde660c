"""The engine: compiles a mapping value once and runs it on every event. Segment-compatible code calls `transform`."""

from collections.abc import Mapping
from typing import Any

import segxero.mapping.directives  # noqa: F401  registers the directives
from segxero.errors import ConfigError, MappingError
from segxero.mapping.language.directive import NO_SETTINGS, Argument, Compilation, DirectiveSettings, Resolver

ROOT_DIRECTIVE = "__segment_internal_directive"
KEPT_MAPPINGS = 256

_compiled: dict[str, Resolver] = {}


def compile_value(
    value: Any, path: str = "", *, settings: DirectiveSettings = NO_SETTINGS, in_file: bool = False
) -> Resolver:
    """Turn a mapping value (JSON) into a function of the event. Raise ConfigError with every fault at once.

    *path* is the place of the value, *settings* are the organisation's. *in_file* reads the value as a mapping
    file does: a text that starts with `$.` is short for @path, and values that Segment would misread are refused.
    """
    run = Compilation(settings)
    resolver = Argument(value, path, run, in_file=in_file, expands=in_file).compile()
    if run.faults:
        raise ConfigError("The mapping has faults:", run.faults)
    return resolver


def transform(mapping: Any, event: Mapping[str, Any]) -> Any:
    """Apply *mapping* to *event* as Segment does. The result is UNDEFINED if the root finds nothing.

    Raise ConfigError when the mapping is wrong, MappingError when it cannot be applied to this event.
    """
    if not isinstance(event, Mapping):
        raise MappingError(f"the event should be an object but is a {type(event).__name__}")
    # As keys of a dictionary 1, 1.0 and true are equal, their texts are not. The text also changes with the mapping.
    text = repr(mapping)
    if (resolver := _compiled.get(text)) is None:
        resolver = compile_value(_with_root_directive(mapping))
        # A caller that makes new mappings all the time must not fill the memory.
        if len(_compiled) >= KEPT_MAPPINGS:
            _compiled.clear()
        _compiled[text] = resolver
    return resolver(event)


def _with_root_directive(mapping: Any) -> Any:
    """Put all other keys into the `mapping` of Segment's root directive, if there is one."""
    if not isinstance(mapping, dict) or ROOT_DIRECTIVE not in mapping:
        return mapping
    root = mapping[ROOT_DIRECTIVE]
    if not isinstance(root, dict) or len(root) != 1 or not isinstance(next(iter(root.values())), dict):
        raise ConfigError(f"{ROOT_DIRECTIVE} should hold one directive whose argument is an object")
    others = {key: value for key, value in mapping.items() if key != ROOT_DIRECTIVE}
    return {name: {**argument, "mapping": others} for name, argument in root.items()}
