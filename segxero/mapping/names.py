"""Gives events the names of their source and destinations. Events carry ids only, but people read names.

`MappingSet` calls this module before the triggers are asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from segxero.mapping.values.plain_text import plain_text

SOURCES, DESTINATIONS = "sources", "destinations"  # tables, whose rows go before the names of Segment
# A sender could forge these fields, so those of the event are dropped.
ADDED = ("source", "destinations")
ALL = "All"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The answer of Segment's Public API: names by id, and the names of the destinations connected to each source."""

    sources: Mapping[str, str] = field(default_factory=dict)
    destinations: Mapping[str, str] = field(default_factory=dict)
    connected: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


NO_NAMES = Names()


def add_names(
    event: Mapping[str, Any], tables: Mapping[str, Mapping[str, Any]], names: Names = NO_NAMES
) -> dict[str, Any]:
    """Return *event* with `source` ({id, name}; a source without a name is called by its id) and `destinations`.

    The destinations are those named in `integrations`, or else those connected to the source.
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
    """List the names that `integrations` switches on; {"All": true} names nobody."""
    if not isinstance(integrations, Mapping):
        return []
    return sorted(str(key) for key, wanted in integrations.items() if wanted not in (False, None))
