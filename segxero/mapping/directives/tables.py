"""Our own directive for tables: @lookup."""

from typing import Any

from segxero.errors import MappingError
from segxero.mapping.language.directive import Argument, Resolver, directive
from segxero.mapping.language.emptiness import follow_option
from segxero.mapping.language.parts import Imported, pick_options
from segxero.mapping.language.shapes import Options
from segxero.mapping.values.plain_text import is_empty, is_number, plain_text


@directive(
    "@lookup",
    takes=Options(required=("table", "key"), optional=("default",)),
    can_be_empty=follow_option("default", without_it="the table can lack the row"),
    inner=pick_options("default"),
    imported=Imported(),  # Segment does not have it
    varies=True,
)
def compile_lookup(argument: Argument) -> Resolver:
    """Take the row of a table. Without a row take the default; without a default the record waits for the row."""
    table = argument.value["table"]
    if not isinstance(table, str) or not table:
        return argument.member("table").fault("should be the name of a file in tables/, without .yaml")
    tables = argument.run.settings.tables
    if tables is not None and table not in tables:
        known = ", ".join(sorted(tables)) or "none"
        argument.member("table").fault(f'there is no table "{table}": make tables/{table}.yaml, or use one of: {known}')
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
        # The default lacks its row too: the record goes on when either row is added.
        return {"@lookup": {**missing, "default": value}} if _is_missing(value) else value

    return resolve


def _is_missing(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"@lookup"}


def _row_key(value: Any, path: str) -> str:
    if not (isinstance(value, str | bool) or is_empty(value) or is_number(value)):
        raise MappingError(f"{path}/key: should be a text or a number but is a {type(value).__name__}")
    return plain_text(value)
