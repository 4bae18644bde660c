"""Operations: what one mapping makes of one event, laid out so that folding is a comparison of stamps."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from segxero import jsontext
from segxero.mapping.model import Draft, MappingSet, source_of
from segxero.mapping.names import NO_NAMES, Names
from segxero.mapping.shops import Shop
from segxero.segment.event import event_time
from segxero.xero.objects.table import KEY_NAMES, OBJECTS
from segxero.xero.objects.xero_object import XeroObject

FALLBACK, FIELD = 0, 1
REFERENCE = "@"  # a path that starts so holds what the record refers to


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What one event does to one record: *fields* are (path, stamp, JSON value)."""

    object: str
    key: str
    mapping: str
    fields: tuple[tuple[str, str, str], ...]
    implied: bool = False  # made because another record of the mapping needs it
    version: str = ""  # of the mappings
    series: str = ""  # who tells of an order's key: a shop, or a source without a shop; see folding/series.py
    told: str = ""  # a digest of the order's total, currency and customer; '' where the event states no total
    told_as: str = ""  # what the event calls its sender: userId, anonymousId or groupId; the write-back says it again

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
    """Return what the mappings make of *event* (as segment.event.read gave it). Raise MappingError when they cannot."""
    time = event_time(event, received_at)
    # The date of a document is the event's time as we trust it, never in the future.
    known = {**event, "messageId": message_id, "timestamp": time.isoformat()}
    shop, source = mappings.shop_of(event), source_of(event)
    drafts = mappings.drafts(known, names)
    operations = make_draft_operations([_in_shop(one, shop) for one in drafts] if shop else drafts, time, message_id)
    series = f"the shop {shop.name}" if shop else f"the source {source}" if source else ""
    # What is only needed by a record is not the sender's: a refund does not say who placed the order.
    return [
        replace(
            one,
            told_as="" if one.implied else _told_as(event),
            version=mappings.version,
            series=series if one.object in KEY_NAMES.orders and not one.implied else "",
            told=_digest_order(one) if one.object in KEY_NAMES.orders else "",
        )
        for one in operations
    ]


def _in_shop(draft: Draft, shop: Shop) -> Draft:
    """Return *draft* with the shop's prefix before the keys that are the shop's own."""
    references = tuple(replace(one, key=KEY_NAMES.prefix_of(shop, one.object) + one.key) for one in draft.references)
    return replace(
        draft,
        key=KEY_NAMES.prefix_of(shop, draft.object) + draft.key,
        fields=KEY_NAMES.prefix_fields(shop, draft.object, draft.fields),
        references=references,
    )


def _digest_order(operation: Operation) -> str:
    """Return a digest of what makes two orders of one number the same; '' where no total is stated."""
    values = {path: text for path, _, text in operation.fields}
    total = values.get("Total") or values.get("Amount") or "null"
    if jsontext.loads(total) in (None, ""):
        return ""
    amount = str(jsontext.loads(total))
    with suppress(InvalidOperation):
        amount = str(Decimal(amount).normalize())
    facts = [amount, values.get("CurrencyCode", ""), values.get(f"{REFERENCE}Contact", "")]
    return hashlib.sha256(jsontext.canonical(facts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _told_as(event: Mapping[str, Any]) -> str:
    if event["type"] == "group":
        return "groupId"
    return "userId" if event.get("userId") else "anonymousId"


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
    yield _operation(draft.object, draft.key, mapping, draft.fields, draft.fallbacks, references, time, message_id)
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
    """Return the field that a *reference* is for: several mappings may write one, each behind its own slash."""
    return reference.partition("/")[0]


def flatten(fields: Mapping[str, Any], slots: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """Yield (path, value); lists with named slots are taken apart, `Phones[MOBILE].PhoneNumber`, others kept whole."""
    for name, value in fields.items():
        kind = slots.get(name)
        if kind is None or not isinstance(value, list):
            yield name, value
            continue
        for entry in value:
            if not isinstance(entry, Mapping) or not entry.get(kind):
                continue
            for leaf, inner in entry.items():
                if leaf != kind:
                    yield f"{name}[{entry[kind]}].{leaf}", inner


def unflatten(values: Mapping[str, Any], slots: Mapping[str, str]) -> dict[str, Any]:
    """Put together what `flatten` took apart; slots come in the order of their names."""
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
