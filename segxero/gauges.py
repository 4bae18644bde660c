"""What waits where at this moment, for Prometheus: lengths, ages and rests, read when somebody asks for them."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import redis

from segxero import jsontext, keys
from segxero.counts import ALERTS as OPEN_ALERTS
from segxero.counts import APPEND_ONLY, BREAKER, BUDGET, INBOX, LETTERS, OLDEST, OUTBOX, PARKED, TOKEN, Figure
from segxero.store import Store
from segxero.sync.outbox import Outbox
from segxero.xero.budget import Budget


class Gauge(NamedTuple):
    """A figure of this moment and the values of its labels."""

    figure: Figure
    labels: tuple[str, ...]
    value: float


def gauges(
    store: Store, outbox: Outbox, budget: Budget, organisations: Iterable[str], queues: Iterable[str]
) -> Iterator[Gauge]:
    """Yield every gauge; the cost grows with the organisations and queues, not with the records."""
    yield Gauge(INBOX, (), store.hlen(keys.INBOX))
    for cause, number in sorted(store.hgetall(keys.LETTER_CAUSES).items()):
        yield Gauge(LETTERS, tuple(cause.split("|", 1)), int(number))
    for cause, number in sorted(_alerts(store).items()):
        yield Gauge(OPEN_ALERTS, (cause,), number)
    yield from _redis(store)
    minted = store.get(keys.GRANTED)
    if minted is not None:
        yield Gauge(TOKEN, (), max(outbox.now() - float(minted), 0.0))
    for organisation in organisations:
        yield from _organisation(store, outbox, budget, organisation, queues)


def _organisation(
    store: Store, outbox: Outbox, budget: Budget, organisation: str, queues: Iterable[str]
) -> Iterator[Gauge]:
    rest = budget.rest(organisation)
    yield Gauge(BUDGET, (organisation, "minute"), rest.minute)
    yield Gauge(BUDGET, (organisation, "day"), rest.day)
    yield Gauge(BREAKER, (organisation,), store.hexists(keys.breaker(organisation), "open_since"))
    for queue in queues:
        place = (organisation, queue)
        yield Gauge(OUTBOX, place, outbox.waiting(*place))
        yield Gauge(PARKED, place, outbox.parked(*place))
        yield Gauge(OLDEST, place, outbox.age_seconds(*place))


def _alerts(store: Store) -> dict[str, int]:
    """Return how many alerts are open by the kind of their cause."""
    found: dict[str, int] = {}
    for text in store.hvals(keys.ALERTS):
        kind = jsontext.loads(text)["kind"]
        found[kind] = found.get(kind, 0) + 1
    return found


def _redis(store: Store) -> Iterator[Gauge]:
    try:
        persistence = store.info("persistence")
    except redis.ResponseError:
        return  # some hosted ones do not tell
    if "aof_enabled" in persistence:
        yield Gauge(APPEND_ONLY, (), persistence["aof_enabled"])
