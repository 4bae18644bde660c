"""Running a sandbox: as a process of its own, or on a thread beside a test."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Self

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from segxero.sandbox.app import create_app
from segxero.sandbox.options import SandboxOptions
from segxero.sandbox.state.world import World


class _Handler(WSGIRequestHandler):
    """Speaks HTTP/1.1, one call per connection, and writes no access log."""

    protocol_version = "HTTP/1.1"
    # Headers and body are two writes; without this the second can wait 40 ms for the caller's acknowledgement.
    disable_nagle_algorithm = True
    timeout = 120

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Tell the time as the world has it, for the header Date."""
        world: World = self.server.app.extensions["sandbox"]  # type: ignore[attr-defined]
        return super().date_time_string(world.seconds() + world.date_skew if timestamp is None else timestamp)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing: every call is in the sandbox's own record."""


def _server(app: Flask, options: SandboxOptions) -> BaseWSGIServer:
    """Bind a server with a thread per connection, so that a slow call does not hold back another."""
    return make_server(options.host, options.port, app, threaded=True, request_handler=_Handler)


def serve(options: SandboxOptions) -> None:
    """Serve a sandbox until SIGTERM or SIGINT; prints nothing. Raise SystemExit when the port is taken."""
    server = _server(create_app(options), options)

    def stop(number: int, frame: FrameType | None) -> None:
        # shutdown() waits for the loop under this signal handler, so another thread must call it.
        threading.Thread(target=server.shutdown, daemon=True).start()

    # The supervisor ends with SIGTERM, a person with Ctrl-C.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    try:
        server.serve_forever(poll_interval=0.1)
    finally:
        server.server_close()


class LocalSandbox:
    """A sandbox on a thread of this process, as a context manager: `with LocalSandbox() as xero: xero.url`."""

    def __init__(self, options: SandboxOptions | None = None) -> None:
        options = options or SandboxOptions()
        self.app = create_app(options)
        self._server = _server(self.app, options)
        self.url = f"http://{options.host}:{self._server.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def world(self) -> World:
        """The sandbox's state; take its `lock` before looking into it."""
        world: World = self.app.extensions["sandbox"]
        return world

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
