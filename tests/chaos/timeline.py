"""The plan of faults: what is killed, frozen or made to fail, and when. A pure function of the seed and the length."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

WORKER, SECOND = "worker", "worker-2"
CALLS = {"path": "/api.xro/"}
FIRST_SECOND = 1.5
LONG = 60.0  # a run of so many seconds has room for what takes a minute to heal


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """At second *at* do *what* (kill, freeze, thaw, start, xero, settings) to *name*, with *how* for the sandbox."""

    at: float
    what: str
    name: str
    how: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        told = " ".join(f"{name}={value}" for name, value in self.how.items() if name != "match")
        return f"{self.at:7.1f} s  {self.what:<8} {self.name:<9} {told}".rstrip()


def plan(seed: int, seconds: float) -> tuple[Step, ...]:
    """Return the faults of a run whose events are sent in *seconds*: processes and Xero fail side by side."""
    random = Random(f"faults {seed}")
    long = seconds >= LONG
    steps = [
        *_lane(random, _processes(random, long=long), seconds, gap=(6, 14) if long else (3, 5)),
        *_lane(random, _xero(random, long=long), seconds, gap=(4, 10) if long else (2, 4)),
    ]
    return tuple(sorted(steps, key=lambda step: (step.at, step.name)))


def _lane(
    random: Random, cards: Iterable[tuple[Step, ...]], seconds: float, gap: tuple[float, float]
) -> Iterator[Step]:
    at = FIRST_SECOND
    for card in cards:
        if at >= seconds:
            return
        for step in card:
            yield Step(at=round(at + step.at, 1), what=step.what, name=step.name, how=step.how)
        at += random.uniform(*gap)


def _processes(random: Random, *, long: bool) -> Iterator[tuple[Step, ...]]:
    """Deal what can happen to a process, all of it once before anything comes again."""
    while True:
        cards = [
            _kill("web"),
            _kill("beat"),
            _down(random.uniform(0.3, 3)),
            _frozen("web", random.uniform(1, 6)),
            _frozen(WORKER, random.uniform(1, 6)),
            _frozen("redis", random.uniform(1, 6)),
        ]
        if long:
            # Longer than a deliver task may hold its lock: another worker takes over what this one has in hand.
            cards += [_kill(SECOND), _down(random.uniform(3, 8)), _frozen("beat", 15), _frozen(SECOND, 55)]
        random.shuffle(cards)
        # What takes longest to heal comes first.
        yield from [_kill(WORKER), *cards]


def _xero(random: Random, *, long: bool) -> Iterator[tuple[Step, ...]]:
    """Deal what Xero can do wrong."""
    while True:
        calls = random.randint(1, 3)
        cards = [
            _fails("minute", limit="minute", retry_after=random.randint(2, 5), times=calls),
            _fails("concurrent", limit="concurrent", times=calls),
            _fails("day", limit="day", retry_after=random.randint(2, 8), times=1),
            _fails("500", status=500, times=calls),
            _fails("500 after", status=500, after_commit=True, times=calls),
            _fails("503", status=503, times=calls),
            _fails("lost", lost_answer=True, times=calls),
            _fails("slow", delay=random.randint(1, 4), times=calls),
            _fails("shuffled", shuffle=True, times=calls),
        ]
        if long:
            # The time-out of a call is 18 s: Xero does the work when nobody listens any more, or just before.
            cards += [_fails("hang", delay=random.choice((17, 20, 24)), times=1), _fails("hang after", delay_after=21)]
            cards += [_fails("element", element={"index": 0}, message="An error occurred in Xero", times=calls)]
            cards += [(Step(at=0, what="settings", name="token", how={"expire_tokens": True}),)]
        random.shuffle(cards)
        yield from cards


def _kill(name: str) -> tuple[Step, ...]:
    return (Step(at=0, what="kill", name=name),)


def _down(seconds: float) -> tuple[Step, ...]:
    return (Step(at=0, what="kill", name="redis"), Step(at=seconds, what="start", name="redis"))


def _frozen(name: str, seconds: float) -> tuple[Step, ...]:
    return (Step(at=0, what="freeze", name=name), Step(at=seconds, what="thaw", name=name))


def _fails(name: str, **how: Any) -> tuple[Step, ...]:
    return (Step(at=0, what="xero", name=name, how={**how, "match": CALLS}),)
