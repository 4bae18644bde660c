"""How soon is an event in Xero? One event on an idle system, from the POST to Xero's answer."""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from segxero.demo import LocalStack
from tests.benchmarks import traffic
from tests.benchmarks.answer import Answer, Scale
from tests.benchmarks.figures import percentile
from tests.benchmarks.traffic import Event

QUESTION = "How soon is a single event in Xero?"
SENTENCE = (
    "From the POST on an idle system to the moment when Xero has answered. Xero's stand-in takes {latency} s for an "
    "answer; our own share is what passes before the call reaches it (aim: {aim} s)."
)
COLUMNS = ("event", "repetitions", "whole, median", "p95", "own share, median", "p95")
LATENCY, AIM = 0.2, 0.3  # seconds
LONGEST_PAUSE = 0.3  # so that the repetitions do not fall into step with anything that comes regularly


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """The seconds from the POST until the call reached Xero, and until Xero had answered."""

    own_share: float
    whole: float


def ask(scale: Scale) -> Answer:
    """Send one event after the other. Together they stay below the 60 calls of a minute."""
    with LocalStack(sandbox={"latency": LATENCY}) as stack:
        stack.wait_ready()
        # The first event fetches the token, the names and the rates, which the following find in Redis.
        _trip(stack, traffic.identify("first"), "Contacts")
        _trip(stack, traffic.order("first", labels=False), "Invoices")
        kinds = {
            "identify": [
                _trip(stack, traffic.identify(f"person-{index}"), "Contacts") for index in range(scale.of(30, 5))
            ],
            "order": [_trip(stack, traffic.order("first", labels=False), "Invoices") for _ in range(scale.of(20, 5))],
        }
    return _answer(kinds)


def _trip(stack: LocalStack, event: Event, resource: str) -> Trip:
    """Post *event* and return how long it took until the call of *resource* had brought it to Xero."""
    time.sleep(random.uniform(0, LONGEST_PAUSE))
    last = max((call["number"] for call in stack.calls()), default=0)
    posted = time.time()
    stack.post(event).raise_for_status()
    stack.settle()
    (call,) = [
        call
        for call in stack.calls(since=last)
        if call["method"] != "GET" and call["path"].endswith(f"/{resource}") and call["status"] == 200
    ]
    return Trip(own_share=float(call["arrived"]) - posted, whole=float(call["ended"]) - posted)


def _answer(kinds: Mapping[str, Sequence[Trip]]) -> Answer:
    titles = {"identify": "identify of a new person", "order": "order of a known person"}
    rows: list[tuple[str, ...]] = []
    figures: dict[str, float] = {}
    for kind, trips in kinds.items():
        found = {
            f"{kind}_{part}_{name}_seconds": percentile([getattr(trip, part) for trip in trips], percent)
            for part in ("whole", "own_share")
            for name, percent in (("median", 50), ("p95", 95))
        }
        rows.append((titles[kind], str(len(trips)), *(f"{seconds:.3f} s" for seconds in found.values())))
        figures |= found
    return Answer(
        question=QUESTION,
        sentence=SENTENCE.format(latency=LATENCY, aim=AIM),
        columns=COLUMNS,
        rows=rows,
        figures=figures,
    )
