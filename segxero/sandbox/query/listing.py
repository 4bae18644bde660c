"""Lists: filters, order and pages, the same for every object."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from segxero.sandbox.query.conditions import Condition, Field
from segxero.sandbox.query.filters import parse_where
from segxero.sandbox.state.request import Request
from segxero.sandbox.state.table import Record, Table
from segxero.sandbox.wire.dates import read_moment
from segxero.sandbox.wire.refusals import bad_condition, invalid_query

PAGE_SIZE = 100
MAXIMUM_PAGE_SIZE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The records to show, and the pagination block when the caller asked for pages."""

    records: list[Record]
    pagination: Mapping[str, int] | None = None


def list_records(
    request: Request,
    table: Table,
    fields: Mapping[str, Field],
    *,
    identity: str,
    keep: Callable[[Record], bool] = bool,
    paged: bool = False,
    candidates: Iterable[Record] | None = None,
) -> Page:
    """Return the records of *table* (or *candidates*) by the query's filters and *keep*."""
    condition = _condition(request, fields)
    # An id in the query spares the scan, as Xero's optimised filters do.
    if candidates is None:
        candidates = _candidates(table, condition)
    since = _modified_since(request)
    records = [
        record
        for record in candidates
        if keep(record)
        and (since is None or record["UpdatedDateUTC"] >= since)
        and (condition is None or condition.holds(record))
    ]
    _sort(records, request.query.get("order", ""), fields, identity)
    # Without pages Xero hands out the whole list.
    if paged or "page" in request.query:
        return _cut(records, request)
    return Page(records=records)


def _condition(request: Request, fields: Mapping[str, Field]) -> Condition | None:
    text = request.query.get("where", "").strip()
    return parse_where(text, fields) if text else None


def _candidates(table: Table, condition: Condition | None) -> Iterable[Record]:
    """Return the records that an index finds for *condition*, else all records."""
    keys = condition.keys() if condition else None
    if keys is None:
        return table
    found: dict[int, Record] = {}
    for index, value in keys:
        records = [table.get(value)] if index == "id" else table.all(index, value)
        found |= {id(record): record for record in records if record is not None}
    return found.values()


def _modified_since(request: Request) -> datetime | None:
    text = request.headers.get("if-modified-since", "")
    if not text:
        return None
    try:
        return read_moment(text)
    except ValueError:
        raise bad_condition() from None


def _sort(records: list[Record], order: str, fields: Mapping[str, Field], identity: str) -> None:
    """Sort by *order* (`Name ASC, Date DESC`), then by time of change, then by id."""
    records.sort(key=lambda record: (record["UpdatedDateUTC"], record[identity]))
    # Sorting is stable, so the last key goes first.
    for part in reversed([item.split() for item in order.split(",") if item.strip()]):
        field = fields.get(part[0].lower())
        if field is None or part[1:] not in ([], ["ASC"], ["DESC"], ["asc"], ["desc"]):
            raise invalid_query(f"No property or field '{part[0]}' to order by")
        records.sort(key=_order_key(field), reverse=part[1:] in (["DESC"], ["desc"]))


def _order_key(field: Field) -> Callable[[Record], Any]:
    def key(record: Record) -> tuple[bool, Any]:
        value = field.get(record)
        return value is not None, value.casefold() if isinstance(value, str) else value or 0

    return key


def _cut(records: list[Record], request: Request) -> Page:
    page = max(1, _whole(request.query.get("page", ""), 1))
    # Xero clamps a page size out of range and does not refuse it.
    size = min(MAXIMUM_PAGE_SIZE, max(1, _whole(request.query.get("pagesize", ""), PAGE_SIZE)))
    return Page(
        records=records[(page - 1) * size : page * size],
        pagination={
            "page": page,
            "pageSize": size,
            "pageCount": -(-len(records) // size),
            "itemCount": len(records),
        },
    )


def _whole(text: str, otherwise: int) -> int:
    try:
        return int(text)
    except ValueError:
        return otherwise
