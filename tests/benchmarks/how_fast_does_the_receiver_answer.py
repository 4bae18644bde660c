"""How fast does the receiver answer? Beside it, a Flask app that only does one RPUSH under the same gunicorn."""

from collections.abc import Sequence
from dataclasses import dataclass

from segxero.demo import LocalStack
from segxero.demo.place import DemoPlace
from segxero.processes import Supervisor
from segxero.segment.delivery import delivery
from tests.benchmarks import load, traffic
from tests.benchmarks.answer import Answer, Scale
from tests.benchmarks.figures import milliseconds, per_second, percentile, share
from tests.benchmarks.yardsticks import bare_receiver
from tests.support.processes.waiting import within

QUESTION = "How fast does the receiver answer?"
SENTENCE = (
    "Each event is verified, checked, stored in the append-only inbox and enqueued before its 200. The bare app is "
    "Flask with one RPUSH of the whole body, unread, under the same gunicorn command line. The load generator shares "
    "the cores: it used {generator} of the time of one."
)
COLUMNS = ("body", "connections", "events/s", "p50", "p99", "bare events/s", "bare p99", "ratio")
ROUNDS = 3
READY_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Bodies of *events* each: how many of them a round posts, and over how many connections."""

    name: str
    events: int
    full: int
    short: int
    connections: int


CASES = (
    Case(name="one event", events=1, full=2000, short=200, connections=16),
    Case(name="100 events", events=100, full=40, short=4, connections=4),
    Case(name="1,000 events", events=1000, full=8, short=1, connections=2),
    Case(name="4,000 events", events=4000, full=2, short=1, connections=1),
)


@dataclass(slots=True)
class Side:
    """What one of the two sides has done so far."""

    url: str
    events: int = 0
    seconds: float = 0.0
    answers: tuple[float, ...] = ()
    generator_seconds: float = 0.0

    def take(self, requests: Sequence[bytes], case: Case) -> None:
        done = load.run(self.url, requests, case.connections)
        self.events += case.events * len(requests)
        self.seconds += done.seconds
        self.answers += done.answers
        self.generator_seconds += done.generator_seconds

    @property
    def rate(self) -> float:
        return self.events / self.seconds


def ask(scale: Scale) -> Answer:
    """Post the same kind of bodies to both, in turns, so that a busy machine harms both alike."""
    with LocalStack(("web",)) as stack:
        stack.wait_ready()
        place = DemoPlace.choose()
        program = bare_receiver({**stack.env, "PORT": str(place.receiver_port)})
        with Supervisor([program], logs=stack.logs):
            for url in (stack.receiver_url, place.receiver_url):
                _warm_up(stack, url)
            sides = {
                case: _measured(case, scale, stack, (Side(stack.receiver_url), Side(place.receiver_url)))
                for case in CASES
            }
    return _answer(sides)


def _requests(stack: LocalStack, case: Case, number: int) -> list[bytes]:
    """Prepare *number* signed bodies, all of whose events are kept."""
    events = traffic.mix(case.events * number, people=500, pages=False)
    if case.events == 1:
        return load.prepared(delivery(event, stack.secret) for event in events)
    return load.prepared(delivery(body, stack.secret) for body in traffic.bodies(events, case.events))


def _warm_up(stack: LocalStack, url: str) -> None:
    def answers() -> bool:
        try:
            load.run(url, _requests(stack, CASES[0], 64), CASES[0].connections)
        except ConnectionRefusedError:
            return False
        return True

    if not within(READY_SECONDS, answers):
        raise load.LoadError(f"{url} does not answer.\n{stack.tail('bare-web')}")


def _measured(case: Case, scale: Scale, stack: LocalStack, sides: tuple[Side, Side]) -> tuple[Side, Side]:
    for _ in range(scale.of(ROUNDS, 1)):
        for side in sides:
            side.take(_requests(stack, case, scale.of(case.full, case.short)), case)
            stack.store.flushall()
    return sides


def _answer(measured: dict[Case, tuple[Side, Side]]) -> Answer:
    rows: list[tuple[str, ...]] = []
    figures: dict[str, float] = {}
    for case, (ours, bare) in measured.items():
        ratio = ours.rate / bare.rate
        p50, p99, bare_p99 = percentile(ours.answers, 50), percentile(ours.answers, 99), percentile(bare.answers, 99)
        rows.append(
            (
                case.name,
                str(case.connections),
                per_second(ours.rate),
                milliseconds(p50),
                milliseconds(p99),
                per_second(bare.rate),
                milliseconds(bare_p99),
                f"{ratio:.2f}",
            )
        )
        figures |= {
            f"events_per_second_{case.events}": ours.rate,
            f"p99_seconds_{case.events}": p99,
            f"bare_events_per_second_{case.events}": bare.rate,
            f"bare_p99_seconds_{case.events}": bare_p99,
            f"ratio_{case.events}": ratio,
        }
    both = [side for sides in measured.values() for side in sides]
    generator = sum(side.generator_seconds for side in both) / sum(side.seconds for side in both)
    return Answer(
        question=QUESTION,
        sentence=SENTENCE.format(generator=share(generator)),
        columns=COLUMNS,
        rows=rows,
        figures=figures,
    )
