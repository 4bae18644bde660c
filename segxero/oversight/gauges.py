"""Gauges for Prometheus: lengths, ages and calls left, read from Redis at each scrape by receiver/metrics.py."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from segxero import jsontext
from segxero.oversight.standing import Standing, Standings
from segxero.store import keys, server
from segxero.store.client import Store
from segxero.sync.folding.unbooked import UnbookedEvents
from segxero.telemetry.figures import ALERTS as OPEN_ALERTS
from segxero.telemetry.figures import (
    APPEND_ONLY,
    BREAKER,
    BUDGET,
    DAY_ENDS,
    INBOX,
    LETTERS,
    OLDEST,
    OUTAGE,
    OUTBOX,
    PARKED,
    TOKEN,
    UNBOOKED,
    UNBOOKED_AMOUNT,
    Figure,
)


class Gauge(NamedTuple):
    """The current value of a *figure*, with the values of its labels."""

    figure: Figure
    labels: tuple[str, ...]
    value: float


@dataclass(frozen=True, slots=True)
class Gauges:
    """Reads the gauges of all *organisations* and their *queues*."""

    store: Store
    standings: Standings
    organisations: Callable[[], Iterable[str]]
    queues: tuple[str, ...]
    unbooked: UnbookedEvents

    def read(self) -> list[Gauge]:
        """Return every gauge. The cost grows with the number of organisations and queues, not of records."""
        now = server.now(self.store)
        found = [*self._shared(now)]
        for organisation in self.organisations():
            found += _organisation(self.standings.read(organisation, self.queues), now)
            found += self._unbooked(organisation)
        return [*found, *self._unbooked("")]

    def _unbooked(self, organisation: str) -> Iterator[Gauge]:
        # The same name may be ignored for two reasons; a metric has each combination of labels once.
        counts: dict[tuple[str, ...], float] = {}
        for one in self.unbooked.sums(organisation):
            place = (organisation, one.source, one.event)
            counts[place] = counts.get(place, 0) + one.count
            for currency, amount in one.sums.items():
                counts[*place, currency] = counts.get((*place, currency), 0) + float(amount)
        for labels, number in counts.items():
            yield Gauge(UNBOOKED if len(labels) == len(UNBOOKED.labels) else UNBOOKED_AMOUNT, labels, number)

    def _shared(self, now: float) -> Iterator[Gauge]:
        """Yield the gauges without an organisation."""
        yield Gauge(INBOX, (), self.store.hlen(keys.INBOX))
        for cause, number in sorted(self.store.hgetall(keys.LETTER_CAUSES).items()):
            yield Gauge(LETTERS, tuple(cause.split("|", 1)), int(number))
        for cause, number in sorted(_alerts(self.store).items()):
            yield Gauge(OPEN_ALERTS, (cause,), number)
        # A silent server has no gauge, because 0 would alert a person.
        kept = server.is_append_only(self.store)
        if kept is not None:
            yield Gauge(APPEND_ONLY, (), int(kept))
        granted = self.store.get(keys.GRANTED)
        if granted is not None:
            yield Gauge(TOKEN, (), max(now - float(granted), 0.0))


def _organisation(standing: Standing, now: float) -> Iterator[Gauge]:
    organisation, rest, outage = standing.organisation, standing.rest, standing.outage
    yield Gauge(BUDGET, (organisation, "minute"), rest.minute)
    yield Gauge(BUDGET, (organisation, "day"), rest.day)
    yield Gauge(DAY_ENDS, (organisation,), rest.day_ends_in)
    yield Gauge(BREAKER, (organisation,), 1 if outage else 0)
    yield Gauge(OUTAGE, (organisation,), now - outage.since if outage else 0)
    for queue in standing.queues:
        place = (organisation, queue.queue)
        yield Gauge(OUTBOX, place, queue.waiting)
        yield Gauge(PARKED, place, queue.parked)
        yield Gauge(OLDEST, place, queue.oldest_seconds)


def _alerts(store: Store) -> dict[str, int]:
    """Return the number of open alerts by kind."""
    found: dict[str, int] = {}
    for text in store.hvals(keys.ALERTS):
        kind = jsontext.loads(text)["kind"]
        found[kind] = found.get(kind, 0) + 1
    return found
