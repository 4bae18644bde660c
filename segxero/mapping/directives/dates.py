"""Our own directive for dates: @date."""

from datetime import UTC, datetime, tzinfo
from typing import Any

from segxero.errors import MappingError
from segxero.mapping.language.directive import Argument, Resolver, directive
from segxero.mapping.language.emptiness import follow_option
from segxero.mapping.language.parts import Imported, pick_nothing
from segxero.mapping.language.shapes import Options
from segxero.mapping.values import moments
from segxero.mapping.values.plain_text import is_empty
from segxero.mapping.values.undefined import UNDEFINED

XERO_FORMAT = "%Y-%m-%d"
SOME_MOMENT = datetime(2026, 11, 24, 13, 30, 15, tzinfo=UTC)


@directive(
    "@date",
    takes=Options(required=("value",), optional=("format", "time_zone", "input")),
    can_be_empty=follow_option("value"),
    inner=pick_nothing,
    imported=Imported(),  # Segment does not have it
    varies=True,
)
def compile_date(argument: Argument) -> Resolver:
    """Write a date or time as a date of the organisation's time zone."""
    pattern = _text(argument, "format", XERO_FORMAT)
    for sign in moments.find_unknown_signs(pattern):
        argument.member("format").fault(f"{sign} is not known: write signs such as %Y, %m, %d, %H, %M and %S")
    reading = _text(argument, "input", "")
    if reading and not _is_readable(reading):
        argument.member("input").fault("cannot be read back: write signs of a date such as %d/%m/%Y")
    local = _zone(argument)
    value = argument.member("value").compile()
    path = argument.path

    def resolve(event: Any) -> Any:
        found = value(event)
        if is_empty(found):
            return UNDEFINED
        try:
            moment = moments.read(found, local, reading)
        except MappingError as error:
            raise MappingError(f"{path}/value: {error}") from None
        return UNDEFINED if moment is None else moments.write(moment, pattern)

    return resolve


def _text(argument: Argument, name: str, default: str) -> str:
    text = argument.value.get(name, default)
    if not isinstance(text, str) or (not text and name in argument.value):
        argument.member(name).fault(f"should be a text such as {XERO_FORMAT}")
        return default
    return text


def _zone(argument: Argument) -> tzinfo:
    name = argument.value.get("time_zone", argument.run.settings.time_zone)
    try:
        return moments.find_zone(str(name))
    except ValueError as error:
        argument.member("time_zone").fault(str(error))
        return UTC


def _is_readable(pattern: str) -> bool:
    try:
        return SOME_MOMENT.date() == datetime.strptime(SOME_MOMENT.strftime(pattern), pattern).date()  # noqa: DTZ007
    except ValueError:
        return False
