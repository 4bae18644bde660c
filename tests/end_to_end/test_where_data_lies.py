"""Secrets lie nowhere in clear and people only in the queues: all that segxero writes is searched, by both grants."""

import contextlib
import json
import re
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from segxero.demo import LocalStack, organisations
from segxero.processes.broker import EmbeddedBroker
from segxero.settings import GRANTS
from segxero.store import keys
from segxero.store.client import connect
from segxero.xero.access.encryption import Cipher
from tests.support.people import marked
from tests.support.processes.command import segxero
from tests.support.processes.http_server import Answer, HttpServer, Script
from tests.support.processes.sentry_ingest import PATH, SentryIngest, dsn
from tests.support.processes.waiting import within
from tests.support.segment.shop_events import identify
from tests.support.set_ups.examples import switched_on
from workers.app import ALL_QUEUES

MINUTE = 60.0
SEALER = Cipher((marked.SECRETS["SEGXERO_SECRET_KEY"],))
FAULTS = [
    {"lost_answer": True, "match": {"method": "PUT", "path": "/Invoices"}},
    {
        "element": {"contains": marked.PERSON["order id"] + "-d"},
        "message": f"{marked.PERSON['name']} of {marked.PERSON['order id']} is refused.",
        "match": {"method": "PUT", "path": "/Invoices"},
    },
]
CELERYS = re.compile(f'"LPUSH" "({"|".join(ALL_QUEUES)})"|"PUBLISH"')
FLOWER = ["", "broker", "tasks", "dashboard", "workers", "metrics", "api/workers", "api/tasks?limit=1000"]
FLOWER += ["api/task/types", "api/queues/length"]


@dataclass
class Found:
    """Everything that was written during a day: place -> text, the keys of Redis, and the secrets that came up."""

    texts: dict[str, str] = field(default_factory=dict)
    redis: dict[str, str] = field(default_factory=dict)
    issued: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)  # of the consent's browser


@contextlib.contextmanager
def watched(port: int) -> Iterator[list[bytes]]:
    """Write down every command that reaches the Redis at *port*: also what lies there for a moment only."""
    seen: list[bytes] = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(f"AUTH {marked.REDIS_PASSWORD}\r\nMONITOR\r\n".encode())
        thread = threading.Thread(target=lambda: seen.extend(iter(lambda: connection.recv(65536), b"")))
        thread.start()
        yield seen
        connection.shutdown(socket.SHUT_RDWR)
        thread.join()


def by(grant: str) -> Found:
    with tempfile.TemporaryDirectory(prefix="segxero-") as directory:
        return a_day(grant, Path(directory))


SCENARIOS = {grant: partial(by, grant) for grant in GRANTS}


def a_day(grant: str, directory: Path) -> Found:
    """Let marked events, refusals, crashes, dead letters, replays and a consent pass, and collect what was written."""
    found, ingest = Found(), SentryIngest()
    routes = {PATH: ingest, marked.HOOK: Script(Answer()), "/sources": Script(Answer(body={"data": {"sources": []}}))}
    routes |= {
        "/destinations": Script(Answer(body={"data": {"destinations": []}})),
        "/v1/batch": Script(Answer(body="{}")),
    }
    with EmbeddedBroker(directory / "broker") as broker, HttpServer(routes) as server:
        connect(broker.url).config_set("requirepass", marked.REDIS_PASSWORD)
        url = broker.url.replace("//", f"//:{marked.REDIS_PASSWORD}@")
        settings = {
            **marked.SECRETS,
            "LOG_LEVEL": "DEBUG",
            "SENTRY_DSN": dsn(server.url).replace("public@", f"{marked.DSN_KEY}@"),
            "ALERT_WEBHOOK_URL": server.url + marked.HOOK,
            "SEGMENT_API_URL": server.url,
            "SEGMENT_PUBLIC_API_URL": server.url,
        }
        stack = LocalStack(
            ("web", "worker", "beat", "flower"),
            redis_url=url,
            mappings=switched_on(directory / "mappings", "history", "owner"),
            settings=settings,
            directory=directory / "stack",
            organisations=GRANTS.index(grant),
            connected=False,
        )
        stack.secret, stack.password = marked.SECRETS["SEGMENT_SHARED_SECRET"], marked.SECRETS["SEGXERO_PASSWORD"]
        with watched(broker.port) as commands_seen, stack:
            stack.wait_ready()
            Day(stack, broker, found).pass_by()
            found.texts |= processes(stack) | flower(stack) | commands(stack)
            found.redis |= contents(stack.store)
        found.texts |= {path.name: path.read_text(errors="replace") for path in (directory / "stack/logs").iterdir()}
        found.texts["the commands that reached Redis"] = commands_told = b"".join(commands_seen).decode(
            "utf-8", "replace"
        )
        found.texts["Celery's messages and events"] = "\n".join(filter(CELERYS.search, commands_told.splitlines()))
        for path in (directory / "broker").rglob("*"):
            if path.is_file():
                found.texts[f"Redis on disk: {path.name}"] = path.read_bytes().decode("utf-8", "replace")
        found.texts["Sentry"] = "\n".join(ingest.texts)
        found.texts["the alert webhook"] = "\n".join(str(one.body) for one in server.requests(marked.HOOK))
    return found


