"""Senders that behave as Segment does: what is not answered with 2xx, or not in time, is sent again later."""

import heapq
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Any

import requests

from segxero import jsontext
from segxero.segment.delivery import Delivery

PATH = "/webhooks/segment"
TIMEOUT = 5.0
AGAIN = (0.5, 3.0)  # seconds until a body is sent again
IDLE = 0.02


@dataclass(slots=True, kw_only=True)
class Mail:
    """The calls of a run on their way: *answers* by index of the call, *refusals* by what was said instead."""

    url: str
    calls: Sequence[Delivery]
    random: Random
    answers: dict[int, Any] = field(default_factory=dict)
    refusals: Counter[str] = field(default_factory=Counter)
    _due: list[tuple[float, int]] = field(default_factory=list)
    _lock: Any = field(default_factory=threading.Lock)

    def send(self, seconds: float, senders: int, patience: float) -> None:
        """Post all calls spread over *seconds*, each until it is answered. Raise TimeoutError after *patience* more."""
        began = time.monotonic()
        self._due = [(began + index * seconds / len(self.calls), index) for index in range(len(self.calls))]
        end = began + seconds + patience
        with ThreadPoolExecutor(senders, thread_name_prefix="sender") as pool:
            for sender in [pool.submit(self._send, end) for _ in range(senders)]:
                sender.result()
        missing = len(self.calls) - len(self.answers)
        if missing:
            raise TimeoutError(f"{missing} bodies were not accepted within {patience:.0f} s of trying again")

    def _send(self, end: float) -> None:
        with requests.Session() as http:
            http.trust_env = False
            while len(self.answers) < len(self.calls) and time.monotonic() < end:
                index = self._next()
                if index is None:
                    time.sleep(IDLE)
                    continue
                refusal = self._post(http, index)
                if refusal:
                    with self._lock:
                        self.refusals[refusal] += 1
                        heapq.heappush(self._due, (time.monotonic() + self.random.uniform(*AGAIN), index))

    def _next(self) -> int | None:
        with self._lock:
            if not self._due or self._due[0][0] > time.monotonic():
                return None
            return heapq.heappop(self._due)[1]

    def _post(self, http: requests.Session, index: int) -> str:
        """Return why the call must be sent again, or ''."""
        call = self.calls[index]
        try:
            answer = http.post(
                self.url + PATH, data=call.body, headers=dict(call.headers), timeout=TIMEOUT, allow_redirects=False
            )
        except requests.RequestException as error:
            return type(error).__name__
        if answer.status_code != requests.codes.ok:
            return str(answer.status_code)
        self.answers[index] = jsontext.loads(answer.content)
        return ""
