"""The input of a comparison: an organisation's books, settings and tables, and the constants of its mappings."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from segxero.errors import MappingError
from segxero.mapping.model import Mapping, MappingSet
from segxero.mapping.organisations import Organisation
from segxero.mapping.shops import Shop
from segxero.xero.books.parts import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The *books* of *organisation* beside the *mappings* that write to it, with the tables of a *shop* where given."""

    books: Books
    mappings: MappingSet
    organisation: str
    today: date
    shop: Shop | None = None

    @property
    def settings(self) -> Organisation:
        return self.mappings.organisations[self.organisation]

    def table(self, name: str) -> dict[str, str]:
        """Return the rows of a table, with the overrides of this organisation or shop."""
        rows = self.mappings.tables_of(self.organisation, self.shop).get(name, {})
        return {row: str(value) for row, value in rows.items()}

    def constants(self, *objects: str) -> Iterator[tuple[Mapping, dict[str, Any]]]:
        """Yield each enabled mapping of *objects* with its constant fields."""
        for mapping in self.mappings.enabled:
            if mapping.object not in objects:
                continue
            if mapping.organisations is None or self.organisation in mapping.organisations:
                yield mapping, _constants(mapping, self.organisation)


def _constants(mapping: Mapping, organisation: str) -> dict[str, Any]:
    body = mapping.bodies.get(organisation, mapping.body)
    try:
        return {**(body.fallbacks({}) or {}), **(body.fields({}) or {})}
    except MappingError:
        return {}  # a directive of this mapping needs an event
