"""A record as the Xero objects see it, and the payload they make of it. `sync` builds and sends them."""

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
    chosen_name: str = ""  # the free name that delivery has found; '' for the first of the object's `names`
    joined: str = ""  # the key of the record that stands for the same person; this one is given up
    suggested: frozenset[str] = frozenset()  # fields only suggested by events


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A record ready to be sent: the payload without Xero's ids, and the total expected of Xero.

    - *total* is None for objects without a sum.
    - *left_out* names data of the event unfit for Xero; a person is told once the record is in Xero.
    - *unfinished*: another call follows.
    - *needless*: there is nothing to send.
    - *keeps*: facts to remember once Xero has the record.
    - *makes*: facts to remember once Xero has exactly this payload.
    """

    payload: dict[str, Any]
    total: Decimal | None = None
    left_out: tuple[str, ...] = ()
    unfinished: bool = False
    needless: bool = False
    keeps: Mapping[str, str] = field(default_factory=dict)
    makes: Mapping[str, str] = field(default_factory=dict)


Batch: TypeAlias = Sequence[tuple[Wanted, dict[str, Any]]]  # the records of one call, each with its payload