@dataclass
class Day:
    """What happens in the day of *stack*; the secrets that Xero issues are put into *found*."""

    stack: LocalStack
    broker: EmbeddedBroker
    found: Found

    def pass_by(self) -> None:
        self.source = self.stack.organisations[0] if self.stack.organisations else ""
        self.stack.control("POST", "settings", {"users": [marked.PERSON["owner"]]})
        if self.source:
            self.consent()
        for fault in FAULTS:
            self.stack.control("POST", "faults", fault)
        self.refusals()
        self.settled()
        self.note_tokens()
        self.crash()
        self.operator()
        self.note_tokens()

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {marked.SECRETS['SEGMENT_BEARER_TOKEN']}"}

    def settled(self) -> None:
        assert self.stack.post(marked.events(self.source), self.headers).status_code == 200
        self.stack.settle(2 * MINUTE)

    def consent(self) -> None:
        """Connect in the browser, and read what was sealed meanwhile."""
        http = requests.Session()
        here = f"http://localhost:{urlsplit(self.stack.receiver_url).port}"
        form = {"password": self.stack.password}
        assert http.post(f"{here}/sign-in", data=form, allow_redirects=False, timeout=30).status_code == 303
        assert http.post(f"{here}/sign-in", data={"password": "marked-wrong-password"}, timeout=30).status_code == 403
        sent = http.get(f"{here}/xero/connect", allow_redirects=False, timeout=30)
        (session,) = self.stack.store.scan_iter("segxero:consent:*")
        begun = json.loads(SEALER.open(self.stack.store.get(session)))
        back = organisations.allow(sent.headers["Location"], self.stack.organisations)
        self.found.issued |= {
            "state": parse_qs(urlsplit(sent.headers["Location"]).query)["state"][0],
            "PKCE verifier": begun["verifier"],
            "code": back["code"],
        }
        self.found.cookies = {"consent": http.cookies["segxero_connect"], "session": http.cookies["segxero"]}
        self.found.texts["the console"] = http.get(f"{here}/console", timeout=30).text
        done = http.get(f"{here}/xero/callback", params=back, timeout=30)
        assert done.status_code == 200
        self.found.texts["the page of the consent"] = done.text + str(done.headers)

    def let_tokens_expire(self) -> None:
        """Let the access tokens have run out, so that the next call to Xero renews them."""
        for key in self.stack.store.scan_iter(f"{keys.TOKENS}*"):
            tokens = json.loads(SEALER.open(self.stack.store.get(key)))
            self.stack.store.set(key, SEALER.seal(json.dumps({**tokens, "expires_at": 0})))

    def note_tokens(self) -> int:
        """Open what Redis has sealed, the tokens that must be nowhere else; return how many access tokens came."""
        for key in self.stack.store.scan_iter(f"{keys.TOKENS}*"):
            # A lock may go between the two questions.
            sealed = (self.stack.store.get(key) if self.stack.store.type(key) == "string" else "") or ""
            tokens = json.loads(SEALER.open(sealed) or "{}") if sealed.startswith("gAAAA") else {}
            for name in ("access", "refresh", "previous"):
                if tokens.get(name):
                    self.found.issued[f"{name} token {tokens[name][-6:]}"] = tokens[name]
        return len([name for name in self.found.issued if name.startswith("access")])

    def refusals(self) -> None:
        """Let calls in that are refused, each with marks in every part."""
        post, event = self.stack.post, marked.events(self.source)[0]
        answers = [
            post(event, {**self.headers, "X-Signature": "0" * 40}),
            post(event, {"Authorization": f"Bearer {marked.PERSON['name'].replace(' ', '-')}"}),
            post(b'{"' + marked.PERSON["name"].encode() + b'": ', self.headers),
            post(b'{"type":"track","total":NaN,"name":"%s"}' % marked.PERSON["name"].encode(), self.headers),
            requests.get(f"{self.stack.receiver_url}/{marked.PERSON['name']}", params=marked.PERSON, timeout=30),
            requests.get(f"{self.stack.receiver_url}/metrics", auth=(marked.PERSON["name"], "wrong"), timeout=30),
        ]
        assert [answer.status_code for answer in answers] == [503, 401, 400, 400, 404, 401]
        self.found.texts["answers"] = "\n".join(answer.text + str(answer.headers) for answer in answers)

    def crash(self) -> None:
        """Break a record so that a turn ends with a traceback, freeze Redis, and kill a worker at its work."""
        organisation = self.source or "main"
        order = keys.reference("Invoice", marked.PERSON["order id"])
        kept = self.stack.store.hget(keys.record(organisation, order), "attempts")
        self.stack.store.hset(keys.record(organisation, order), "attempts", marked.PERSON["name"])
        self.stack.store.zadd(keys.outbox(organisation, "invoices"), {order: 0})
        assert within(MINUTE, lambda: '"traceback"' in (self.stack.logs / "worker.log").read_text())
        self.stack.store.hset(keys.record(organisation, order), "attempts", kept or 0)
        self.broker.pause()
        assert self.stack.post(marked.events(self.source)[1], self.headers).status_code == 503
        self.broker.resume()
        self.let_tokens_expire()
        late = {**identify("u1", at=9, name=marked.PERSON["name"] + " VI"), "projectId": self.source}
        assert self.stack.post(late, self.headers).status_code == 200
        assert within(MINUTE, lambda: self.note_tokens() == 2)
        self.stack.supervisor.kill("worker", signal.SIGKILL)

    def operator(self) -> None:
        """Do what a person does with dead letters; the command shows them their people, so it is not searched."""
        env, store = self.stack.env, self.stack.store
        assert within(MINUTE, lambda: store.exists(keys.DEAD_LETTERS_REPORTED))
        listed = segxero(env, "dead-letters", "list", "--json").json
        letters = [one for one in listed if one["error"] != "Parked"]
        assert len(letters) >= 4
        assert segxero(env, "trace", marked.PERSON["e-mail"]).status == 0
        assert segxero(env, "dead-letters", "discard", letters[0]["id"], "--reason", "seen").status == 0
        assert segxero(env, "dead-letters", "replay", "--all").status == 0


