"""Operations: the fields that a mapping sets for an event, laid out so that folding only compares stamps.

Made by the events worker, the preview and the rehearsal; fold.lua folds them.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from segxero import jsontext
from segxero.mapping.model import Draft, MappingSet, source_of
from segxero.mapping.names import NO_NAMES, Names
from segxero.segment.event import event_time
from segxero.sync.records.buyers import Buyer, assign, find_person, read_buyer
from segxero.sync.records.shop_keys import digest_order, put_buyer_in_shop, put_in_shop, read_order, states_order
from segxero.xero.objects.table import KEY_NAMES, OBJECTS
from segxero.xero.objects.xero_object import XeroObject

FALLBACK, FIELD = 0, 1
SENDERS = ("userId", "anonymousId", "groupId", "previousId")
REFERENCE = "@"  # a path that starts so holds what the record refers to


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """The effect of an event on a record: *fields* are (path, stamp, JSON value)."""

    object: str
    key: str
    mapping: str
    fields: tuple[tuple[str, str, str], ...]
    implied: bool = False  # made because another record of the mapping needs it
    version: str = ""  # of the mappings
    series: str = ""  # who tells of an order's key: a shop, or a source without a shop; see folding/series.py
    told: str = ""  # a digest of the order's total, currency and customer; '' where the event states no total
    told_as: str = ""  # the kind of id of the event's sender, and the id where it is not the key; for the write-back

    @property
    def row(self) -> XeroObject:
        return OBJECTS[self.object]


def stamp(rank: int, time: datetime, message_id: str) -> str:
    """Return text whose order is the order of precedence: fields before fallbacks, later before earlier.

    Two events of the same microsecond are ordered by their message ids, so that the winner does not depend on chance.
    """
    digest = hashlib.sha256(message_id.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{rank}|{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}|{digest}"


def make_operations(
    mappings: MappingSet, event: dict[str, Any], received_at: datetime, message_id: str, names: Names = NO_NAMES
) -> list[Operation]:
    """Return the operations of the mappings for *event*, as segment.event.read gave it. Raise MappingError."""
    time = event_time(event, received_at)
    # The date of a document is the event's time as we trust it, never in the future.
    known = {**event, "messageId": message_id, "timestamp": time.isoformat()}
    shop, source = mappings.shop_of(event), source_of(event)
    buyer = read_buyer(mappings, event)
    keys = frozenset(str(event[name]).strip() for name in SENDERS if event.get(name))
    drafts = [_sort_fields(assign(draft, buyer), keys) for draft in mappings.drafts(known, names)]
    if shop:
        drafts, buyer = [put_in_shop(draft, shop, source) for draft in drafts], put_buyer_in_shop(buyer, shop)
    operations = make_draft_operations(drafts, time, message_id)
    operations += _make_persons(drafts, buyer, time, message_id)
    series = f"the shop {shop.name}" if shop else f"the source {source}" if source else ""
    # What is only needed by a record is not the sender's: a refund does not say who placed the order.
    return [
        _name_series(
            replace(one, told_as="" if one.implied else _told_as(event, buyer), version=mappings.version), series
        )
        for one in operations
    ]


def _name_series(operation: Operation, series: str) -> Operation:
    """Return *operation* with the *series* that tells of its order and with the order's digest."""
    if operation.object not in KEY_NAMES.orders:
        return operation
    values = {path: text for path, _, text in operation.fields}
    order = read_order(values)
    if not states_order(order):
        return operation
    told = digest_order(order, values.get(f"{REFERENCE}Contact", ""))
    return replace(operation, series="" if operation.implied else series, told=told)


def _sort_fields(draft: Draft, keys: frozenset[str]) -> Draft:
    found = OBJECTS[draft.object].sort_fields(draft.fields, draft.fallbacks, keys)
    return replace(draft, fields=found["fields"], fallbacks=found["fallbacks"])


def _told_as(event: Mapping[str, Any], buyer: Buyer) -> str:
    if event["type"] == "group":
        return "groupId"
    kind = "userId" if event.get("userId") else "anonymousId"
    # The record of a guest, or of a shop with contacts of its own, has another key, so the id is named as well.
    return f"{kind} {buyer.given}" if buyer.key != buyer.given else kind


