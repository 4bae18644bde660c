"""Directives that Segment does not have: @lookup and @first."""

from typing import Any

from segxero.errors import MappingError
from segxero.mapping.registry import Argument, Resolver, directive, nothing
from segxero.mapping.values.plain_text import is_empty, is_number, plain_text
from segxero.mapping.values.undefined import UNDEFINED


@directive("@lookup")
def compile_lookup(argument: Argument) -> Resolver:
    """Take the row of a table; without a row the default, and without a default the record is parked."""
    if not argument.has_options(("table", "key"), ("default",)):
        return nothing
    table = argument.value["table"]
    if not isinstance(table, str) or not table:
        return argument.member("table").fault("should be the name of a file in tables/, without .yaml")
    tables = argument.run.settings.tables
    if tables is not None and table not in tables:
        known = ", ".join(sorted(tables)) or "none"
        argument.member("table").fault(f'names the table "{table}": make tables/{table}.yaml, or use one of: {known}')
    rows = (tables or {}).get(table, {})
    key = argument.member("key").compile()
    default = argument.member("default").compile() if "default" in argument.value else None
    path = argument.path

    def resolve(event: Any) -> Any:
        text = _row_key(key(event), path)
        if text in rows:
            return rows[text]
        missing = {"table": table, "key": text}
        if default is None:
            return {"@lookup": missing}
        value = default(event)
        # A default that found nothing either: whichever row is added first frees the record.
        return {"@lookup": {**missing, "default": value}} if _is_missing(value) else value

    return resolve


def _is_missing(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"@lookup"}


def _row_key(value: Any, path: str) -> str:
    if not (isinstance(value, str | bool) or is_empty(value) or is_number(value)):
        raise MappingError(f"{path}/key: should be a text or a number but is a {type(value).__name__}")
    return plain_text(value)


@directive("@first")
def compile_first(argument: Argument) -> Resolver:
    """Take the first value of a list that is there: not missing, not null and not an empty text."""
    if not isinstance(argument.value, list) or not argument.value:
        return argument.fault("should be a list of values to try in turn")
    candidates = [argument.at(index, item).compile() for index, item in enumerate(argument.value)]

    def resolve(event: Any) -> Any:
        for candidate in candidates:
            if not is_empty(value := candidate(event)):
                return value
        return UNDEFINED

    return resolve
