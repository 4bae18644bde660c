"""A turn of the queue `orders`: facts become wanted books, and these are written as records of the other queues.

It calls nobody but Redis. An order with books several steps away waits for the records that come first.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from redis.exceptions import LockError

from segxero import jsontext
from segxero.mapping.files.live import MappingSource
from segxero.orders.books import INVOICE, Question
from segxero.store import keys
from segxero.store.client import Store
from segxero.sync.orders.asking import find_obstacle, is_stuck, spell_reason, write_questions
from segxero.sync.orders.computing import HANDED_ON, Computed, compute
from segxero.sync.orders.laying import read_document
from segxero.sync.orders.progress import DocumentStanding, Next, plan_next, read_standing
from segxero.sync.orders.reading import add_voided
from segxero.sync.orders.settings import choose_context
from segxero.sync.orders.takeover import add_earlier, find_made, is_earlier, list_notes, prefer_told, read_earlier
from segxero.sync.orders.writing import Writer
from segxero.sync.records.disposition import Disposition
from segxero.sync.records.hash_fields import REMEMBERED
from segxero.sync.records.ready import Wait
from segxero.sync.records.record import Record, load
from segxero.sync.records.results import Result
from segxero.sync.waiting.outbox import Outbox
from segxero.sync.waiting.wakes import Wakes
from segxero.telemetry.causes import NO_OBSTACLE, Obstacle
from segxero.xero.objects.booked import AMOUNT, FROZEN, MADE, get_made
from segxero.xero.objects.by_hand import TAKEN_OUT
from segxero.xero.objects.companions import Target
from segxero.xero.objects.context import Context
from segxero.xero.objects.orders import FACTS, Orders
from segxero.xero.objects.table import OBJECTS
from segxero.xero.objects.wanted import Linked
from segxero.xero.taxes.taxed import TaxedOrder

QUEUE = Orders.queue
MOST = 100  # orders in a turn
LOCK_SECONDS = 60
BUSY_SECONDS = 1  # until a busy queue is asked again
KNOWN, ASKED = "known", "asked"  # remembered: the refs of an order's records; its open questions


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTurns:
    """Takes turns, one at a time for each organisation."""

    store: Store
    live: MappingSource
    outbox: Outbox
    writer: Writer
    wakes: Wakes

    def turn(self, organisation: str) -> dict[str, int]:
        """Compute the due orders of *organisation*; return how many by disposition.

        During an operator's hold events are still to come, such as after a rebuild, so nothing is computed.
        """
        self.wakes.answered(organisation, QUEUE)
        if self.store.exists(keys.operator_hold(organisation)):
            return {}
        lock = self.store.lock(keys.lock(organisation, QUEUE), timeout=LOCK_SECONDS, thread_local=False)
        if not lock.acquire(blocking=False):
            return {}
        try:
            return self._take(organisation)
        finally:
            with suppress(LockError):
                lock.release()

    def _take(self, organisation: str) -> dict[str, int]:
        refs = self.outbox.due(organisation, QUEUE, MOST)
        found = load(self.store, organisation, refs)
        for ref in set(refs) - set(found):
            self.outbox.remove(organisation, QUEUE, ref)
        context = Context.of(self.live.current(), organisation)
        counts: dict[str, int] = {}
        written: set[str] = set()
        try:
            for ref in refs:
                if record := found.get(ref):
                    own = choose_context(context, record.fields)
                    disposition = OrderStep(turns=self, record=record, context=own, written=written).take()
                    counts[disposition] = counts.get(disposition, 0) + 1
        finally:
            # The documents of all these orders go in one call, so nobody is woken for the first of them.
            for queue in sorted(written):
                self.wakes.wake(organisation, queue)
        return counts


@dataclass(slots=True, kw_only=True)
class OrderStep:
    """An order at its next phase."""

    turns: OrderTurns
    record: Record
    context: Context
    written: set[str]  # the queues that hold records of the orders of this turn

    def take(self) -> str:
        """Write the next records of the order; return its disposition."""
        linked = self._load(self._list_references("Items"))
        if waits := [target for target, item in linked.items() if not item.xero_id and not item.stuck]:
            return self._park(waits, linked)
        items = tuple(item.linked() for item in linked.values() if item.xero_id)
        computed, there = self._compute(items)
        standing = {target: self._stand(record) for target, record in there.items()}
        following = plan_next(computed.books, computed.laid, standing)
        if following.writes:
            outcome = self._write(following, there)
            if outcome <= 0:
                return self._settle(Disposition.PENDING, delay_seconds=BUSY_SECONDS if outcome < 0 else 0)
        if following.waits:
            return self._park(following.waits, there, [each.target for each in following.writes])
        if following.goes_on:
            return self._settle(Disposition.PENDING)
        return self._finish(computed.questions)

    def _compute(self, items: tuple[Linked, ...]) -> tuple[Computed, dict[Target, Record]]:
        """Return the books, around the parts frozen in Xero, and the records of the order."""
        key = self.record.key
        known = [_read_ref(ref) for ref in jsontext.loads(self.record.remembered.get(KNOWN) or "[]")]
        there = self._load([*known, Target(INVOICE, key)])
        fields, refers = self.record.fields, self.record.references
        invoice = there.get(Target(INVOICE, key))
        if invoice and is_earlier(invoice):
            fields = self._take_over(invoice, there, items)
            # A refund names no tracking, so the invoice keeps the references that its own events gave it.
            refers = {**invoice.references, **refers}
        if invoice and invoice.remembered.get(FROZEN) == TAKEN_OUT:
            fields = add_voided(fields, key)
        computed = compute(key, fields, self.context, items, _find_frozen(key, there), refers)
        more = [each.target for each in computed.laid if each.target not in there]
        return computed, {**there, **self._load(more)}

    def _take_over(self, invoice: Record, there: dict[Target, Record], items: tuple[Linked, ...]) -> Mapping[str, Any]:
        """Return the fields of the order with its earlier facts; the records already in Xero remember so."""
        notes = self._load(list_notes(invoice))
        facts = {FACTS: read_earlier(invoice, notes)}
        before = compute(invoice.key, facts, self.context, items, refers=invoice.references)
        there |= notes | self._load([each.target for each in before.laid])
        fields = add_earlier(self.record.fields, invoice, notes)
        told = compute(invoice.key, fields, self.context, items, refers=invoice.references)
        for record, made in find_made(prefer_told(before.laid, told.laid), there):
            self.turns.store.hset(keys.record(record.organisation, record.ref), REMEMBERED + MADE, made)
            remembered = {**record.remembered, MADE: made}
            there[Target(record.object, record.key)] = replace(record, remembered=remembered)
        return fields

    def _list_references(self, field: str) -> list[Target]:
        return [Target(str(each["object"]), str(each["key"])) for each in self.record.references.get(field, ())]

    def _load(self, targets: Sequence[Target]) -> dict[Target, Record]:
        refs = {keys.reference(*target): target for target in targets}
        found = load(self.turns.store, self.record.organisation, refs)
        return {refs[ref]: record for ref, record in found.items()}

    @staticmethod
    def _stand(record: Record) -> DocumentStanding:
        made, is_frozen = get_made(record.remembered), bool(record.remembered.get(FROZEN))
        amount = record.remembered.get(AMOUNT, "")
        standing = read_standing(record.fields, made, record.xero_id, amount=amount, is_frozen=is_frozen)
        return standing if standing.is_open or not record.uncertain else DocumentStanding(is_open=True)

    def _write(self, following: Next, there: Mapping[Target, Record]) -> int:
        references = {
            f"@{name}": self.record.references[name] for name in HANDED_ON if self.record.references.get(name)
        }
        known = [keys.reference(*target) for target in dict.fromkeys([*there, *(e.target for e in following.writes)])]
        outcome = self.turns.writer.write(self.record, following, there, references, known)
        if outcome > 0:
            self.written.update(OBJECTS[each.object].queue for each in following.writes)
        return outcome

    def _park(self, targets: Sequence[Target], there: Mapping[Target, Record], written: Collection[Target] = ()) -> str:
        """Let the order wait until any of *targets* is settled; some were *written* just now."""
        reason = f"waits for {targets[0].object} {targets[0].key}"
        now = self._load(targets)
        waits = tuple(Wait(object=t.object, key=t.key, version=record.version) for t, record in now.items())
        disposition = self._settle(Disposition.PARKED, reason=reason, waits=waits)
        # A record settled before the order began to wait has freed nobody, so it is looked at once more.
        later = self._load(targets)
        settled = [t for t in written if t in later and later[t].disposition != Disposition.PENDING]
        changed = [t for t in later if t not in written and _fingerprint(later[t]) != _fingerprint(there[t])]
        if settled or changed:
            self.turns.outbox.free(self.record.organisation, QUEUE, self.record.ref)
        return disposition

    def _finish(self, questions: Sequence[Question]) -> str:
        values = {REMEMBERED + ASKED: write_questions(questions)}
        if not questions:
            return self._settle(Disposition.DELIVERED, values=values)
        return self._settle(
            Disposition.PARKED,
            reason=spell_reason(questions),
            obstacle=find_obstacle(questions),
            values=values,
            stuck=is_stuck(questions),
        )

    def _settle(
        self,
        disposition: Disposition,
        *,
        reason: str = "",
        obstacle: Obstacle = NO_OBSTACLE,
        waits: tuple[Wait, ...] = (),
        values: Mapping[str, str] | None = None,
        stuck: bool = False,
        delay_seconds: int = 0,
    ) -> str:
        result = Result(
            record=self.record,
            disposition=disposition,
            reason=reason,
            obstacle=obstacle,
            waits=waits,
            changes=dict(values or {}),
            stuck=stuck,
            delay_seconds=delay_seconds,
        )
        self.turns.outbox.settle(self.record.organisation, QUEUE, [result])
        return disposition


def _read_ref(ref: str) -> Target:
    name, _, key = ref.partition("|")
    return Target(name, key)


def _find_frozen(number: str, there: Mapping[Target, Record]) -> TaxedOrder | None:
    """Return the content at which the order's invoice is frozen, if Xero has refused to change it or its money (L5)."""
    invoice = there.get(Target(INVOICE, number))
    made = get_made(invoice.remembered) if invoice else {}
    if not made.get("LineItems"):
        return None
    on_it = [record for record in there.values() if _is_on(record, number)]
    if not any(record.remembered.get(FROZEN) for record in on_it):
        return None
    document = read_document(Target(INVOICE, number), made)
    return TaxedOrder(lines=document.lines, amount_types=document.amount_types, total=document.total)


def _is_on(record: Record, number: str) -> bool:
    made = get_made(record.remembered)
    return (record.object == INVOICE and record.key == number) or number in (made.get("Document"), made.get("Invoice"))


def _fingerprint(record: Record) -> tuple[str, str, str, Mapping[str, str]]:
    return (record.version, record.xero_id, record.disposition, record.remembered)