def _make_persons(drafts: Sequence[Draft], buyer: Buyer, time: datetime, message_id: str) -> list[Operation]:
    """Make the buyer of a company's order one of its contact persons."""
    owes = any(OBJECTS[draft.object].has_debtor for draft in drafts)
    found = [(draft, person) for draft in drafts if owes and (person := find_person(draft, buyer, buyer.company))]
    moment = stamp(FIELD, time, message_id)
    return [
        replace(
            _operation(
                draft.object,
                buyer.company,
                draft.mapping,
                {"Buyers": [{**person, "Ordered": moment}]},
                {},
                {},
                time,
                message_id,
            ),
            implied=True,
        )
        for draft, person in found
    ]


def make_draft_operations(drafts: Iterable[Draft], time: datetime, message_id: str) -> list[Operation]:
    """Turn *drafts* into operations stamped with the event's *time*: what each needs, itself, and what it brings."""
    return [operation for draft in drafts for operation in _of_draft(draft, time, message_id)]


def _of_draft(draft: Draft, time: datetime, message_id: str) -> Iterator[Operation]:
    row, mapping = OBJECTS[draft.object], draft.mapping
    references = _references(draft)
    if implied := row.implied(draft.key, draft.fields):
        references[implied.field] = [_entry(implied.object, implied.key)]
        needed = _operation(implied.object, implied.key, mapping, implied.fields, {}, {}, time, message_id)
        yield replace(needed, implied=True)
    fields = row.place_fact(draft.fields, message_id, time.isoformat())
    fallbacks = row.place_fact(draft.fallbacks, message_id, time.isoformat()) if draft.fallbacks else {}
    yield _operation(draft.object, draft.key, mapping, fields, fallbacks, references, time, message_id)
    if brought := row.brings(draft.key, draft.fields):
        entries = {field: [_entry(target.object, target.key)] for field, target in brought.references.items()}
        follower = _operation(brought.object, brought.key, mapping, {}, {}, entries, time, message_id)
        yield replace(follower, implied=True)


def _entry(name: str, key: str, *, optional: bool = False) -> dict[str, Any]:
    return {"object": name, "key": key, "optional": optional}


def _references(draft: Draft) -> dict[str, list[dict[str, Any]]]:
    grouped: dict[str, list[dict[str, Any]]] = {}
    for reference in draft.references:
        entry = _entry(reference.object, reference.key, optional=reference.optional)
        grouped.setdefault(reference.field, []).append(entry)
    return grouped


def _operation(
    name: str,
    key: str,
    mapping: str,
    fields: Mapping[str, Any],
    fallbacks: Mapping[str, Any],
    references: Mapping[str, Any],
    time: datetime,
    message_id: str,
) -> Operation:
    slots = OBJECTS[name].slots
    laid: dict[str, tuple[str, str]] = {}  # a path once, so that an event says one thing of it
    for rank, values in ((FALLBACK, fallbacks), (FIELD, fields)):
        for path, value in flatten(values, slots):
            laid[path] = (stamp(rank, time, message_id), jsontext.canonical(value))
    for field, entries in references.items():
        laid[REFERENCE + field] = (stamp(FIELD, time, message_id), jsontext.canonical(entries))
    return Operation(
        object=name, key=key, mapping=mapping, fields=tuple((path, mark, text) for path, (mark, text) in laid.items())
    )


def field_of(reference: str) -> str:
    """Return the field of a *reference*: several mappings may write the same field, each behind its own slash."""
    return reference.partition("/")[0]


def flatten(fields: Mapping[str, Any], slots: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """Yield (path, value); lists with named slots are taken apart, `Phones[MOBILE].PhoneNumber`, others kept whole."""
    for name, value in fields.items():
        kind = slots.get(name)
        # Other lists, such as lines, are replaced whole: their entries have no lasting names.
        if kind is None or not isinstance(value, list):
            yield name, value
            continue
        for entry in value:
            # An entry without its slot could not be found again by a later event.
            if not isinstance(entry, Mapping) or not entry.get(kind):
                continue
            for leaf, inner in entry.items():
                if leaf != kind:
                    yield f"{name}[{entry[kind]}].{leaf}", inner


def unflatten(values: Mapping[str, Any], slots: Mapping[str, str]) -> dict[str, Any]:
    """Undo `flatten`; slots come in the order of their names."""
    fields: dict[str, Any] = {}
    taken: dict[str, dict[str, dict[str, Any]]] = {}
    for path in sorted(values):
        name, bracket, rest = path.partition("[")
        if not bracket or name not in slots:
            fields[path] = values[path]
            continue
        slot, _, leaf = rest.partition("].")
        taken.setdefault(name, {}).setdefault(slot, {slots[name]: slot})[leaf] = values[path]
    for name, by_slot in taken.items():
        fields[name] = list(by_slot.values())
    return fields
