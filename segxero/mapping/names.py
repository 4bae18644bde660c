"""Names: events carry the id of their source and, at most, which destinations they ask for; people read names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from segxero.mapping.values.plain_text import plain_text

SOURCES, DESTINATIONS = "sources", "destinations"  # the tables, whose rows go before what Segment says
ADDED = ("source", "destinations")  # what an event itself says under these names is not Segment's word
ALL = "All"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What Segment's Public API says: names by id, and the names of the destinations that are connected to a source."""

    sources: Mapping[str, str] = field(default_factory=dict)
    destinations: Mapping[str, str] = field(default_factory=dict)
    connected: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


NO_NAMES = Names()


def with_names(
    event: Mapping[str, Any], tables: Mapping[str, Mapping[str, Any]], names: Names = NO_NAMES
) -> dict[str, Any]:
    """Return *event* with `source` ({id, name}; a source without a name is called by its id) and `destinations`.

    The destinations are those that the event asks for in `integrations`, else those that are connected to its source.
    """
    source = plain_text(event.get("projectId"))
    rows = tables.get(DESTINATIONS, {})
    asked = [
        rows.get(key) or names.destinations.get(key) or key for key in _asked(event.get("integrations")) if key != ALL
    ]
    destinations = asked or list(names.connected.get(source, ()))
    added: dict[str, Any] = {"destinations": destinations} if destinations else {}
    if source:
        name = tables.get(SOURCES, {}).get(source) or names.sources.get(source) or source
        added["source"] = {"id": source, "name": name}
    return {**{name: value for name, value in event.items() if name not in ADDED}, **added}


def _asked(integrations: Any) -> list[str]:
    """Return what `integrations` switches on by name; {"All": true} names nobody."""
    if not isinstance(integrations, Mapping):
        return []
    return sorted(str(key) for key, wanted in integrations.items() if wanted not in (False, None))
