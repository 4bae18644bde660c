"""The core of segxero around a real Redis and a scripted Xero, without Celery and without HTTP."""

import itertools
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from segxero.dead_letters import DeadLetters
from segxero.mapping.files.loader import load as load_mappings
from segxero.mapping.model import MappingSet
from segxero.segment import event as segment_event
from segxero.store import formats, keys
from segxero.store.client import Store
from segxero.sync.contacts.index import ContactIndex
from segxero.sync.delivery.deliver import Deliverer, make_deliverer
from segxero.sync.delivery.planning import Planner
from segxero.sync.delivery.turn import Report
from segxero.sync.folding.fold import Fold
from segxero.sync.folding.inbox import Arrival, Inbox, arrival_id
from segxero.sync.orders.turn import QUEUE as ORDERS
from segxero.sync.orders.turn import OrderTurns
from segxero.sync.orders.writing import Writer
from segxero.sync.records.operations import make_operations
from segxero.sync.records.record import Record, load
from segxero.sync.recovery.links import Links
from segxero.sync.waiting.breaker import Breaker
from segxero.sync.waiting.gate import Gate
from segxero.sync.waiting.outbox import Flight, Outbox
from segxero.sync.waiting.retry_groups import RetryGroups
from segxero.sync.waiting.wakes import Wakes
from segxero.xero.access.encryption import Cipher
from segxero.xero.api.budget import Budget
from segxero.xero.books.cache import BooksCache
from segxero.xero.objects.table import FIELDS, OBJECTS, SHARERS
from tests.support.set_ups.fake_services import FakeMessages
from tests.support.set_ups.fixed_mappings import FixedMappings
from tests.support.xero.echo import EchoXero

ORG = "main"
CIPHER = Cipher(("a secret key of the tests",))
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
EARLIER = Path(__file__).parent / "earlier"
SHIPPED = Path(__file__).parents[3] / "mappings"


@cache
def shipped_mappings() -> MappingSet:
    """Load the project's own mappings, once."""
    return load_mappings(SHIPPED, FIELDS)


@cache
def earlier_mappings() -> MappingSet:
    """Load the files of a set-up from before orders had facts: its own files go on working as they are."""
    with TemporaryDirectory() as directory:
        return load_mappings(copy_earlier(Path(directory) / "mappings"), FIELDS)


def copy_earlier(directory: Path) -> Path:
    """Put the files of such a set-up into *directory*."""
    shutil.copytree(SHIPPED, directory, ignore=shutil.ignore_patterns("orders.yaml"), dirs_exist_ok=True)
    shutil.copytree(EARLIER, directory, dirs_exist_ok=True)
    (directory / "orders.yaml").unlink(missing_ok=True)
    return directory


