"""A whole segxero on this machine: broker, sandbox and the Procfile's programs as real processes.

The demo, the tests and the benchmarks use it. It reads none of the user's settings and leaves nothing behind.
"""

import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import requests

from segxero import jsontext
from segxero.dead_letters import DeadLetters
from segxero.demo import organisations as organisations_of
from segxero.demo import readiness
from segxero.demo.place import DemoPlace, make_environment
from segxero.demo.rows import PROJECT, WORKER, make_sandbox_program, read_procfile_programs
from segxero.demo.standing import DemoStanding, read_standing
from segxero.errors import SegxeroError
from segxero.mapping.files.loader import load
from segxero.mapping.model import MappingSet
from segxero.processes import Supervisor
from segxero.processes.broker import EmbeddedBroker
from segxero.segment.delivery import delivery
from segxero.settings import GRANTS
from segxero.store.client import Store, connect
from segxero.telemetry.figures import Counts
from segxero.xero.objects.table import FIELDS

PROGRAMS = ("web", "worker", "beat")
READY_SECONDS = 60.0
POLL_SECONDS = 0.05
STOP_SECONDS = 30.0
TAIL_LINES = 15


class StackError(SegxeroError):
    """The local stack failed; the end of a *log* may say why."""

    def __init__(self, sentence: str = "", log: str = "") -> None:
        super().__init__("\n".join(filter(None, (sentence, log))))
        self.sentence = sentence


