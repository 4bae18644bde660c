"""Contexts: the tables and settings of an organisation, completed with facts of Xero when records need them.

The deliverer begins a context for each turn, the turn completes it for the records at hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from segxero.mapping.files.live import MappingSource
from segxero.mapping.model import MappingSet
from segxero.sync.records.record import Record
from segxero.sync.waiting.retry_groups import RetryGroups
from segxero.xero.books.cache import FRESH_SECONDS, BooksCache
from segxero.xero.books.users import Users
from segxero.xero.objects.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Contexts:
    """Makes the contexts of all organisations."""

    live: MappingSource
    retry_groups: RetryGroups
    books: BooksCache
    users: Users
    made: dict[str, tuple[MappingSet, Context]] = field(default_factory=dict)  # organisation -> the latest context

    def begin(self, organisation: str) -> Context:
        """Return the context without facts of Xero."""
        mappings = self.live.current()
        known = self.made.get(organisation)
        # The tables and settings change with the mappings only.
        if known is None or known[0] is not mappings:
            known = self.made[organisation] = (mappings, Context.of(mappings, organisation))
        return replace(known[1], shut=self.retry_groups.find_shut(organisation))

    def complete(self, context: Context, organisation: str, records: Sequence[Record]) -> Context:
        """Return *context* with the names and lock dates that *records* need. Raise what XeroClient.call raises."""
        if self.users.needed(record.fields for record in records):
            context = replace(context, users=self.users.names(organisation))
        locked = [record for record in records if record.row.needs_open_day(record.remembered)]
        if not locked or context.policies["lock_date"] != "first_open_day":
            return context
        # A second refusal shows that the known lock dates are old.
        fresh = 0.0 if any(record.attempts > 1 for record in locked) else FRESH_SECONDS
        books = self.books.of(organisation, "Organisations", fresh_seconds=fresh)
        return replace(context, open_day=books.first_open_day)
