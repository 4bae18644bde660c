"""Debtors: the due contacts of a turn, seen as people. A turn of contacts calls `sort` before it plans.

The lead of a person goes on with the words of all its keys. The record of another key has nothing to deliver; its own
contact in Xero, if any, is given up: its documents move first, then it is archived.
"""

from collections.abc import Sequence
from dataclasses import replace

from segxero.store.client import Store
from segxero.sync.contacts.identity import ContactIdentity
from segxero.sync.contacts.leads import find_leads, load_debtors
from segxero.sync.contacts.people import People
from segxero.sync.records import results
from segxero.sync.records.record import Record
from segxero.sync.records.results import Result

MOVING_SECONDS = 10


class Debtors:
    """Tells the records standing for people from the records joined to them."""

    def __init__(self, client: Store, identity: ContactIdentity) -> None:
        self._redis = client
        self._identity = identity
        self.people = People(client)

    def sort(self, organisation: str, queue: str, records: Sequence[Record]) -> tuple[list[Record], list[Result]]:
        """Return the records to plan, as people see them, and the results of the records with nothing to deliver."""
        kept, settled = [], []
        found = [record for record in records if record.row.joins_people]
        leads = find_leads(self._redis, organisation, [record.key for record in found])
        merged = load_debtors(self._redis, organisation, [one.ref for one in found if one.key not in leads])
        for record in records:
            if not record.row.joins_people or record.key not in leads:
                kept.append(merged.get(record.ref, record))
                continue
            joined = replace(record, joined=leads[record.key])
            result = self._give_up(organisation, queue, joined)
            if result is None:
                kept.append(joined)
            else:
                settled.append(result)
        return kept, settled

    def _give_up(self, organisation: str, queue: str, record: Record) -> Result | None:
        """Return the result for a record *joined* to another; None when its contact is to be archived."""
        self.people.hand_events_over(organisation, record.ref, record.joined)
        self._identity.release_names(organisation, queue, record)
        if not record.xero_id:
            if record.disposition == "pending":
                self.people.put_due(organisation, record.joined)
            return results.unchanged_joined(record, f"it is the same person as {record.joined}")
        left, on_its_way = self.people.find_documents(organisation, record)
        if on_its_way:
            reason = f"its documents are moving to {record.joined}"
            return results.pending_joined(record, reason, MOVING_SECONDS)
        if left:
            reason = (
                f"{len(left)} documents of {record.key} cannot be moved to {record.joined}:"
                " merge the two contacts in Xero, which its API cannot do"
            )
            return results.unchanged_joined(record, reason)
        return None
