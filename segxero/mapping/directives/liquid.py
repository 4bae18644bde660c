"""The directive @liquid: a text made by a Liquid template."""

from typing import Any

from segxero.errors import MappingError
from segxero.mapping.registry import Argument, Resolver, directive


@directive("@liquid")
def compile_liquid(argument: Argument) -> Resolver:
    """Fill a Liquid template; the result is always a text."""
    from segxero.mapping.liquid import LiquidFault, Template  # noqa: PLC0415  a tenth of a second, for those who use it

    if not isinstance(argument.value, str):
        return argument.fault("should be a text")
    try:
        template = Template(argument.value)
    except LiquidFault as fault:
        return argument.fault(str(fault))
    for name in template.unknown_filters:
        argument.warn(f"{name} is not a filter: the value passes it unchanged")
    path = argument.path

    def resolve(event: Any) -> Any:
        try:
            return template.render(event)
        except LiquidFault as fault:
            raise MappingError(f"{path}: {fault}") from None

    return resolve
