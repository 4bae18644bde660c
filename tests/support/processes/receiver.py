"""The receiver as it runs in production: gunicorn as a process, with a real append-only Redis behind it."""

import contextlib
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any, Self

from segxero.processes import ProcessGroup
from segxero.processes.broker import EmbeddedBroker
from segxero.store.client import connect
from tests.support.processes.waiting import within
from tests.support.segment.calls import SECRET

ROOT = Path(__file__).parents[3]
GUNICORN = Path(sys.executable).with_name("gunicorn")


class ReceiverProcess:
    """Gunicorn with two worker processes and the project's mappings, around *broker*; *settings* come on top."""

    def __init__(self, broker: EmbeddedBroker, log: Path, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.broker, self.log = broker, log
        self.url = f"http://127.0.0.1:{self.port}"
        self.store: Any = None
        wanted = {"REDIS_URL": broker.url, "SEGMENT_SHARED_SECRET": SECRET, "SEGXERO_MAPPINGS": str(ROOT / "mappings")}
        self._env = {**os.environ, **wanted, **settings}

    def __enter__(self) -> Self:
        bind = ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--bind", f"127.0.0.1:{self.port}"]
        command = [str(GUNICORN), *bind, "segxero.receiver:create_app()"]
        self._output = self.log.open("ab")
        self._group = ProcessGroup(command, env=self._env, cwd=ROOT, output=self._output)
        self._group.__enter__()
        self.store = connect(self.broker.url)
        assert within(20, self._answers), self.log.read_text()
        return self

    def __exit__(self, *exception: object) -> None:
        self._group.__exit__(None, None, None)
        self._output.close()
        self.store.close()

    def spoken(self, *parts: bytes, pause: float = 0.0) -> bytes:
        """Send the *parts* of raw bytes, *pause* seconds apart, and return all that comes back."""
        answer = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            # The other side may close while we still send; what it said before that counts.
            with contextlib.suppress(ConnectionError):
                for part in parts:
                    connection.sendall(part)
                    time.sleep(pause)
                connection.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionError):
                while got := connection.recv(65536):
                    answer += got
        return answer

    def workers(self) -> list[int]:
        """Return the ids of the worker processes, where the system has /proc."""
        master = self._group.pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        return [int(pid) for pid in children if not Path(f"/proc/{pid}/cmdline").read_text().startswith("/bin/sh")]

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
