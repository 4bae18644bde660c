"""The engine: mappings become functions once, and then run on every event."""

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

    *path* is where the value stands, *settings* are the organisation's; *in_file* reads the value as a mapping
    file does: a text that starts with `$.` is short for @path, and what Segment would misread is refused.
    """
    run = Compilation(settings)
    resolver = Argument(value, path, run, in_file=in_file, expands=in_file).compile()
    if run.faults:
        raise ConfigError("The mapping has faults:", run.faults)
    return resolver


def transform(mapping: Any, event: Mapping[str, Any]) -> Any:
    """Apply *mapping* to *event* as Segment does; UNDEFINED is the result where the root finds nothing.

    Raise ConfigError when the mapping is wrong, MappingError when it cannot be applied to this event.
    """
    if not isinstance(event, Mapping):
        raise MappingError(f"the event should be an object but is a {type(event).__name__}")
    # The text tells 1 from true and 1.0 from 1, and a mapping that was changed in place from what it was.
    text = repr(mapping)
    if (resolver := _compiled.get(text)) is None:
        resolver = compile_value(_with_root_directive(mapping))
        if len(_compiled) >= KEPT_MAPPINGS:
            _compiled.clear()
        _compiled[text] = resolver
    return resolver(event)


def _with_root_directive(mapping: Any) -> Any:
    """Put all other keys into the `mapping` of Segment's root directive, where there is one."""
    if not isinstance(mapping, dict) or ROOT_DIRECTIVE not in mapping:
        return mapping
    root = mapping[ROOT_DIRECTIVE]
    if not isinstance(root, dict) or len(root) != 1 or not isinstance(next(iter(root.values())), dict):
        raise ConfigError(f"{ROOT_DIRECTIVE} should hold one directive whose argument is an object")
    others = {key: value for key, value in mapping.items() if key != ROOT_DIRECTIVE}
    return {name: {**argument, "mapping": others} for name, argument in root.items()}
