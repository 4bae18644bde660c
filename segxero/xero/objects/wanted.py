"""A record as the Xero objects see it, and the payload made of it. `sync` builds the record and sends the payload."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A record on the other end of a reference: its Xero id, its fields, and the facts kept of Xero's answer."""

    object: str
    key: str
    xero_id: str
    fields: Mapping[str, Any]
    remembered: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A record as the hooks of its object see it; *remembered* holds the facts kept of Xero's answers."""

    key: str
    fields: Mapping[str, Any]
    references: Mapping[str, tuple[Linked, ...]] = field(default_factory=dict)
    xero_id: str = ""
    remembered: Mapping[str, str] = field(default_factory=dict)
    name_level: int = 0  # index into the object's `names`
    suggested: frozenset[str] = frozenset()  # fields only suggested by events


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A record ready to be sent: the payload without Xero's ids, and the total expected of Xero.

    - *total* is None for objects without a sum.
    - *left_out* names data of the event unfit for Xero; a person is told once the record is in Xero.
    - *unfinished*: another call follows.
    - *needless*: there is nothing to send.
    - *keeps*: facts to remember once Xero has this payload.
    """

    payload: dict[str, Any]
    total: Decimal | None = None
    left_out: tuple[str, ...] = ()
    unfinished: bool = False
    needless: bool = False
    keeps: Mapping[str, str] = field(default_factory=dict)


Batch: TypeAlias = Sequence[tuple[Wanted, dict[str, Any]]]  # the records of one call, each with its payload
