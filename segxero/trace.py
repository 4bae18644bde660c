"""The trace: where a record stands and which event set each of its fields."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from segxero import keys
from segxero.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A record: its disposition with the reason, its Xero id, and its fields as (name, value, time of the event)."""

    organisation: str
    record: str
    disposition: str
    reason: str
    xero_id: str
    fields: tuple[tuple[str, str, str], ...]


def stories(
    client: Store, organisations: Mapping[str, object], objects: Mapping[str, object], key: str
) -> Iterator[Story]:
    """Yield the story of every record that *key* names."""
    for organisation in organisations:
        for name in objects:
            ref = keys.reference(name, key)
            stored = client.hgetall(keys.record(organisation, ref))
            if stored:
                yield _story(organisation, ref, stored)


def _story(organisation: str, ref: str, stored: Mapping[str, str]) -> Story:
    fields = []
    for name, text in sorted(stored.items()):
        if name.startswith("f:"):
            stamp, _, value = text.partition("\n")
            fields.append((name[2:], value, stamp.split("|")[1]))
    return Story(
        organisation=organisation,
        record=ref,
        disposition=stored.get("disposition", ""),
        reason=stored.get("reason", ""),
        xero_id=stored.get("xero_id", ""),
        fields=tuple(fields),
    )