@dataclass(slots=True)
class Core:
    """What a worker works with; `feed` takes events in, `deliver` takes turns until nothing is due."""

    store: Store
    mappings: MappingSet = field(default_factory=earlier_mappings)
    xero: Any = field(default_factory=EchoXero)
    writes_back: bool = False
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        formats.know_since(self.store, formats.EVER)

    @property
    def wakes(self) -> Wakes:
        return Wakes(self.store, FakeMessages().deliver)

    @property
    def inbox(self) -> Inbox:
        return Inbox(self.store, FakeMessages().event)

    @property
    def fold(self) -> Fold:
        return Fold(self.store, self.wakes)

    @property
    def outbox(self) -> Outbox:
        return Outbox(self.store)

    @property
    def retry_groups(self) -> RetryGroups:
        return RetryGroups(self.store, self.outbox, self.wakes)

    @property
    def gate(self) -> Gate:
        return Gate(self.store, Breaker(self.store), self.wakes)

    @property
    def letters(self) -> DeadLetters:
        return DeadLetters(self.store)

    @property
    def index(self) -> ContactIndex:
        return ContactIndex(self.store, self.xero)  # type: ignore[arg-type]

    @property
    def redis(self) -> Store:
        return self.store

    @property
    def live(self) -> FixedMappings:
        return FixedMappings(self.mappings)

    @property
    def planner(self) -> Planner:
        return Planner(self.store)

    @property
    def links(self) -> Links:
        return Links(self.store)

    @property
    def books(self) -> BooksCache:
        return BooksCache(self.store, self.xero)

    @property
    def budget(self) -> Budget:
        return Budget(self.store, 1000)

    @property
    def cipher(self) -> Cipher:
        return CIPHER

    @property
    def deliverer(self) -> Deliverer:
        return make_deliverer(self)

    def arrival(self, event: Mapping[str, Any], received_at: datetime = NOW) -> Arrival:
        """Return *event* as it would arrive; one without messageId gets a new one."""
        message_id = event.get("messageId") or f"message-{next(self.numbers)}"
        return Arrival(
            id=arrival_id("webhook", message_id),
            organisation=ORG,
            endpoint="webhook",
            message_id=message_id,
            received_at=received_at,
            event=json.dumps({"messageId": message_id, **event}),
        )

    def feed(self, *events: Mapping[str, Any]) -> list[int | None]:
        """Accept and fold *events*; return how many records each changed."""
        changed = []
        for event in events:
            arrival = self.arrival(event)
            self.inbox.accept([arrival])
            read = segment_event.read(json.loads(arrival.event))
            operations = make_operations(self.mappings, read, arrival.received_at, arrival.message_id)
            changed.append(self.fold.fold(arrival, operations, read))
        return changed

    @property
    def order_turns(self) -> OrderTurns:
        return OrderTurns(
            store=self.store,
            live=FixedMappings(self.mappings),
            outbox=self.outbox,
            writer=Writer(self.store),
            wakes=self.wakes,
        )

    def turn(self, queue: str) -> Report:
        if queue == ORDERS:
            return Report(counts=self.order_turns.turn(ORG))
        return self.deliverer.turn(ORG, queue)

    def deliver(self, *queues: str, most: int = 40) -> dict[str, int]:
        """Take turns in *queues* (default: all) until nothing is due; return results by disposition."""
        counts: dict[str, int] = {}
        for _ in range(most):
            # Computing orders calls nobody, and their records are those that all other queues deliver.
            if self.is_due(ORDERS):
                self.turn(ORDERS)
                continue
            due = [queue for queue in (queues or SHARERS) if self.is_due(queue)]
            if not due:
                return counts
            for disposition, number in self.turn(due[0]).counts.items():
                counts[disposition] = counts.get(disposition, 0) + number
        raise AssertionError(f"after {most} turns something is still due")

    def is_due(self, queue: str) -> bool:
        return self.deliverer.is_due(ORG, queue)

    def record(self, object_name: str, key: str) -> Record:
        ref = keys.reference(object_name, key)
        return load(self.store, ORG, [ref])[ref]

    def stored(self, object_name: str, key: str) -> dict[str, str]:
        """Return the hash of a record."""
        found: dict[str, str] = self.store.hgetall(keys.record(ORG, keys.reference(object_name, key)))
        return found

    def depart(self, queue: str, *records: Record, seconds_ago: float = 60.0) -> Flight:
        """Leave a flight behind, as a process does that was killed *seconds_ago* while it sent *records*."""
        lock = self.store.lock(keys.lock(ORG, queue), timeout=10, thread_local=False)
        assert lock.acquire(blocking=False)
        flight = self.outbox.depart(ORG, queue, records, lock)
        lock.release()
        self.let_flight_age(queue, seconds_ago)
        return flight

    def let_flight_age(self, queue: str, seconds: float = 60.0) -> None:
        """Let the flight have left *seconds* earlier."""
        age_flight(self.store, queue, seconds)

    def make_due(self, object_name: str, key: str) -> None:
        """End the waiting time of a record that is due later."""
        queue = OBJECTS[object_name].queue
        self.store.zadd(keys.outbox(ORG, queue), {keys.reference(object_name, key): 0})


def age_flight(store: Store, queue: str, seconds: float) -> None:
    """Let the flight of *queue* have left *seconds* earlier."""
    identifier, _, content = store.get(keys.flight(ORG, queue)).partition("\n")
    values = json.loads(content)
    aged = {**values, "sent_at": str(float(values["sent_at"]) - seconds)}
    store.set(keys.flight(ORG, queue), f"{identifier}\n{json.dumps(aged)}")


def forget_the_dead(store: Store, queue: str) -> None:
    """Let the time pass for which the turn of a process that is gone still holds the queue."""
    store.delete(keys.lock(ORG, queue))
    age_flight(store, queue, 60.0)


def identify(user: str, time: str = "2026-11-01T10:00:00Z", **traits: Any) -> dict[str, Any]:
    return {"type": "identify", "userId": user, "timestamp": time, "traits": traits}


def order_completed(order: str, user: str = "u1", time: str = "2026-11-01T10:00:00Z", **changes: Any) -> dict[str, Any]:
    """Return an untaxed order of two mugs at 10.00; *changes* go into its properties."""
    properties = {
        "order_id": order,
        "currency": "USD",
        "total": 20,
        "tax": 0,
        "products": [{"name": "Mug", "price": 10, "quantity": 2}],
        **changes,
    }
    return {"type": "track", "event": "Order Completed", "userId": user, "timestamp": time, "properties": properties}
