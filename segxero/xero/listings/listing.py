"""The shape of a listing: how one list of Xero is read in pages, and which of our records its elements are."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

from segxero.xero.api.request import Request
from segxero.xero.objects.context import Context

SHORTENED = re.compile(r"~[0-9a-f]{16}\Z")  # how `row.identity` ends what Xero cannot hold
MOMENT = re.compile(r"/Date\((-?\d+)")
Element: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A record of ours as Xero has it.

    *fields* are as a mapping would set them, and hold until an event says more; those in *guessed* even give way to
    what an event only suggests. *seen* is what of the element `row.is_held` compares. Without *xero_id* it is no
    record itself: its fields belong to one that is found elsewhere.
    """

    object: str
    key: str
    xero_id: str = ""
    remembered: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    guessed: frozenset[str] = frozenset()
    references: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    seen: Mapping[str, Any] = field(default_factory=dict)
    telling: frozenset[str] | None = None  # the fields that say whether Xero has something else (None: all)
    has_other_names: bool = False  # Xero names it in more than one way: the id that Redis has is as good
    changed_at: float = 0.0  # seconds since 1970 in Xero's clock; 0 where the element does not say


Known: TypeAlias = Mapping[tuple[str, str], str]  # (object, Xero id in lower case) -> our key
Reader: TypeAlias = Callable[[Element, Known, Context], Iterator[Found]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One list of Xero: *page* makes the call for a page (from 1), *size* is 0 where all comes in one answer."""

    objects: tuple[str, ...]  # those whose elements it lists completely
    needed_by: tuple[str, ...] = ()  # the objects of mappings that need it, where these are others
    collection: str
    size: int = 0
    page: Callable[[int], Request]
    read: Reader
    ids: Callable[[Element], Iterator[tuple[str, str]]]  # (object, Xero id) of all that the element is, ours or not


def plain_ids(name: str, id_field: str) -> Callable[[Element], Iterator[tuple[str, str]]]:
    """Return the `ids` of a list whose elements are one object each."""
    return lambda element: iter([(name, str(element.get(id_field) or "").lower())])


def paged(path: str, size: int, **params: str) -> Callable[[int], Request]:
    """Return the `page` of a list that Xero gives in pages of *size*."""

    def page(number: int) -> Request:
        return Request(method="GET", path=path, params={**params, "page": str(number), "pageSize": str(size)})

    return page


def changed_at(element: Element) -> float:
    """Return when *element* changed last, in seconds since 1970; 0 where it does not say.

    Xero writes /Date(1789378199100+0000)/; some lists have an ISO date in a companion instead.
    """
    if stamp := MOMENT.search(str(element.get("UpdatedDateUTC") or "")):
        return int(stamp.group(1)) / 1000
    text = str(element.get("UpdatedDateUTCString") or "").removesuffix("Z")
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() if text else 0.0


def contact_of(element: Element, known: Known) -> str:
    """Return our key of the contact that a document names; '' when the contact is not ours."""
    return known.get(("Contact", str((element.get("Contact") or {}).get("ContactID", "")).lower()), "")


def day_of(element: Element, name: str) -> str:
    """Return a document's date as YYYY-MM-DD; Xero writes midnight UTC of the calendar day."""
    if text := str(element.get(f"{name}String") or ""):
        return text[:10]
    stamp = MOMENT.search(str(element.get(name) or ""))
    return f"{datetime.fromtimestamp(int(stamp.group(1)) / 1000, UTC):%Y-%m-%d}" if stamp else ""
