"""Writes the wanted records of an order, in one atomic step (book.lua). Called by the turn of the queue `orders`."""

from collections.abc import Mapping, Sequence
from typing import Any

from segxero import jsontext
from segxero.store import keys, scripts
from segxero.store.client import Store
from segxero.sync.orders.laying import Laid
from segxero.sync.orders.progress import Next
from segxero.sync.records.hash_fields import REMEMBERED
from segxero.sync.records.record import Record
from segxero.xero.objects.booked import BOOKED, MADE
from segxero.xero.objects.companions import Target
from segxero.xero.objects.numbering import COPY
from segxero.xero.objects.table import OBJECTS

MAPPING = "orders"
COMPUTED = "1"
HAS_CONTACT = ("Invoice", "CreditNote")


class Writer:
    """Writes into the records of the other queues."""

    def __init__(self, client: Store) -> None:
        self._book = scripts.script(client, "segxero.sync.orders", "book")

    def write(
        self,
        order: Record,
        following: Next,
        there: Mapping[Target, Record],
        headers: Mapping[Target, Mapping[str, Any]],
        references: Mapping[str, Any],
        known: Sequence[str],
    ) -> int:
        """Return 1 if written, 0 if something changed meanwhile, -1 while a queue of the records is at work."""
        organisation = order.organisation
        changed = [OBJECTS[each.object].queue for each in following.writes if each.target in there]
        plan = {
            "guards": [
                {"lock": keys.lock(organisation, queue), "flight": keys.flight(organisation, queue)}
                for queue in dict.fromkeys(changed)
            ],
            "seen": [
                {
                    "record": keys.record(organisation, record.ref),
                    "version": record.version,
                    "xero_id": record.xero_id,
                }
                for record in there.values()
            ],
            "writes": [
                self._lay(order, each, there.get(each.target), headers[each.target], references, following)
                for each in following.writes
            ],
            "known": jsontext.dumps(list(known)),
        }
        names = [keys.record(organisation, order.ref), keys.outbox(organisation, order.row.queue)]
        args = [order.ref, order.version, jsontext.dumps(plan), keys.HISTORICAL]
        return int(self._book(keys=names, args=args))

    def _lay(
        self,
        order: Record,
        each: Laid,
        record: Record | None,
        header: Mapping[str, Any],
        references: Mapping[str, Any],
        following: Next,
    ) -> dict[str, Any]:
        organisation, ref = order.organisation, keys.reference(each.object, each.key)
        queue = OBJECTS[each.object].queue
        mark = f"1|{order.oldest}|orders"
        fields: list[list[str]] = [[BOOKED, mark, jsontext.canonical(dict(each.booked)), COMPUTED]]
        for name, target in each.references.items():
            entry = {"object": target.object, "key": target.key, "optional": False}
            fields.append([f"@{name}", mark, jsontext.canonical([entry]), COMPUTED])
        if each.object in HAS_CONTACT and "LineItems" in each.booked:
            fields += [[name, mark, jsontext.canonical(entries), COMPUTED] for name, entries in references.items()]
            # Another mapping may write these as well, so the later event decides.
            fields += [[name, mark, jsontext.canonical(value), ""] for name, value in header.items()]
        return {
            "ref": ref,
            "record": keys.record(organisation, ref),
            "outbox": keys.outbox(organisation, queue),
            "parked": keys.parked(organisation, queue),
            "trace": keys.trace(organisation, ref),
            "said": jsontext.dumps({"happened": order.oldest, "mapping": MAPPING, "type": "order", "event": order.key}),
            "mapping": order.mapping or MAPPING,
            "fields": fields,
            "set": self._set(order, record, each.target in following.renumbered),
        }

    @staticmethod
    def _set(order: Record, record: Record | None, is_renumbered: bool) -> dict[str, str]:
        values = {"told_as": order.told_as, "attempts": "", "failing_since": "", "stuck": ""}
        if not is_renumbered or record is None:
            return values
        # The number of a void document counts as taken, so the same content is booked under the next number.
        facts = OBJECTS[record.object].renumber(record.wanted({})) or {COPY: "2"}
        marked = {REMEMBERED + name: text for name, text in facts.items()}
        return {**values, **marked, "xero_id": "", "delivered": "", REMEMBERED + MADE: ""}
