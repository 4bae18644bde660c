"""How long does an organisation wait for strangers? Of fifty, one is offline and one out of calls.

The deliver turns run on threads of this process as they run on a worker's, because one custom connection, which is what
the processes of a local stack have, serves one organisation only.
"""

import heapq
import json
import tempfile
import threading
import time
import uuid
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from segxero.errors import RetryableError
from segxero.processes.broker import EmbeddedBroker
from segxero.services import Services
from segxero.store.client import Store, connect
from tests.benchmarks.answer import Answer, Scale
from tests.benchmarks.figures import percentile
from tests.support.processes.http_server import Answer as HttpAnswer
from tests.support.processes.http_server import HttpServer, Received
from tests.support.set_ups.core import identify
from tests.support.set_ups.many_organisations import feed, services_of
from tests.support.xero.server import API_PATH, TOKEN_PATH, TokenEndpoint

QUESTION = "How long does an organisation wait for strangers?"
SENTENCE = (
    "{number} organisations on the {threads} threads of one worker, each with a new contact every {pause} s for "
    "{seconds} s; Xero takes {latency} s. In the second run one of them is offline (its calls hang) "
    "and one is out of calls for the day. The delays are those of the other {others}, from the fold into Xero."
)
COLUMNS = ("run", "contacts", "median", "p95", "p99", "longest")
ORGANISATIONS, THREADS = 50, 8
OFFLINE, SPENT = "o00", "o01"
LATENCY, PAUSE = 0.2, 4.0
HANGS = 19.0  # longer than a call waits
DAY = 3600
QUEUE = "contacts"
REST = 3.0  # seconds for what is still on its way in the end


@dataclass(slots=True)
class ManyXeros:
    """Xero for all of them: notes when it wrote each contact; the two in *ill* fail if *fails*."""

    fails: bool
    written: dict[str, float] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)  # ends what hangs

    def __call__(self, received: Received) -> HttpAnswer:
        if received.method == "GET":
            return _good([])
        elements = received.json["Contacts"]
        organisation = elements[0]["ContactNumber"].partition("-")[0]
        if self.fails and organisation == OFFLINE:
            self.over.wait(HANGS)
            return HttpAnswer(drop=True)
        if self.fails and organisation == SPENT:
            return HttpAnswer(status=429, headers={"Retry-After": str(DAY), "X-Rate-Limit-Problem": "day"})
        now = time.monotonic() + LATENCY
        self.written |= {element["ContactNumber"]: now for element in elements}
        return _good([{"ContactID": str(uuid.uuid4()), **element} for element in elements])


def _good(contacts: list[Any]) -> HttpAnswer:
    return HttpAnswer(body={"Contacts": contacts}, headers={"Content-Type": "application/json"}, delay=LATENCY)


class Hands:
    """The threads of a worker: each takes the oldest message and takes a turn, as workers/base.py does."""

    def __init__(self, services: Services, store: Store) -> None:
        self._services, self._store = services, store
        self._later: list[tuple[float, str]] = []
        self._lock, self._ends = threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(THREADS)]
        self._clock = threading.Thread(target=self._wake_later, daemon=True)

    def __enter__(self) -> Self:
        for thread in (*self._threads, self._clock):
            thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ends.set()
        for thread in (*self._threads, self._clock):
            thread.join()

    def _work(self) -> None:
        while not self._ends.is_set():
            message = self._store.brpop([QUEUE], timeout=1)
            if message:
                self._turn(json.loads(message[1])["organisation"])

    def _turn(self, organisation: str) -> None:
        deliverer = self._services.deliverer
        try:
            again = deliverer.turn(organisation, QUEUE).again_seconds
        except RetryableError as error:
            again = max(error.retry_after, 1.0)
            if not error.down:
                self._services.gate.pause(organisation, QUEUE, again, str(error))
        if again is not None:
            with self._lock:
                heapq.heappush(self._later, (time.monotonic() + again, organisation))

    def _wake_later(self) -> None:
        while not self._ends.wait(0.02):
            with self._lock:
                due = []
                while self._later and self._later[0][0] <= time.monotonic():
                    due.append(heapq.heappop(self._later)[1])
            for organisation in due:
                self._services.wakes.wake(organisation, QUEUE)


def ask(scale: Scale) -> Answer:
    """Run it twice: everybody well, then two of them ill."""
    seconds = scale.of(40, 4)
    runs = {
        "everybody well": _delays(seconds, fails=False),
        "one offline, one out of calls": _delays(seconds, fails=True),
    }
    return _answer(seconds, runs)


def _delays(seconds: float, *, fails: bool) -> list[float]:
    """Return the seconds from the fold of each contact of the well ones until Xero had it."""
    names = [f"o{number:02}" for number in range(ORGANISATIONS)]
    xero, posted = ManyXeros(fails), {}
    with ExitStack() as stack:
        server = stack.enter_context(HttpServer({TOKEN_PATH: TokenEndpoint(), API_PATH: xero}))
        broker = stack.enter_context(EmbeddedBroker(Path(stack.enter_context(tempfile.TemporaryDirectory()))))
        store = stack.enter_context(connect(broker.url))
        services = services_of(names, store, server.url)
        stack.enter_context(Hands(services, store))
        began, count = time.monotonic(), 0
        while (now := time.monotonic() - began) < seconds:
            time.sleep(max(count * PAUSE / ORGANISATIONS - now, 0))
            organisation = names[count % ORGANISATIONS]
            key = f"{organisation}-{count}"
            feed(services, organisation, identify(key, name=f"Person {key}"), key)
            posted[key] = time.monotonic()
            count += 1
        time.sleep(REST)
        xero.over.set()
    well = [key for key in posted if not key.startswith((OFFLINE, SPENT))]
    return [xero.written.get(key, float("inf")) - posted[key] for key in well]


def _answer(seconds: float, runs: Mapping[str, list[float]]) -> Answer:
    rows, figures = [], {}
    for (name, delays), short in zip(runs.items(), ("well", "ill"), strict=True):
        found = {label: percentile(delays, percent) for label, percent in (("median", 50), ("p95", 95), ("p99", 99))}
        found["longest"] = max(delays)
        rows.append((name, str(len(delays)), *(f"{value:.2f} s" for value in found.values())))
        figures |= {f"{short}_{label}_seconds": value for label, value in found.items()}
    sentence = SENTENCE.format(
        number=ORGANISATIONS,
        threads=THREADS,
        pause=PAUSE,
        seconds=seconds,
        latency=LATENCY,
        others=ORGANISATIONS - 2,
    )
    return Answer(question=QUESTION, sentence=sentence, columns=COLUMNS, rows=rows, figures=figures)
