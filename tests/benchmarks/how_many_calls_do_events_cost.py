"""How many calls do events cost? Beside it, the least that is possible, and one call for each event."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from segxero.demo import LocalStack
from segxero.xero.objects.table import OBJECTS
from tests.benchmarks import traffic
from tests.benchmarks.answer import Answer, Scale
from tests.benchmarks.traffic import Event

QUESTION = "How many calls to Xero do events cost?"
SENTENCE = (
    "{number:,} events of {people} people: of every ten, six are identify calls, three orders with labels and one a "
    "page call; in bodies of {body} at once, then again one by one, {rate} a second. The least possible writes each "
    "record once, as many in a call as Xero takes (contacts and invoices 50, labels 1). One call for each event that "
    "a mapping wants would be {naive:,}."
)
COLUMNS = ("calls for", "records", "least possible", "in bodies", "one by one")
BODY = 100
RATE = 25  # events a second, one by one
LATENCY = 0.2  # seconds that Xero takes for an answer
SETTLE_SECONDS = 150.0
WRITES = {
    "Contact": ("Contacts", "Contacts"),
    "Invoice": ("Invoices", "Invoices"),
    "TrackingCategory": ("TrackingCategories", "TrackingCategories"),
    "TrackingOption": ("TrackingOptions", "Options"),
}  # our object: the name of its records in the sandbox's summary, and of its resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The calls of one run: *writes* and *records* by object, the reads, and those that fetched a token."""

    records: Mapping[str, int]
    writes: Mapping[str, int]
    reads: int
    tokens: int

    @property
    def all(self) -> int:
        return _all(self.writes)

    @property
    def least(self) -> dict[str, int]:
        """The calls that write each record once, in full batches."""
        return {name: -(-number // OBJECTS[name].batch) for name, number in self.records.items()}


def ask(scale: Scale) -> Answer:
    """Send the same events both ways, each to a segxero and a Xero of its own."""
    # The short form has so few that the minute's 60 calls are enough and nothing waits for the next minute.
    events = traffic.mix(scale.of(1000, 40), people=scale.of(150, 10))
    in_bodies = _cost(list(traffic.bodies(events, BODY)), pause=0)
    one_by_one = _cost(events, pause=1 / RATE)
    return _answer(events, in_bodies, one_by_one)


def _cost(bodies: Sequence[Event | Sequence[Event]], pause: float) -> Cost:
    with LocalStack(sandbox={"latency": LATENCY}) as stack:
        stack.wait_ready()
        before = stack.summary()
        due = time.monotonic()
        for body in bodies:
            time.sleep(max(due - time.monotonic(), 0))
            due += pause
            stack.post(body).raise_for_status()
        stack.settle(SETTLE_SECONDS)
        return _counted(before, stack.summary())


def _counted(before: Any, after: Any) -> Cost:
    resources: dict[str, dict[str, int]] = after["by_resource"]
    return Cost(
        records={name: after["records"][kind] - before["records"][kind] for name, (kind, _) in WRITES.items()},
        writes={
            name: sum(
                row["calls"]
                for called, row in resources.items()
                if called.split() in (["PUT", resource], ["POST", resource])
            )
            for name, (_, resource) in WRITES.items()
        },
        reads=after["accounting_calls"] - after["writes"],
        tokens=after["calls"] - after["accounting_calls"],
    )


def _all(numbers: Mapping[str, int]) -> int:
    return sum(numbers.values())


def _row(name: str, in_bodies: Cost, one_by_one: Cost) -> tuple[str, ...]:
    records, least = in_bodies.records[name], in_bodies.least[name]
    return (name, *map(str, (records, least, in_bodies.writes[name], one_by_one.writes[name])))


def _answer(events: Sequence[Event], in_bodies: Cost, one_by_one: Cost) -> Answer:
    least, naive = in_bodies.least, sum(event["type"] != "page" for event in events)
    return Answer(
        question=QUESTION,
        sentence=SENTENCE.format(
            number=len(events),
            people=in_bodies.records["Contact"],
            body=BODY,
            rate=RATE,
            naive=naive,
        ),
        columns=COLUMNS,
        rows=[
            *(_row(name, in_bodies, one_by_one) for name in WRITES),
            ("all writes", *map(str, (_all(in_bodies.records), _all(least), in_bodies.all, one_by_one.all))),
            ("apart: look-ups", "", "", str(in_bodies.reads), str(one_by_one.reads)),
            ("apart: token and connection", "", "", str(in_bodies.tokens), str(one_by_one.tokens)),
        ],
        figures={
            "calls_per_1000_events": in_bodies.all * 1000 / len(events),
            "calls_per_1000_events_one_by_one": one_by_one.all * 1000 / len(events),
            "least_per_1000_events": _all(least) * 1000 / len(events),
            "naive_per_1000_events": naive * 1000 / len(events),
            "ratio_to_least": in_bodies.all / _all(least),
            "ratio_to_naive": in_bodies.all / naive,
        },
    )