def processes(stack: LocalStack) -> dict[str, str]:
    """Return what `ps` shows to every user of the machine: the command lines of all processes of the stack."""
    groups = set(stack.supervisor.pids().values())
    lines = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if int((path / "stat").read_text().rpartition(")")[2].split()[2]) in groups:
                lines.append((path / "cmdline").read_text().replace("\0", " "))
    return {"ps": "\n".join(lines)} if Path("/proc").exists() else {}


def flower(stack: LocalStack) -> dict[str, str]:
    """Return Flower's pages and answers, and all that its task pages show."""
    time.sleep(1)
    with requests.Session() as http:
        http.auth = ("segxero", stack.password)
        found = {f"Flower /{path}": http.get(f"{stack.flower_url}/{path}", timeout=30).text for path in FLOWER}
        tasks = json.loads(found["Flower /api/tasks?limit=1000"])
        shown = [http.get(f"{stack.flower_url}/task/{task}", timeout=30).text for task in list(tasks)[:40]]
    assert len(tasks) > 20
    return {**found, "Flower's tasks": "\n".join(shown)}


def commands(stack: LocalStack) -> dict[str, str]:
    """Return what the commands for everybody say, and the metrics."""
    rows = {" ".join(line): segxero(stack.env, *line) for line in (["status"], ["check"])}
    broken = segxero({**stack.env, "REDIS_URL": f"redis://:{marked.REDIS_PASSWORD}@127.0.0.1:1/0"}, "check")
    metrics = requests.get(f"{stack.receiver_url}/metrics", auth=("segxero", stack.password), timeout=30)
    assert metrics.status_code == 200
    return {
        "/metrics": metrics.text,
        "check without Redis": broken.out + broken.err,
        **{name: said.out + said.err for name, said in rows.items()},
    }


