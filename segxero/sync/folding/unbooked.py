"""Counts the money of ignored events by organisation, source and event name, so that no money passes unseen.

The receiver and the events queue count; `segxero status`, the metrics, the console and the watch read. An event counts
once, however often Segment sends it. The names are bounded, and what no longer arrives is forgotten after
RETENTION_SECONDS.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from segxero import jsontext
from segxero.store import keys, scripts, server
from segxero.store.client import Store
from segxero.sync.folding.decision import Unbooked, Why
from segxero.sync.records.trace import LIFETIME_SECONDS

RETENTION_SECONDS = LIFETIME_SECONDS
MOST_FIELDS = 1000  # of an organisation's hash: about 200 names
MOST_IDS = 100_000
UNITS = Decimal(10_000)  # amounts are kept as whole numbers of ten-thousandths, so that Redis adds them exactly
CENT = Decimal("0.01")
REST = "(other names)"


@dataclass(slots=True, kw_only=True)
class UnbookedSum:
    """The ignored events of one name and source; *unread* of them state an amount that cannot be read."""

    organisation: str
    why: str
    source: str
    event: str
    count: int = 0
    unread: int = 0
    first: int = 0
    last: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)

    def add(self, found: Unbooked) -> None:
        """Add one event."""
        self.count += 1
        if found.amount is None:
            self.unread += 1
        else:
            self.sums[found.currency] = self.sums.get(found.currency, Decimal(0)) + found.amount


class UnbookedEvents:
    """The counts of all organisations in Redis."""

    def __init__(self, client: Store) -> None:
        self._redis = client

    @cached_property
    def _count(self) -> Any:
        return scripts.script(self._redis, "segxero.sync.folding", "count_unbooked")

    def count(self, found: Sequence[Unbooked]) -> int:
        """Count the events *found*; return how many were not counted before. Raise redis.RedisError."""
        new = 0
        for organisation in dict.fromkeys(one.organisation for one in found):
            mine = [one for one in found if one.organisation == organisation]
            arguments = [RETENTION_SECONDS, MOST_FIELDS, MOST_IDS, jsontext.canonical([Why.UNWANTED, "", REST])]
            for one in mine:
                amount = "" if one.amount is None else str(int(one.amount * UNITS))
                arguments += [keys.digest(one.message_id), _name(one), one.currency, amount]
            names = [keys.unbooked_ids(organisation), keys.unbooked(organisation)]
            new += int(self._count(keys=names, args=arguments))
        return new

    def sums(self, organisation: str) -> list[UnbookedSum]:
        """Return the sums of *organisation* that are not too old, the latest first; '' is for no organisation."""
        stored = self._redis.hgetall(keys.unbooked(organisation))
        if not stored:
            return []
        oldest = server.now(self._redis) - RETENTION_SECONDS
        found = [one for one in _read(organisation, stored) if one.last > oldest]
        return sorted(found, key=lambda one: (-one.last, one.event, one.source))

    def sums_lately(self, organisation: str, seconds: float) -> list[UnbookedSum]:
        """Return the sums with an event in the last *seconds*."""
        found = self.sums(organisation)
        oldest = server.now(self._redis) - seconds if found else 0.0
        return [one for one in found if one.last > oldest]

    def forget_old(self, organisation: str) -> int:
        """Forget the names that no event had for RETENTION_SECONDS; return how many."""
        stored = self._redis.hgetall(keys.unbooked(organisation))
        if not stored:
            return 0
        oldest = server.now(self._redis) - RETENTION_SECONDS
        old = {_name(one) for one in _read(organisation, stored) if one.last <= oldest}
        gone = [name for name in stored if name.rpartition("|")[0] in old]
        if gone:
            self._redis.hdel(keys.unbooked(organisation), *gone)
        return len(old)


def add_up(found: Iterable[Unbooked]) -> list[UnbookedSum]:
    """Return the sums of the events *found* without Redis, the largest number first: for a rehearsal."""
    sums: dict[tuple[str, str, str, str], UnbookedSum] = {}
    for one in found:
        place = (one.organisation, one.why, one.source, one.event)
        total = sums.setdefault(
            place, UnbookedSum(organisation=one.organisation, why=one.why, source=one.source, event=one.event)
        )
        total.add(one)
    return sorted(sums.values(), key=lambda one: (-one.count, one.event, one.source))


def _name(one: Unbooked | UnbookedSum) -> str:
    return jsontext.canonical([str(one.why), one.source, one.event])


def _read(organisation: str, stored: dict[str, str]) -> list[UnbookedSum]:
    """Read the hash that count_unbooked.lua writes."""
    found: dict[str, UnbookedSum] = {}
    for place, number in stored.items():
        name, _, figure = place.rpartition("|")
        if name not in found:
            why, source, event = jsontext.loads(name)
            found[name] = UnbookedSum(organisation=organisation, why=why, source=source, event=event)
        one = found[name]
        if figure.startswith("sum "):
            one.sums[figure.removeprefix("sum ")] = _amount(int(number))
        elif figure == "n":
            one.count = int(number)
        else:
            setattr(one, figure, int(number))
    return list(found.values())


def _amount(units: int) -> Decimal:
    """Return the amount with two decimals, and with more only where it has more."""
    amount = Decimal(units) / UNITS
    short = amount.quantize(CENT)
    return short if short == amount else amount
