"""How far does an order travel? The files and functions that one Order Completed enters, from webhook to settled."""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from segxero import jsontext
from segxero.demo.rows import PROJECT
from segxero.receiver import create_app
from segxero.services import Services
from segxero.store import formats, keys
from segxero.store.client import connect
from segxero.xero.objects.table import QUEUES
from tests.benchmarks import traffic
from tests.benchmarks.answer import Answer, Scale
from tests.support.redis.server import running_redis
from tests.support.segment.calls import signed
from tests.support.set_ups.core import shipped_mappings
from tests.support.set_ups.fake_services import make_services
from tests.support.xero.echo import EchoXero
from workers import base, events

QUESTION = "How far does an order travel?"
SENTENCE = (
    "The second order of a customer, in this process with a real Redis and warm caches, without Celery, tokens and the "
    "HTTP call to Xero. A change of file is a call of an own function in another file than the call before it."
)
COLUMNS = ("leg", "own files", "functions", "changes of file")
OWN = tuple(str(PROJECT / name) + "/" for name in ("segxero", "workers"))
ORGANISATION, INVOICES = "main", "invoices"
LEGS = {
    "post": "POST until the answer 200",
    "events": "events task: mappings and fold",
    "order": "order turn until computed",
    "invoice": "invoice turn until settled",
}
DELIVERED = "delivered"
FIRST = 1  # the number of the first order: whatever was measured before, its amounts are the same
LONGEST_SECONDS, POLL_SECONDS = 60.0, 0.05
COMPREHENSIONS = {"<genexpr>", "<listcomp>", "<dictcomp>", "<setcomp>"}


@dataclass(slots=True)
class Journey:
    """The own functions entered, as (file, name), and how often the file changed."""

    functions: set[tuple[str, str]] = field(default_factory=set)
    changes: int = 0
    last: str = ""

    @property
    def files(self) -> set[str]:
        return {file for file, _ in self.functions}

    def enter(self, frame: FrameType, event: str, _: Any) -> None:
        """Count a call, as `sys.setprofile` reports it."""
        file = frame.f_code.co_filename
        # Comprehensions have frames of their own and are resumed item by item, but nobody reads them as functions.
        if event != "call" or not file.startswith(OWN) or frame.f_code.co_name in COMPREHENSIONS:
            return
        self.functions.add((file, frame.f_code.co_qualname))
        self.changes += file != self.last
        self.last = file

    def follow(self, leg: Callable[[], Any]) -> Any:
        """Run *leg*, count its calls, and return its result."""
        before = sys.getprofile()
        sys.setprofile(self.enter)
        try:
            return leg()
        finally:
            sys.setprofile(before)


def ask(_: Scale) -> Answer:
    """Follow one order; there is nothing to measure less of in the short form."""
    journeys = {name: Journey() for name in LEGS}
    with _wired() as services:
        _travel(services, {name: Journey() for name in LEGS}, FIRST)
        _travel(services, journeys, FIRST + 1)
    return _answer(journeys)


@contextmanager
def _wired() -> Iterator[Services]:
    """Wire services, those of the workers too, around a Redis of their own and a Xero that accepts everything."""
    with tempfile.TemporaryDirectory() as directory, running_redis(Path(directory)) as url, connect(url) as store:
        formats.know_since(store, formats.EVER)
        services = make_services(shipped_mappings(), store, SEGXERO_SECRET_KEY="a secret key of a benchmark")
        services.__dict__["xero"] = EchoXero()
        before, base._wired = base._wired, services
        try:
            yield services
        finally:
            base._wired = before
            store.flushdb()


def _travel(services: Services, journeys: Mapping[str, Journey], number: int) -> None:
    """Send the order of this *number* of the same customer, and follow each of its legs."""
    client = create_app(services).test_client()
    raw = jsontext.dumps(traffic.order("u1", labels=False, number=number)).encode()
    headers = signed(raw)
    answers = journeys["post"].follow(lambda: client.post("/webhooks/segment", data=raw, headers=headers))
    assert answers.json == {"accepted": 1, "ignored": 0, "rejected": []}
    (arrival,) = services.redis.hkeys(keys.INBOX)
    journeys["events"].follow(lambda: events.handle.run(arrival))
    _repeat(lambda: journeys["order"].follow(lambda: services.order_turns.turn(ORGANISATION)))
    _repeat(lambda: _deliver(services, journeys["invoice"]))


def _deliver(services: Services, journey: Journey) -> Mapping[str, int]:
    """Take a turn of each queue that has something due, and follow that of the invoice; return what became of it."""
    # The order's contact goes first, as for every order; it is no leg of the invoice.
    for queue in QUEUES:
        if queue != INVOICES and services.deliverer.is_due(ORGANISATION, queue):
            services.deliverer.turn(ORGANISATION, queue)
    return dict(journey.follow(lambda: services.deliverer.turn(ORGANISATION, INVOICES)).counts)


def _repeat(turn: Callable[[], Mapping[str, int]]) -> None:
    """Repeat *turn* until it delivers: a turn may find that its record waits for another, or may gather records."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while DELIVERED not in (counts := turn()):
        assert time.monotonic() < deadline, f"nothing is delivered, the last turn says {counts}"
        time.sleep(POLL_SECONDS)


def _answer(journeys: Mapping[str, Journey]) -> Answer:
    files = set().union(*(journey.files for journey in journeys.values()))
    functions = set().union(*(journey.functions for journey in journeys.values()))
    numbers = {name: (len(one.files), len(one.functions), one.changes) for name, one in journeys.items()}
    numbers["all"] = (len(files), len(functions), sum(one.changes for one in journeys.values()))
    return Answer(
        question=QUESTION,
        sentence=SENTENCE,
        columns=COLUMNS,
        rows=[({**LEGS, "all": "all"}[name], *map(str, found)) for name, found in numbers.items()],
        figures={
            f"{name}_{figure}": value
            for name, found in numbers.items()
            for figure, value in zip(("files", "functions", "changes"), found, strict=True)
        },
    )
