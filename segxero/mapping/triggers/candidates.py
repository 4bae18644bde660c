"""Candidates: the mappings whose triggers name the type and the name of an event; the triggers of the others say no.

`MappingSet` asks for each event. A set of forty mappings has two or three for most events.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Generic, Protocol, TypeVar

from segxero.mapping.triggers.meaning import TYPES, possible_texts
from segxero.mapping.triggers.trigger import Trigger

UNNAMED = ""  # stands for every name that no trigger names


class Triggered(Protocol):
    """Anything with a trigger."""

    @property
    def trigger(self) -> Trigger: ...


T = TypeVar("T", bound=Triggered)


class Candidates(Generic[T]):
    """The candidates of *mappings* by type and name, in the order of the files."""

    def __init__(self, mappings: Iterable[T]) -> None:
        self._all = tuple(mappings)
        types = [possible_texts(each.trigger.tree, ("type",)) for each in self._all]
        names = [possible_texts(each.trigger.tree, ("event",)) for each in self._all]
        known = {UNNAMED}.union(*filter(None, names))
        self._found = {
            (kind, name): tuple(
                mapping
                for mapping, its_types, its_names in zip(self._all, types, names, strict=True)
                if (its_types is None or kind in its_types) and (its_names is None or name in its_names)
            )
            for kind in TYPES
            for name in known
        }

    def find(self, event: Mapping[str, Any]) -> tuple[T, ...]:
        """Return the mappings that may want *event*."""
        kind, name = event.get("type"), event.get("event")
        if kind not in TYPES:
            return self._all
        found = self._found.get((kind, name)) if isinstance(name, str) else None
        return self._found[kind, UNNAMED] if found is None else found
