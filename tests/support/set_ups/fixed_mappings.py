"""Mappings that never change, where a process would look at its directory again."""

from dataclasses import dataclass

from segxero.mapping.model import MappingSet


@dataclass(frozen=True, slots=True)
class FixedMappings:
    """Gives the same *mappings* always."""

    mappings: MappingSet

    def current(self) -> MappingSet:
        return self.mappings
