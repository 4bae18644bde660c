"""The standing of a stack at a moment: work under way, and records that wait for a person."""

from collections.abc import Iterable
from dataclasses import dataclass

from segxero.store import keys
from segxero.store.client import Store
from segxero.sync.records.hash_fields import REASON
from segxero.xero.objects.table import RECORD_QUEUES


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A parked record: it waits for another record or for a person, for a *reason*."""

    organisation: str
    object: str
    key: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoStanding:
    """Events not folded, records not delivered, flights without an answer, and the parked records."""

    inbox: int
    outbox: int
    flights: int
    parked: tuple[Parked, ...]

    @property
    def settled(self) -> bool:
        """Nothing is left that would go on without a person."""
        return not (self.inbox or self.outbox or self.flights)


def read_standing(store: Store, organisations: Iterable[str]) -> DemoStanding:
    """Read all places in one step, or a record on its way from place to place would be missed."""
    places = [(organisation, queue) for organisation in organisations for queue in RECORD_QUEUES]
    pipe = store.pipeline(transaction=True)
    pipe.hlen(keys.INBOX)
    for organisation, queue in places:
        pipe.zcard(keys.outbox(organisation, queue))
        pipe.exists(keys.flight(organisation, queue))
        pipe.zrange(keys.parked(organisation, queue), 0, -1)
    inbox, *found = pipe.execute()
    refs = [
        (organisation, ref) for (organisation, _), parked in zip(places, found[2::3], strict=True) for ref in parked
    ]
    return DemoStanding(
        inbox=inbox,
        outbox=sum(found[0::3]),
        flights=sum(found[1::3]),
        parked=tuple(_parked(store, organisation, ref) for organisation, ref in refs),
    )


def _parked(store: Store, organisation: str, ref: str) -> Parked:
    name, _, key = ref.partition("|")
    reason = store.hget(keys.record(organisation, ref), REASON) or ""
    return Parked(organisation=organisation, object=name, key=key, reason=reason)
