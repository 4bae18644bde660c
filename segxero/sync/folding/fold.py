"""Folding: an event's operations go into their records, field by field, and the event leaves the inbox."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from segxero import jsontext
from segxero.dead_letters import DeadLetter
from segxero.segment.event import event_time
from segxero.segment.people import Named, read_people
from segxero.store import keys, scripts
from segxero.store.client import Store
from segxero.sync.folding.inbox import Arrival
from segxero.sync.folding.series import make_shared_key_error
from segxero.sync.records import trace
from segxero.sync.records.operations import FIELD, Operation, stamp
from segxero.sync.waiting.wakes import ONCE_SECONDS, Wakes
from segxero.xero.objects.table import OBJECTS

log = logging.getLogger(__name__)

OTHER_SERIES = 2  # the answer of fold.lua, with the place of the operation and the series that told the key first
PEOPLE = next(row for row in OBJECTS.values() if row.joins_people)
NOBODY = Named(keys=())
INBOX_KEYS = [keys.INBOX, keys.INBOX_WOKEN, keys.INBOX_WAITING]


class Fold:
    """Folds in an atomic step (fold.lua); a second time it does nothing."""

    def __init__(self, client: Store, wakes: Wakes) -> None:
        self._wakes = wakes
        self._fold = scripts.script(client, "segxero.sync.folding", "fold")
        self._bury = scripts.script(client, "segxero.sync.folding", "bury")

    def fold(
        self,
        arrival: Arrival,
        operations: Sequence[Operation],
        event: Mapping[str, Any] | None = None,
        people_prefix: str = "",
    ) -> int | None:
        """Return how many records changed; None when somebody else folded the arrival before.

        Their traces tell of the *event*, and so do the links between the keys of people. *people_prefix* stands before
        these keys where a shop keeps its contacts apart. Raise SharedKeyError, with nothing folded, when an order's key
        belongs to another shop or source that has told a different order.
        """
        organisation = arrival.organisation
        received = arrival.received_at.timestamp()
        told = trace.describe_event(event or {}, arrival.message_id, arrival.request_id, received)
        plan = {
            **trace.LIMITS,
            "told": told,
            "received": f"{received:.3f}",
            "later": str(keys.HISTORICAL),
            "historical": "1" if arrival.historical else "",
            "operations": [self._laid(organisation, operation) for operation in operations],
            "people": _meet(arrival, operations, event or {}, people_prefix),
            "wakes": self._wakes.plan(organisation, [*(operation.row.queue for operation in operations), PEOPLE.queue]),
        }
        was_there, changed, *other = self._fold(
            keys=[*INBOX_KEYS, keys.COUNTS],
            args=[
                arrival.id,
                arrival.counted_as,
                arrival.message_id,
                arrival.event,
                jsontext.dumps(plan),
                ONCE_SECONDS,
            ],
        )
        if was_there == OTHER_SERIES:
            raise make_shared_key_error(operations[int(changed)], str(other[0]))
        if not was_there:
            return None
        _log(arrival, operations, int(changed))
        return int(changed)

    def bury(self, arrival: Arrival, letter: DeadLetter) -> bool:
        """Turn the arrival into a dead letter in a single step; False when it had left the inbox before."""
        args = [arrival.id, arrival.counted_as, letter.id, letter.to_json()]
        return bool(self._bury(keys=[*INBOX_KEYS, keys.DEAD_LETTERS, keys.DEAD_LETTER_IDS], args=args))

    @staticmethod
    def _laid(organisation: str, operation: Operation) -> dict[str, object]:
        ref = keys.reference(operation.object, operation.key)
        queue = operation.row.queue
        return {
            "ref": ref,
            "queue": queue,
            "record": keys.record(organisation, ref),
            "events": keys.events(organisation, ref),
            "outbox": keys.outbox(organisation, queue),
            "parked": keys.parked(organisation, queue),
            "told_as": operation.told_as,
            "series": operation.series,
            "order": operation.told,
            "person": operation.key if operation.row.joins_people else "",
            "mapping": f"{operation.mapping} {operation.version}".strip(),
            **trace.describe_operation(organisation, ref, operation),
            "fields": [list(field) for field in operation.fields],
        }


def _meet(arrival: Arrival, operations: Sequence[Operation], event: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return the keys of people that *event* names, as fold.lua keeps them."""
    organisation = arrival.organisation
    # A page view names a browser as well, but only those who buy or say who they are become contacts.
    is_told = event.get("type") in ("identify", "alias") or any(one.row.joins_people for one in operations)
    named = read_people(event) if is_told and event.get("type") != "group" else NOBODY
    names = [prefix + name for name, _ in named.keys]
    first = stamp(FIELD, event_time(event, arrival.received_at), arrival.message_id)[2:] if names else ""
    return {
        "known": keys.people(organisation),
        "links": keys.people_links(organisation),
        "changed": keys.people_changed(organisation),
        "outbox": keys.outbox(organisation, PEOPLE.queue),
        "queue": PEOPLE.queue,
        "ref": keys.reference(PEOPLE.name, names[0] if names else ""),
        "keys": [[prefix + name, str(int(strength)), first] for name, strength in named.keys],
        "pairs": [[names[0], other, "alias" if named.is_alias else "event"] for other in names[1:]],
    }


def _log(arrival: Arrival, operations: Sequence[Operation], changed: int) -> None:
    refs = dict.fromkeys(keys.reference(operation.object, operation.key) for operation in operations)
    facts = {
        "arrival": arrival.id,
        "request_id": arrival.request_id,
        "organisation": arrival.organisation,
        "records": [keys.digest(ref) for ref in refs],
        "changed": changed,
    }
    log.info("event_folded", extra=facts)
