"""One run: events flow through real processes while the plan of faults is played, then everything comes to rest."""

import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import redis

from segxero.demo import LocalStack
from segxero.demo.stack import PROGRAMS, PROJECT, StackError
from segxero.demo.standing import DemoStanding
from segxero.segment.delivery import delivery
from tests.chaos.senders import Mail
from tests.chaos.shop import Traffic
from tests.chaos.timeline import Step

EVENTS_A_SECOND = 50
SENDERS = 4
PATIENCE = 90.0  # seconds in which Segment's repetitions must have come in after the last fault
SETTLE = 420.0
LATENCY = 0.4
PLENTY = 5000  # calls a day: pacing the day's budget is not what is looked at here
LOOK = 0.25


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a run left behind."""

    answers: dict[int, Any]
    refusals: dict[str, int]
    played: list[str]
    standing: DemoStanding
    records: Any
    calls: list[Any]
    letters: list[Any]
    dispositions: dict[str, str]
    waiting: dict[str, int]
    thawed: list[float] = field(default_factory=list)  # Unix seconds at which a frozen program went on
    sent_seconds: float = 0.0
    settled_seconds: float = 0.0


class Chaos:
    """Plays the steps of a plan on a stack, each at its time."""

    def __init__(self, stack: LocalStack, steps: Sequence[Step]) -> None:
        self._stack = stack
        self._steps = steps
        self._frozen: set[str] = set()
        self.played: list[str] = []
        self.thawed: list[float] = []
        self._verbs: dict[str, Callable[[Step], None]] = {
            "kill": self._kill,
            "start": self._start,
            "freeze": self._freeze,
            "thaw": lambda step: self._thaw(step.name),
            "xero": lambda step: self._stack.control("POST", "faults", dict(step.how)),
            "settings": lambda step: self._stack.control("POST", "settings", dict(step.how)),
        }

    def play(self) -> None:
        began = time.monotonic()
        for step in self._steps:
            time.sleep(max(began + step.at - time.monotonic(), 0))
            self._verbs[step.what](step)
            self.played.append(f"{step}  (at {time.monotonic() - began:.1f} s)")

    def mend(self) -> None:
        """Let everything run again and Xero be well."""
        for name in tuple(self._frozen):
            self._thaw(name)
        self._broker().start()
        self._stack.control("DELETE", "faults")

    def _broker(self) -> Any:
        assert self._stack.broker
        return self._stack.broker

    def _kill(self, step: Step) -> None:
        self._frozen.discard(step.name)
        if step.name == "redis":
            self._broker().kill()
        else:
            self._stack.supervisor.kill(step.name, signal.SIGKILL)

    def _start(self, step: Step) -> None:
        self._broker().start()

    def _freeze(self, step: Step) -> None:
        if step.name == "redis":
            if not self._redis_runs():
                return
            self._broker().pause()
        else:
            self._stack.supervisor.kill(step.name, signal.SIGSTOP)
        self._frozen.add(step.name)

    def _thaw(self, name: str) -> None:
        if name not in self._frozen:
            return
        self._frozen.discard(name)
        if name == "redis":
            self._broker().resume()
        else:
            self._stack.supervisor.kill(name, signal.SIGCONT)
        self.thawed.append(time.time())

    def _redis_runs(self) -> bool:
        try:
            return bool(self._stack.store.ping())
        except redis.RedisError:
            return False


def play(
    traffic: Traffic,
    steps: Sequence[Step],
    seconds: float,
    directory: Path,
    mappings: Path = PROJECT / "mappings",
) -> Outcome:
    """Send *traffic* within *seconds* while *steps* are played. Raise StackError or TimeoutError if it never rests."""
    stack = LocalStack(
        (*PROGRAMS, "worker"),
        mappings=mappings,
        sandbox={"latency": LATENCY, "day_limit": PLENTY},
        settings={"XERO_DAY_LIMIT": str(PLENTY)},
        directory=directory,
    )
    with stack, ThreadPoolExecutor(1) as pool:
        stack.wait_ready()
        calls = [delivery(body, stack.secret) for body in traffic.bodies]
        mail = Mail(url=stack.receiver_url, calls=calls, random=Random(0))
        chaos = Chaos(stack, steps)
        began = time.monotonic()
        sending = pool.submit(mail.send, seconds, SENDERS, PATIENCE + seconds)
        try:
            chaos.play()
        finally:
            chaos.mend()
        sending.result()
        sent = time.monotonic()
        standing = settled(stack, SETTLE)
        return Outcome(
            answers=mail.answers,
            refusals=dict(mail.refusals),
            played=chaos.played,
            standing=standing,
            records=stack.records(),
            calls=stack.control("GET", "calls?compact=1"),
            letters=list(stack.dead_letters),
            dispositions=dispositions(stack),
            waiting={name: int(number) for name, number in stack.store.hgetall("segxero:inbox:waiting").items()},
            thawed=chaos.thawed,
            sent_seconds=sent - began,
            settled_seconds=time.monotonic() - sent,
        )


def settled(stack: LocalStack, seconds: float) -> DemoStanding:
    """Return when nothing is left to do by itself, also when Redis has to be asked twice. Raise StackError."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            now = stack.standing()
        except redis.RedisError:
            now = None
        if now and now.settled:
            return now
        if time.monotonic() > deadline:
            raise StackError(f"After {seconds:.0f} s this is left: {now}.", stack.tail("worker"))
        time.sleep(LOOK)


def dispositions(stack: LocalStack) -> dict[str, str]:
    """Return where each record stands, by `Contact|u1`."""
    store, found = stack.store, {}
    for key in store.scan_iter("segxero:record:main:*", count=1000):
        found[key.removeprefix("segxero:record:main:")] = store.hget(key, "disposition") or ""
    return found
