"""Follows the records of an open alert to their end, so its end tells how many are in Xero, with their sum."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from segxero.oversight.blocked import find_amount
from segxero.oversight.blocked_sights import count_nouns
from segxero.oversight.sighting import Place, Sums
from segxero.store import keys
from segxero.store.client import Store
from segxero.sync.records.disposition import Disposition
from segxero.sync.records.hash_fields import DISPOSITION, STUCK
from segxero.sync.records.trace import LIFETIME_SECONDS
from segxero.telemetry.alerts import Told
from segxero.xero.objects.table import OBJECTS

IN_XERO = (Disposition.DELIVERED, Disposition.UNCHANGED)
PAGE = 500


@dataclass(slots=True)
class Outcome:
    """The outcome of the records of an alert: solved, failing in another way, on their way, or set aside."""

    solved: int = 0
    elsewhere: int = 0
    on_their_way: int = 0
    sums: Sums = field(default_factory=Sums)

    def spell(self, told: Told) -> str:
        """Return the sentence for the end of the alert *told*; '' where nothing is to be said."""
        if not self.solved:
            return "" if self.elsewhere else f"No longer waiting: {told.message}"
        nouns = count_nouns(self.solved, told.cause.object)
        money = f", {spelled}," if (spelled := self.sums.spell()) else ""
        verb = "is" if self.solved == 1 else "are"
        rest = f" {self.elsewhere} of that cause now wait for another reason." if self.elsewhere else ""
        return f"Solved: {nouns}{money} {verb} in Xero.{rest}"


class Followed:
    """The records of the open alerts, in Redis."""

    def __init__(self, client: Store) -> None:
        self._redis = client
        self._kept: dict[str, frozenset[Place]] = {}

    def follow(self, cause_id: str, places: Iterable[Place]) -> None:
        """Note the *places* of a cause; earlier places stay until its end."""
        found = frozenset(places)
        if not found or self._kept.get(cause_id) == found:
            return
        name = keys.followed(cause_id)
        self._redis.hset(name, mapping={f"{one.organisation}\n{one.ref}": one.money for one in found})
        self._redis.expire(name, LIFETIME_SECONDS)
        self._kept[cause_id] = found

    def find_outcome(self, told: Told, blocked: Collection[tuple[str, str]]) -> Outcome:
        """Return the outcome of the records of *told*; *blocked* are (organisation, ref) of all waiting now."""
        outcome = Outcome()
        stored = list(self._redis.hgetall(keys.followed(told.cause.id)).items())
        for start in range(0, len(stored), PAGE):
            for place, disposition, is_stuck, is_due in self._look_up(stored[start : start + PAGE]):
                if (place.organisation, place.ref) in blocked or (is_stuck and not is_due):
                    outcome.elsewhere += 1
                elif disposition in IN_XERO:
                    outcome.solved += 1
                    currency, _, amount = place.money.rpartition(" ")
                    outcome.sums.add(currency, find_amount(amount))
                elif is_due or disposition not in (None, Disposition.DEAD):
                    outcome.on_their_way += 1
        return outcome

    def _look_up(self, page: Sequence[tuple[str, str]]) -> Iterator[tuple[Place, str | None, bool, bool]]:
        """Yield each record with its disposition, whether only a person helps it, and whether it is in the outbox."""
        places = []
        pipe = self._redis.pipeline(transaction=False)
        for name, money in page:
            organisation, _, ref = name.partition("\n")
            places.append(Place(organisation=organisation, ref=ref, money=money))
            pipe.hmget(keys.record(organisation, ref), DISPOSITION, STUCK)
            pipe.zscore(keys.outbox(organisation, OBJECTS[ref.partition("|")[0]].queue), ref)
        answers = pipe.execute()
        for place, (disposition, stuck), score in zip(places, answers[::2], answers[1::2], strict=True):
            # A discarded letter leaves its record dead and stuck; nobody waits for it any more.
            yield place, disposition, bool(stuck) and disposition != Disposition.DEAD, score is not None

    def forget(self, told: Told) -> None:
        """Forget the records of an ended alert."""
        self._redis.delete(keys.followed(told.cause.id))
        self._kept.pop(told.cause.id, None)
