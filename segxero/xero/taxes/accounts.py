"""The account code of a line, of a part of an order, or of a liability. Pure; called by `stated` and `documents`."""

from collections.abc import Mapping
from typing import Any

from segxero.errors import ParkedError
from segxero.xero.taxes.waiting import ROW_MISSING

ACCOUNTS = "accounts"
MISSING = object()


def find_account(value: Any, tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Return an account code; a look-up without a result when the event came is tried with today's table.

    Raise ParkedError with the missing row.
    """
    missing: list[tuple[str, str]] = []
    while isinstance(value, dict) and "@lookup" in value:
        wanted = value["@lookup"]
        table, key = wanted["table"], str(wanted["key"])
        missing.append((table, key))
        value = tables.get(table, {}).get(key, wanted.get("default", MISSING))
    if value is MISSING:
        spelled = " and ".join(dict.fromkeys(f"tables/{table}.yaml has no row {key!r}" for table, key in missing))
        raise ParkedError(f"{spelled}; add it with an account code", kind=ROW_MISSING, lacks=missing)
    if value in (None, ""):
        raise ParkedError(
            "a line has no account code; add one to the mapping or to tables/accounts.yaml",
            kind=ROW_MISSING,
            lacks=[(ACCOUNTS, "default")],
        )
    return str(value)


def find_row(row: str, tables: Mapping[str, Mapping[str, Any]], *instead: str) -> str:
    """Return the account on a row of the table `accounts`, or on the first existing row of *instead*."""
    rows = tables.get(ACCOUNTS, {})
    for name in (row, *instead):
        if name in rows:
            return str(rows[name])
    return find_account({"@lookup": {"table": ACCOUNTS, "key": row}}, tables)