READERS = {
    "string": lambda store, key: store.get(key),
    "list": lambda store, key: store.lrange(key, 0, -1),
    "hash": lambda store, key: store.hgetall(key),
    "set": lambda store, key: store.smembers(key),
    "zset": lambda store, key: store.zrange(key, 0, -1),
}


def contents(store: Any) -> dict[str, str]:
    """Return every key of Redis with all that it holds; the bodies of Celery's messages are opened."""
    found = {}
    for key in store.scan_iter("*"):
        read = READERS.get(store.type(key))
        found[key] = f"{key} {json.dumps(read(store, key), default=list, ensure_ascii=False)}" if read else key
    return found


@pytest.fixture(params=SCENARIOS)
def found(request, scenario):
    return scenario(request.param)


def secrets_of(found: Found) -> dict[str, str]:
    own = {
        **marked.SECRETS,
        "the password of Redis": marked.REDIS_PASSWORD,
        "a wrong one": "marked-wrong-password",
        "ALERT_WEBHOOK_URL": marked.HOOK,
    }
    return {**own, **found.issued}


def test_the_day_was_as_bad_as_it_should_be(found):
    assert min(len(found.texts[f"{name}.log"]) for name in ("web", "worker", "beat", "flower")) > 100
    assert {"Sentry", "the alert webhook", "ps", "check"} <= found.texts.keys()
    assert "is refused" not in found.texts["Sentry"]
    assert found.texts["Sentry"].count("ValueError") > 0
    assert found.texts["the commands that reached Redis"].count("EVALSHA") > 50
    # Two access tokens; with a consent its state, verifier and code, and two tokens to refresh.
    assert len({*found.issued.values()}) in {2, 7}
    assert found.texts["Celery's messages and events"].count("celeryev") > 20
    assert len(found.redis) > 30


def test_no_secret_lies_anywhere_in_any_form(found):
    for place, text in {**found.texts, **found.redis}.items():
        assert marked.marked_in(text, secrets_of(found)) == {}, place


def test_the_cookies_of_a_browser_lie_nowhere_but_as_digests(found):
    for place, text in {**found.texts, **found.redis}.items():
        if place != "the page of the consent":
            assert marked.marked_in(text, found.cookies, marked.writings) == {}, place


def test_the_key_of_sentry_is_told_to_sentry_alone(found):
    for place, text in {**found.texts, **found.redis}.items():
        assert place == "Sentry" or marked.marked_in(text, {"SENTRY_DSN": marked.DSN_KEY}) == {}, place


def test_people_are_in_no_log_alert_page_command_or_figure(found):
    for place, text in found.texts.items():
        if not place.startswith(("Redis on disk", "the commands that reached Redis", "sandbox")):
            assert marked.marked_in(text, marked.PERSON) == {}, place


def test_in_redis_people_are_in_the_queues_alone(found):
    used = set()
    for key, text in found.redis.items():
        family = next((prefix for prefix in keys.PERSONAL if key.startswith(prefix)), "")
        if marked.marked_in(text, marked.PERSON):
            assert family, f"{key} holds personal data and is in no family of keys.PERSONAL: {text[:300]}"
            used.add(family)
    assert {"segxero:record:", "segxero:outbox:", "segxero:story:", keys.DEAD_LETTERS} - used <= {"segxero:outbox:"}
