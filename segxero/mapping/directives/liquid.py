"""The directive @liquid: a text made by a Liquid template."""

from typing import Any

from segxero.errors import MappingError
from segxero.mapping.language.directive import Argument, Resolver, directive
from segxero.mapping.language.emptiness import is_always_empty
from segxero.mapping.language.gaps import Emptiness
from segxero.mapping.language.parts import Imported, pick_nothing
from segxero.mapping.language.shapes import AnyText


@directive(
    "@liquid",
    takes=AnyText(),
    can_be_empty=Emptiness(find_gaps=None, is_always_empty=is_always_empty),
    inner=pick_nothing,
    imported=Imported(),
)
def compile_liquid(argument: Argument) -> Resolver:
    """Fill a Liquid template; the result is always a text."""
    from segxero.mapping.liquid import LiquidFault, Template  # noqa: PLC0415  loading it takes a tenth of a second

    try:
        template = Template(argument.value)
    except LiquidFault as fault:
        return argument.fault(str(fault))
    for name in template.unknown_filters:
        argument.warn(f"{name} is not a known filter: the value stays as it is")
    path = argument.path

    def resolve(event: Any) -> Any:
        try:
            return template.render(event)
        except LiquidFault as fault:
            raise MappingError(f"{path}: {fault}") from None

    return resolve
