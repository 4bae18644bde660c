"""The shape of a row: everything that differs between Xero's objects, as data and small pure functions."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeAlias

from marshmallow import Schema

from segxero.mapping.model import MappingSet
from segxero.mapping.policies import DEFAULTS, allowed_rows
from segxero.xero.objects.likeness import holds

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A record that another one refers to: its Xero id, its fields, and what is remembered of Xero's answer."""

    object: str
    key: str
    xero_id: str
    fields: Mapping[str, Any]
    remembered: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One record as the row's functions see it; *remembered* is what the row kept of Xero's answer."""

    key: str
    fields: Mapping[str, Any]
    references: Mapping[str, tuple[Linked, ...]] = field(default_factory=dict)
    xero_id: str = ""
    remembered: Mapping[str, str] = field(default_factory=dict)
    name_level: int = 0
    suggested: frozenset[str] = frozenset()  # names of fields that are only suggested


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What holds for the organisation: its tables and settings."""

    tables: Mapping[str, Mapping[str, Any]]
    order_id_in: str = "InvoiceNumber"
    due_days: int = 0
    currency: str = ""
    time_zone: str = "UTC"
    adopts: bool = True  # a contact that Xero had before us is taken over
    policies: Mapping[str, str] = field(default_factory=lambda: dict(DEFAULTS))  # every policy with its choice
    open_day: date | None = None  # the first one that is not locked, where the policy lock_date asks for it
    shut: Mapping[str, str] = field(default_factory=dict)  # retry group that Xero takes none of now -> why
    users: Mapping[str, str] = field(default_factory=dict)  # e-mail in lower case -> name

    @classmethod
    def of(cls, mappings: MappingSet, organisation: str, shut: Mapping[str, str] = NOTHING) -> "Context":
        """Return what *mappings* say of *organisation*, of which Xero takes nothing that is *shut*."""
        settings = mappings.organisations[organisation]
        return cls(
            tables=allowed_rows(mappings.tables_of(organisation), settings.policies),
            order_id_in=settings.order_id_in,
            due_days=settings.due_days,
            currency=settings.currency,
            time_zone=settings.time_zone,
            adopts=settings.existing_contacts == "adopt",
            policies={**DEFAULTS, **settings.policies},
            shut=shut,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call: *body* is the element list or object as Xero wants it."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None  # sent as JSON
    content: bytes | None = None  # sent as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A record ready to be sent: the payload without ids, and the total that Xero must come to (None: it has none).

    *left_out* says what the event holds that Xero cannot take; a person is told when the record is in Xero. One that is
    *unfinished* needs a further call after this one, one that is *needless* none at all. *keeps* is what the record
    remembers of this payload once Xero has it.
    """

    payload: dict[str, Any]
    total: Decimal | None = None
    left_out: tuple[str, ...] = ()
    unfinished: bool = False
    needless: bool = False
    keeps: Mapping[str, str] = field(default_factory=dict)


Batch: TypeAlias = Sequence[tuple[Wanted, dict[str, Any]]]
Implied: TypeAlias = tuple[str, str, str, dict[str, Any]]
Brought: TypeAlias = tuple[str, str, Mapping[str, tuple[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRow:
    """One Xero object. Adding one is adding one of these."""

    name: str
    queue: str
    scope: str  # the least OAuth scope that writes it
    id_field: str
    fields: frozenset[str]  # what a mapping may set
    schema: Schema
    slots: Mapping[str, str] = field(default_factory=dict)  # list field -> the key that names its slots
    longest: int = 0  # characters of a key that Xero holds; 0 where it holds none
    batch: int = 50
    look_first: bool = False  # ask Xero what is there before anything is created
    appends: bool = False  # every write adds something, so a lost answer is looked up even where an id is known
    spare: bool = False  # goes last, from calls that nothing else will need
    prepare: Callable[[Wanted, Context], Prepared]
    write: Callable[[Batch], Request]
    together: Callable[[Wanted], str] = lambda _wanted: ""  # only those of one answer go in one call
    lookup: Callable[[Sequence[Wanted], Context], Request]
    elements: Callable[[Mapping[str, Any], Wanted], list[Mapping[str, Any]]]
    is_same: Callable[[Mapping[str, Any], Wanted, Context], bool]
    is_written: Callable[[Mapping[str, Any], Prepared], bool] = lambda _element, _prepared: False
    is_ours: Callable[[Mapping[str, Any], Prepared], bool] = lambda _element, _prepared: True
    # Whether the element that a listing has kept (see listings/) says what is to be written.
    is_held: Callable[[Mapping[str, Any], Prepared], bool] = lambda seen, prepared: holds(seen, prepared.payload)
    takes_two: Callable[["Context"], bool] = lambda _context: False  # Xero creates the same one twice without a word
    id_of: Callable[[Mapping[str, Any], Wanted], str] | None = None  # where the element has no id of its own
    remembers: Callable[[Mapping[str, Any], Wanted], dict[str, str]] = lambda _element, _wanted: {}
    refuse: Callable[[Mapping[str, Any], Wanted], str] = lambda _answer, _wanted: ""
    policy_of: Callable[[Mapping[str, Any], Wanted], str] = lambda _answer, _wanted: ""  # that its refuse falls under
    differs: Callable[[Mapping[str, Any], Prepared], tuple[str, ...]] = lambda _element, _prepared: ()  # what of it
    names: Callable[[Wanted], tuple[str, ...]] = lambda _wanted: ()
    implied: Callable[[str, Mapping[str, Any]], Implied | None] = lambda _key, _fields: None  # what it needs
    brings: Callable[[str, Mapping[str, Any]], Brought | None] = lambda _key, _fields: None  # what follows it

    def identify(self, element: Mapping[str, Any], wanted: Wanted) -> str:
        """Return the Xero id of *element*."""
        return self.id_of(element, wanted) if self.id_of else str(element.get(self.id_field) or "")


def documents(collection: str, batch: Batch, update: Callable[[Wanted, Mapping[str, Any]], dict[str, Any]]) -> Request:
    """Make the call that writes *batch*, whose records are all new or all known to Xero.

    PUT creates and never overwrites; POST changes, and *update* gives the body with the id that Xero gave.
    """
    is_new = not batch[0][0].xero_id
    return Request(
        method="PUT" if is_new else "POST",
        path=f"/{collection}",
        params={"summarizeErrors": "false", "unitdp": "4"},
        body={collection: [payload if is_new else update(wanted, payload) for wanted, payload in batch]},
    )


LONGEST_KEY = 50
COPY = "copy"  # remembered: the number behind the key, see the policies number_taken and archived_contact


def identity(key: str, longest: int = LONGEST_KEY) -> str:
    """Return *key* as Xero can hold and find it: printable ASCII of at most *longest* characters, never two keys alike.

    How a `where` writes a quotation mark or a backslash is not established by Xero's pages, so neither is kept.
    """
    readable = "".join(letter for letter in key if letter.isascii() and letter.isprintable() and letter not in '"\\')
    if len(key) <= longest and key == readable.strip():
        return key
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{readable.strip()[: longest - 17]}~{digest}"


def numbered(wanted: Wanted, longest: int = LONGEST_KEY) -> str:
    """Return the number under which Xero has the record: its key, and `/2` behind it where that one is not ours."""
    copy = wanted.remembered.get(COPY)
    return identity(f"{wanted.key}/{copy}" if copy else wanted.key, longest)


def quoted(text: str) -> str:
    """Write *text* as a literal of Xero's `where` language."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
