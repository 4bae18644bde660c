"""The request of a handler of the Accounting API, and the envelope of its answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from segxero.sandbox.state.book import Book
from segxero.sandbox.state.faults import NO_FAULT, Fault
from segxero.sandbox.state.table import Record, Table
from segxero.sandbox.state.world import World
from segxero.sandbox.wire.answers import Answer
from segxero.sandbox.wire.dates import stamp_plainly
from segxero.sandbox.wire.model import Reader
from segxero.sandbox.wire.refusals import no_data, not_found

PROVIDER = "segxero sandbox"


@dataclass(slots=True, kw_only=True)
class Request:
    """A call with the books it is about. The names in *query* are lower case: Xero does not mind their case."""

    world: World
    book: Book
    now: datetime
    method: str
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    fault: Fault = NO_FAULT
    ignored: list[str] = field(default_factory=list)

    @property
    def summarize_errors(self) -> bool:
        """Say whether errors are summarised: Xero's live default, against its own specification."""
        return self.query.get("summarizeerrors", "true").lower() != "false"

    @property
    def unit_places(self) -> int:
        return 4 if self.query.get("unitdp") == "4" else 2

    def has_flag(self, name: str) -> bool:
        return self.query.get(name, "").lower() == "true"

    def read_words(self, name: str) -> list[str]:
        """Return a comma-separated query parameter as its parts."""
        return [part for part in (item.strip().strip('"') for item in self.query.get(name, "").split(",")) if part]

    def find(self, name: str, table: Table, number: str = "") -> Record:
        """Return the record in the path, by its id or its *number*. Refuse the request otherwise."""
        key = self.params[name]
        record = table.get(key) or (table.find(number, key) if number else None)
        if record is None:
            raise not_found()
        return record

    def read_elements(
        self, collection: str, kind: str, names: Mapping[str, Reader], reader: Reader
    ) -> list[dict[str, Any]]:
        """Read the body's elements: a bare object or the plural envelope. Refuse the whole request otherwise."""
        body = self.body
        if isinstance(body, dict):
            for name, content in body.items():
                # Xero takes the name of an envelope in any case (a live client sends `contacts`).
                if name.lower() == collection.lower() and isinstance(content, list) and content:
                    return [reader(item, f"{collection}[{index}]", self.ignored) for index, item in enumerate(content)]
            # A bare object has at least a property of its kind; a wrong envelope has none.
            if any(name in names for name in body):
                return [reader(body, kind, self.ignored)]
        raise no_data(kind)

    def answer(
        self, collection: str, elements: Sequence[Mapping[str, Any]], pagination: Mapping[str, int] | None = None
    ) -> Answer:
        """Return the 200 envelope of *elements*."""
        head: dict[str, Any] = {
            "Id": self.world.new_id(),
            "Status": "OK",
            "ProviderName": PROVIDER,
            "DateTimeUTC": stamp_plainly(self.now),
        }
        if pagination is not None:
            head["pagination"] = dict(pagination)
        return Answer(data=head | {collection: list(elements)})