class LocalStack:
    """Broker, sandbox and *names* of the Procfile (the worker as often as named); use it as a context manager.

    *sandbox* are values of SandboxOptions, *settings* environment variables on top of the stack's own. With a
    *redis_url* that server is used and no broker is started. The data and logs are in *directory*, by default one
    that is made and removed again. With *organisations* there are so many, named as `name_organisations` does,
    *connected* by the consent of one Xero user; each takes the events whose projectId is its name.
    """

    def __init__(
        self,
        names: Sequence[str] = PROGRAMS,
        *,
        mappings: Path = PROJECT / "mappings",
        sandbox: Mapping[str, Any] | None = None,
        settings: Mapping[str, str] | None = None,
        redis_url: str = "",
        directory: Path | None = None,
        organisations: int = 0,
        connected: bool = True,
    ) -> None:
        self.directory = directory or Path(tempfile.gettempdir()) / f"segxero-{secrets.token_hex(6)}"
        self.keep_directory = directory is not None
        self.broker = None if redis_url else EmbeddedBroker(self.directory / "broker")
        self.secret, self.password = secrets.token_urlsafe(24), secrets.token_urlsafe(9)
        self.organisations = organisations_of.name_organisations(organisations)
        self.mappings_directory = self.directory / "mappings" if organisations else mappings
        self._mappings = mappings
        self._names = tuple(names)
        self._sandbox, self._settings, self._redis_url = dict(sandbox or {}), dict(settings or {}), redis_url
        self._place = DemoPlace.choose()
        self._http = requests.Session()
        # A proxy of the user's shell must not come between the demo and this machine.
        self._http.trust_env = False
        self._http.headers["Connection"] = "close"
        self.env: dict[str, str] = {}
        self.supervisor = Supervisor([])
        self._store: Store | None = None
        self._unconnected = connected and organisations > 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def receiver_url(self) -> str:
        return self._place.receiver_url

    @property
    def sandbox_url(self) -> str:
        return self._place.sandbox_url

    @property
    def flower_url(self) -> str:
        return self._place.flower_url

    @property
    def redis_url(self) -> str:
        return self.broker.url if self.broker else self._redis_url

    @property
    def logs(self) -> Path:
        """The directory with a log file for each program."""
        return self.directory / "logs"

    @cached_property
    def mappings(self) -> MappingSet:
        return load(self.mappings_directory, FIELDS)

    @cached_property
    def store(self) -> Store:
        """A client of the stack's own Redis."""
        self._store = connect(self.redis_url)
        return self._store

    @property
    def counts(self) -> dict[str, int]:
        return Counts(self.store).all()

    @property
    def dead_letters(self) -> DeadLetters:
        return DeadLetters(self.store)

    def start(self) -> None:
        """Start every process. Raise ConfigError when the mappings or the sandbox's options are wrong."""
        try:
            self._start()
        # Ctrl-C during the start must leave no process behind either.
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every process and remove its files, unless `keep_directory` is set."""
        self.supervisor.stop()
        if self._store is not None:
            self._store.close()
        if self.broker:
            self.broker.stop()
        self._http.close()
        # A given directory belongs to the caller.
        if not self.keep_directory:
            shutil.rmtree(self.directory, ignore_errors=True)

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Return when each part can work. Raise StackError when a part cannot after *seconds*."""
        questions: dict[str, Callable[[], bool]] = {
            "sandbox": lambda: readiness.is_answering(self._http, f"{self.sandbox_url}/sandbox/summary"),
            "web": lambda: readiness.is_answering(self._http, f"{self.receiver_url}/readyz"),
            "worker": lambda: readiness.are_workers_answering(self.redis_url, self._names.count(WORKER)),
            "flower": lambda: readiness.is_answering(self._http, f"{self.flower_url}/healthcheck"),
        }
        deadline = time.monotonic() + seconds
        for name in ("sandbox", *self._names):
            # Programs without a question of their own count as ready.
            while name in questions and not questions[name]():
                if time.monotonic() > deadline:
                    raise StackError(f"{name} is not ready after {seconds:.0f} s.", self.tail(name))
                time.sleep(POLL_SECONDS)
        if self._unconnected:
            self.connect()

    def connect(self, *names: str) -> None:
        """Let the app into the organisations *names*, by default all, as a Xero user does."""
        organisations_of.connect(self.env, names or self.organisations)
        self._unconnected = False

    def post(
        self, body: bytes | Mapping[str, Any] | Sequence[Any], headers: Mapping[str, str] | None = None
    ) -> requests.Response:
        """Post *body* (bytes, an event or a batch) as Segment does, signed, with *headers* on top."""
        call = delivery(body, self.secret)
        return self._http.post(
            f"{self.receiver_url}/webhooks/segment",
            data=call.body,
            headers={**call.headers, **(headers or {})},
            timeout=30,
            allow_redirects=False,
        )

    def standing(self) -> DemoStanding:
        """Return the work under way and the parked records at this moment."""
        return read_standing(self.store, self.mappings.organisations)

    def settle(self, seconds: float = READY_SECONDS) -> DemoStanding:
        """Return when nothing is left to do by itself. Raise StackError when there still is after *seconds*."""
        deadline = time.monotonic() + seconds
        while not (now := self.standing()).settled:
            if time.monotonic() > deadline:
                rest = f"{now.inbox} events, {now.outbox} records and {now.flights} calls are still under way"
                raise StackError(f"{rest} after {seconds:.0f} s.", self.tail("worker"))
            time.sleep(POLL_SECONDS)
        return now

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call the sandbox's control room and return its JSON, amounts as Decimal."""
        answer = self._http.request(method, f"{self.sandbox_url}/sandbox/{path}", json=body, timeout=30)
        answer.raise_for_status()
        return jsontext.loads(answer.content)

    def records(self, organisation: str = "") -> Any:
        """Return the records of the sandbox, or of an *organisation* in it, as Xero shows them."""
        return self.control("GET", f"records?organisation={quote(organisation)}")

    def ledger(self, organisation: str = "") -> Any:
        """Return the sums of the sandbox's books by organisation: lines, money, debtors and receivables."""
        return self.control("GET", f"ledger?organisation={quote(organisation)}")

    def calls(self, since: int = 0) -> Any:
        """Return the sandbox's calls after number *since*."""
        return self.control("GET", f"calls?since={since}")

    def summary(self) -> Any:
        """Return the sandbox's figures: calls, limits, records and sums."""
        return self.control("GET", "summary")

    def tail(self, name: str, lines: int = TAIL_LINES) -> str:
        """Return the last *lines* of the program's log."""
        log = self.logs / f"{name}.log"
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def _start(self) -> None:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=self.keep_directory)
        if self.organisations:
            organisations_of.write_mappings(self._mappings, self.mappings_directory, self.organisations)
            self._sandbox = {"organisations": self.organisations, **self._sandbox}
            self._settings = {"XERO_GRANT": GRANTS[1], **self._settings}
        if self.broker:
            self.broker.start()
        self.env = {
            **make_environment(self.directory, self._place),
            "REDIS_URL": self.redis_url,
            "SEGMENT_SHARED_SECRET": self.secret,
            "SEGXERO_MAPPINGS": str(self.mappings_directory.resolve()),
            "SEGXERO_PASSWORD": self.password,
            **self._settings,
        }
        rows = [
            make_sandbox_program(self._place, self._sandbox, self.env),
            *read_procfile_programs(self._names, self.env),
        ]
        self.supervisor = Supervisor(rows, logs=self.logs, grace=STOP_SECONDS)
        self.supervisor.start()
