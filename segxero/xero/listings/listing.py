"""A listing: how a list of Xero is read in pages, and its elements become our records.

`sync.recovery.rebuild` reads the lists; `sync.recovery.links` writes the found records.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

from segxero.xero.api.request import Request
from segxero.xero.objects.context import Context

SHORTENED = re.compile(r"~[0-9a-f]{16}\Z")  # the end of a key shortened by `fit_key`
MOMENT = re.compile(r"/Date\((-?\d+)")
Element: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A record of ours as Xero has it.

    *fields* are as a mapping would set them, and hold until an event says more; *guessed* fields give way even to a
    suggestion of an event. *seen* is the part of the element for `is_held`. Without *xero_id* the fields belong to a
    record found elsewhere.
    """

    object: str
    key: str
    xero_id: str = ""
    remembered: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    guessed: frozenset[str] = frozenset()
    references: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    seen: Mapping[str, Any] = field(default_factory=dict)
    telling: frozenset[str] | None = None  # fields that show a change in Xero (None: all)
    has_other_names: bool = False  # Xero gives it more than one id, so the id in Redis is kept
    changed_at: float = 0.0  # seconds since 1970 in Xero's clock; 0 where the element does not say


Known: TypeAlias = Mapping[tuple[str, str], str]  # (object, Xero id in lower case) -> our key
Reader: TypeAlias = Callable[[Element, Known, Context], Iterator[Found]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list of Xero: *page* makes the call for a page (from 1), *size* is 0 where an answer holds all."""

    objects: tuple[str, ...]  # the objects listed completely
    needed_by: tuple[str, ...] = ()  # further objects whose mappings need it
    collection: str
    size: int = 0
    page: Callable[[int], Request]
    read: Reader
    ids: Callable[[Element], Iterator[tuple[str, str]]]  # (object, Xero id) of everything in the element, ours or not


def make_ids(name: str, id_field: str) -> Callable[[Element], Iterator[tuple[str, str]]]:
    """Return the `ids` of a list with an object per element."""
    return lambda element: iter([(name, str(element.get(id_field) or "").lower())])


def make_pages(path: str, size: int, **params: str) -> Callable[[int], Request]:
    """Return the `page` of a list in pages of *size*."""

    def page(number: int) -> Request:
        return Request(method="GET", path=path, params={**params, "page": str(number), "pageSize": str(size)})

    return page


def read_change(element: Element) -> float:
    """Return the time of the last change of *element*, in seconds since 1970; 0 where it has none.

    Xero writes /Date(1789378199100+0000)/; some lists have an ISO date in a companion instead.
    """
    if stamp := MOMENT.search(str(element.get("UpdatedDateUTC") or "")):
        return int(stamp.group(1)) / 1000
    text = str(element.get("UpdatedDateUTCString") or "").removesuffix("Z")
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() if text else 0.0


def find_contact(element: Element, known: Known) -> str:
    """Return our key of a document's contact; '' when the contact is not ours."""
    return known.get(("Contact", str((element.get("Contact") or {}).get("ContactID", "")).lower()), "")


def read_day(element: Element, name: str) -> str:
    """Return a document's date as YYYY-MM-DD; Xero writes midnight UTC of the calendar day."""
    if text := str(element.get(f"{name}String") or ""):
        return text[:10]
    stamp = MOMENT.search(str(element.get(name) or ""))
    return f"{datetime.fromtimestamp(int(stamp.group(1)) / 1000, UTC):%Y-%m-%d}" if stamp else ""
