"""How fast is the events queue? Beside it, a Celery task that does nothing under the same worker and settings."""

import time
from collections.abc import Callable
from statistics import median

from segxero.demo import LocalStack
from segxero.demo.rows import PROJECT
from segxero.demo.stack import StackError
from segxero.processes import Program, Supervisor, programs
from segxero.sync.folding.inbox import EVENTS_QUEUE
from tests.benchmarks import traffic
from tests.benchmarks.answer import Answer, Scale
from tests.benchmarks.figures import per_second
from tests.benchmarks.yardsticks import bare_worker
from workers.messages import MessageMaker

QUESTION = "How fast is the events queue?"
SENTENCE = (
    "One worker process as in the Procfile empties a queue of {number:,} events; the median of {rounds}. Ours reads "
    "each event, maps it and folds it into its records in one step; the other task does nothing."
)
COLUMNS = ("task", "events/s", "per event")
BODY = 500  # events of one webhook call
ROUNDS = 3
LONGEST_SECONDS = 120.0
POLL_SECONDS = 0.01


def ask(scale: Scale) -> Answer:
    """Fill and empty the queue in turns with both, so that a busy machine harms both alike."""
    number, rounds = scale.of(3000, 500), scale.of(ROUNDS, 1)
    ours, bare = [], []
    with LocalStack(("web",)) as stack:
        stack.wait_ready()
        (worker,) = programs(PROJECT / "Procfile", ["worker"], stack.env)
        for _ in range(rounds):
            bare.append(_rate(stack, bare_worker(stack.env), number, _fill_with_nothing))
            ours.append(_rate(stack, worker, number, _fill_inbox))
    return _answer(median(ours), median(bare), number, rounds)


def _rate(stack: LocalStack, worker: Program, number: int, fill: Callable[[LocalStack, int], None]) -> float:
    """Return how many events a second *worker* takes from a queue that *fill* has filled before it starts."""
    stack.store.flushall()
    fill(stack, number)
    with Supervisor([worker], logs=stack.logs):
        left = _wait_below(stack, worker.name, number)
        began = time.perf_counter()
        _wait_below(stack, worker.name, 1)
        return left / (time.perf_counter() - began)


def _wait_below(stack: LocalStack, worker: str, number: int) -> int:
    """Return the length of the queue as soon as it is below *number*."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while (length := int(stack.store.llen(EVENTS_QUEUE))) >= number:
        if time.monotonic() > deadline:
            raise StackError(f"{length} events are left in the queue.\n{stack.tail(worker)}")
        time.sleep(POLL_SECONDS)
    return length


def _fill_inbox(stack: LocalStack, number: int) -> None:
    for body in traffic.bodies(traffic.mix(number, people=number // 5, pages=False), BODY):
        stack.post(body).raise_for_status()


def _fill_with_nothing(stack: LocalStack, number: int) -> None:
    # Importing it makes a Celery app current; the messages of this process are made from it and nothing else.
    from tests.benchmarks.bare_worker import nothing

    make_message = MessageMaker(nothing, EVENTS_QUEUE)
    stack.store.lpush(EVENTS_QUEUE, *(make_message(f"{index:032x}") for index in range(number)))


def _answer(ours: float, bare: float, number: int, rounds: int) -> Answer:
    rows = [
        (name, per_second(rate), f"{1e6 / rate:,.0f} µs")
        for name, rate in (("workers/events.py", ours), ("a task that does nothing", bare))
    ]
    return Answer(
        question=QUESTION,
        sentence=SENTENCE.format(rounds=rounds, number=number),
        columns=COLUMNS,
        rows=[*rows, ("ratio", f"{ours / bare:.2f}", "")],
        figures={"events_per_second": ours, "bare_events_per_second": bare, "ratio": ours / bare},
    )
