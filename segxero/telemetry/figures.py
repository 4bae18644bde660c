"""Figures shared by all processes through a Redis hash; FIGURES gives the meaning and the labels of each.

The receiver's /metrics shows them to Prometheus.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from segxero.store import keys
from segxero.store.client import Store

COUNTER, GAUGE, HISTOGRAM = "counter", "gauge", "histogram"
INFINITE, SUM = "+Inf", "sum"
THOUSANDTHS = 1000  # the sum of a histogram is kept in these, so that every number in the hash is whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A metric; only the first of its *labels* may have "|" in a value. A histogram has *bounds*."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()

    def field(self, *values: str) -> str:
        """Return the field of the hash that holds the figure for the labels' *values*."""
        return "|".join((self.name, *values))

    def values(self, field: str) -> tuple[str, ...]:
        """Return the values of which `field` was made; the last value of a histogram is a bound or SUM."""
        number = len(self.labels) + (self.kind == HISTOGRAM)
        return tuple(field.removeprefix(f"{self.name}|").rsplit("|", number - 1))

    @property
    def steps(self) -> tuple[str, ...]:
        """The bounds as Prometheus and the hash write them."""
        return (*(f"{bound:g}" for bound in self.bounds), INFINITE)


EVENTS = Figure(name="events", kind=COUNTER, help="Events by outcome.", labels=("disposition",))
RECORDS = Figure(
    name="records", kind=COUNTER, help="Records by what became of them in a turn.", labels=("queue", "disposition")
)
CALLS = Figure(
    name="calls",
    kind=COUNTER,
    help="Calls to Xero by what they do (read or write) and how Xero answered: its status, lost, or unreachable.",
    labels=("organisation", "kind", "status"),
)
BATCH = Figure(
    name="batch_records",
    kind=HISTOGRAM,
    help="Records in one writing call to Xero.",
    labels=("queue",),
    bounds=(1, 2, 5, 10, 20, 30, 40, 50),
)
DELAY = Figure(
    name="delivery_seconds",
    kind=HISTOGRAM,
    help="Seconds from the receipt of a record's oldest event that Xero did not have to Xero's answer.",
    labels=("queue",),
    bounds=(1, 2, 5, 10, 30, 60, 300, 900, 3600, 14400, 86400),
)
INBOX = Figure(name="inbox_events", kind=GAUGE, help="Events accepted and not yet folded.")
OUTBOX = Figure(
    name="outbox_records", kind=GAUGE, help="Records that wait to be delivered.", labels=("organisation", "queue")
)
PARKED = Figure(
    name="parked_records",
    kind=GAUGE,
    help="Records that wait for another record or for a person.",
    labels=("organisation", "queue"),
)
OLDEST = Figure(
    name="oldest_pending_seconds",
    kind=GAUGE,
    help="For how long the longest waiting live record waits to be delivered.",
    labels=("organisation", "queue"),
)
BUDGET = Figure(
    name="calls_left",
    kind=GAUGE,
    help="Calls to Xero that are left in the minute and in the day.",
    labels=("organisation", "window"),
)
BREAKER = Figure(
    name="breaker_open", kind=GAUGE, help="1 while an outage of Xero holds the organisation.", labels=("organisation",)
)
OUTAGE = Figure(
    name="outage_seconds",
    kind=GAUGE,
    help="How long an outage of Xero has lasted; 0 for none.",
    labels=("organisation",),
)
DAY_ENDS = Figure(
    name="day_ends_in_seconds", kind=GAUGE, help="Seconds until Xero's day begins anew.", labels=("organisation",)
)
TOKEN = Figure(name="token_age_seconds", kind=GAUGE, help="Seconds since Xero gave the access token in use.")
LETTERS = Figure(
    name="dead_letters",
    kind=GAUGE,
    help="Dead letters by cause, as the schedule counted them last.",
    labels=("queue", "error"),
)
ALERTS = Figure(name="alerts_open", kind=GAUGE, help="Causes for which a person was called.", labels=("cause",))
UNBOOKED = Figure(
    name="unbooked_events",
    kind=GAUGE,
    help="Ignored events that carry money, by source and event name, in the last 90 days.",
    labels=("organisation", "source", "event"),
)
UNBOOKED_AMOUNT = Figure(
    name="unbooked_amount",
    kind=GAUGE,
    help="The money of these ignored events by currency.",
    labels=("organisation", "source", "event", "currency"),
)
APPEND_ONLY = Figure(name="redis_append_only", kind=GAUGE, help="1 when Redis says that it is append-only.")

FIGURES: dict[str, Figure] = {
    figure.name: figure
    for figure in (
        EVENTS,
        RECORDS,
        CALLS,
        BATCH,
        DELAY,
        INBOX,
        OUTBOX,
        PARKED,
        OLDEST,
        BUDGET,
        DAY_ENDS,
        BREAKER,
        OUTAGE,
        TOKEN,
        LETTERS,
        ALERTS,
        UNBOOKED,
        UNBOOKED_AMOUNT,
        APPEND_ONLY,
    )
}


class Counts:
    """The counters and histograms: whole numbers since the beginning."""

    def __init__(self, client: Store) -> None:
        self._redis = client

    def add(self, figure: Figure, *values: str, number: int = 1) -> None:
        """Add *number* to a counter. Raise redis.RedisError when Redis does not answer."""
        self.add_all({figure.field(*values): number})

    def add_all(self, numbers: Mapping[str, int]) -> None:
        """Add to several fields in a single round trip. Raise redis.RedisError when Redis does not answer."""
        pipe = self._redis.pipeline(transaction=False)
        for field, number in numbers.items():
            if number:
                pipe.hincrby(keys.COUNTS, field, number)
        pipe.execute()

    def all(self) -> dict[str, int]:
        """Return every counter by its field."""
        return {name: int(number) for name, number in self._redis.hgetall(keys.COUNTS).items()}


def observe(figure: Figure, value: float, *values: str) -> dict[str, int]:
    """Return the numbers to add to a histogram for *value*."""
    step = next((text for bound, text in zip(figure.bounds, figure.steps, strict=False) if value <= bound), INFINITE)
    return {figure.field(*values, step): 1, figure.field(*values, SUM): round(value * THOUSANDTHS)}


def find_numbers(figure: Figure, numbers: Mapping[str, int]) -> Iterable[tuple[tuple[str, ...], int]]:
    """Yield (labels' values, number) of *figure* among all *numbers*, in order."""
    for field, number in sorted(numbers.items()):
        if field == figure.name or field.startswith(f"{figure.name}|"):
            yield figure.values(field), number
