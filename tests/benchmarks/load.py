"""The load generator: keep-alive connections that post prepared requests, each on a thread of this process.

It speaks HTTP over bare sockets, because http.client needs as much time for an answer as a small Flask app does, and
the generator shares the cores with what it measures.
"""

import re
import socket
import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from segxero.segment.delivery import Delivery

PATH = "/webhooks/segment"
PIECE = 65_536  # bytes read at once
TIMEOUT = 60.0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


class LoadError(Exception):
    """An answer other than 200, or none: what was measured is not what was meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One run: its wall-clock *seconds*, the seconds of each answer, and the processor seconds of the generator."""

    seconds: float
    answers: tuple[float, ...]
    generator_seconds: float


def prepared(calls: Iterable[Delivery]) -> list[bytes]:
    """Write the requests of *calls* out in full, so that nothing of it is measured."""
    return [_request(call) for call in calls]


def run(url: str, requests: Iterable[bytes], connections: int) -> Load:
    """Post *requests* to the webhook at *url* over that many connections at once. Raise LoadError."""
    parts = urlsplit(url)
    address = (parts.hostname or "", parts.port or 80)
    waiting = deque(requests)
    with ThreadPoolExecutor(connections) as pool:
        began, used = time.perf_counter(), time.process_time()
        callers = [pool.submit(_call, address, waiting) for _ in range(connections)]
        answers = tuple(seconds for caller in callers for seconds in caller.result())
        return Load(seconds=time.perf_counter() - began, answers=answers, generator_seconds=time.process_time() - used)


def _request(call: Delivery) -> bytes:
    headers = {"Host": "localhost", **call.headers, "Content-Length": str(len(call.body))}
    lines = [f"POST {PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode() + call.body


def _call(address: tuple[str, int], waiting: deque[bytes]) -> list[float]:
    seconds = []
    with socket.create_connection(address, timeout=TIMEOUT) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while waiting:
            try:
                request = waiting.popleft()
            except IndexError:
                break
            began = time.perf_counter()
            connection.sendall(request)
            _read_answer(connection)
            seconds.append(time.perf_counter() - began)
    return seconds


def _read_answer(connection: socket.socket) -> None:
    received = b""
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += _piece(connection)
    length = _LENGTH.search(received, 0, end + 2)
    if not received.startswith(b"HTTP/1.1 200 ") or length is None:
        raise LoadError(f"The receiver answered: {received[:300].decode(errors='replace')}")
    missing = end + 4 + int(length[1]) - len(received)
    while missing > 0:
        missing -= len(_piece(connection))


def _piece(connection: socket.socket) -> bytes:
    piece = connection.recv(PIECE)
    if not piece:
        raise LoadError("The receiver closed the connection before it answered.")
    return piece
