"""A small HTTP server in a thread that answers as a test tells it to, down to dropped connections."""

import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from segxero import jsontext


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request as it came over the wire."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return jsontext.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server does with a request: *drop* closes the connection unanswered, *cut* after half the body."""

    status: int = 200
    body: Any = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drop: bool = False
    cut: bool = False

    @property
    def content(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else jsontext.dumps(self.body).encode()


class Script:
    """Gives the answers in order, the last one again and again."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = deque(answers)
        self._lock = threading.Lock()

    def then(self, *answers: Answer) -> None:
        """Answer so from now on."""
        with self._lock:
            self._answers = deque(answers)

    def __call__(self, received: Received) -> Answer:
        with self._lock:
            return self._answers.popleft() if len(self._answers) > 1 else self._answers[0]


class HttpServer:
    """Serves on a free port of this machine; *routes* are path prefixes, the first that fits answers."""

    def __init__(self, routes: Mapping[str, Callable[[Received], Answer]]) -> None:
        self.received: list[Received] = []
        self._routes = dict(routes)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def requests(self, prefix: str = "/") -> list[Received]:
        """Return the requests whose path begins with *prefix*."""
        return [received for received in self.received if received.path.startswith(prefix)]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, received: Received) -> Answer:
        self.received.append(received)
        for prefix, route in self._routes.items():
            if received.path.startswith(prefix):
                return route(received)
        return Answer(status=404)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self) -> None:
                parts = urlsplit(self.path)
                received = Received(
                    method=self.command,
                    path=parts.path,
                    query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                    headers=self.headers,
                    body=self.rfile.read(int(self.headers.get("Content-Length", 0))),
                )
                answer = server.answer(received)
                time.sleep(answer.delay)
                if answer.drop:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                content = answer.content
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // 2] if answer.cut else content)
                if answer.cut:
                    self.close_connection = True

            do_GET = do_PUT = do_POST = respond  # noqa: N815 - the names that http.server calls

            def log_message(self, *args: Any) -> None:
                pass

        return Handler


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
