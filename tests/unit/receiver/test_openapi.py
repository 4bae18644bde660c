"""The receiver's OpenAPI description: it has every route of the app, and every answer that a route can give."""

import pytest
from schemathesis.core.failures import FailureGroup

from segxero.demo import organisations
from segxero.mapping.model import MappingSet, Organisation
from segxero.receiver import create_app
from segxero.sandbox import LocalSandbox, SandboxOptions
from segxero.store import connect
from tests.support.consents import Operator
from tests.support.fake_services import make_services, some_mappings
from tests.support.receiver_api import FILE, check, load, operations
from tests.support.segment_calls import SECRET, an_event, signed, written

AUTOMATIC = {"HEAD", "OPTIONS"}  # Flask's own, where a route has GET
BASE = "http://localhost:8000"
LOCKED = {"Authorization": "Basic b3BlcmF0b3I6cGFzc3dvcmQ="}  # operator:password
EVENT = written(an_event())
WEBHOOK = "/webhooks/segment"
PAGES = [("GET", "/xero/connect"), ("GET", "/xero/callback"), ("POST", "/xero/connections")]


@pytest.fixture(scope="module")
def description():
    return load()


def test_it_has_the_paths_and_methods_of_the_app_and_no_others(description):
    described = {(method, path.rstrip("/")) for method, path in operations(description)}
    rules = create_app(make_services()).url_map.iter_rules()
    there = {(method, rule.rule.rstrip("/")) for rule in rules for method in rule.methods - AUTOMATIC}
    missing, surplus = sorted(there - described), sorted(described - there)
    assert not missing, f"describe these routes with all their answers in {FILE.name}: {missing}"
    assert not surplus, f"the app has no such routes, take them out of {FILE.name}: {surplus}"


class Receivers:
    """Clients of receivers in all the states in which they can be asked."""

    def __init__(self, operator):
        self.operator = operator

    def client(self, **changes):
        self.operator.changes = {"SEGXERO_PASSWORD": "password", "SEGMENT_SHARED_SECRET": SECRET, **changes}
        return create_app(self.operator.services).test_client()

    def without_redis(self):
        kept, self.operator.store = self.operator.store, connect("redis://127.0.0.1:1")
        try:
            return self.client()
        finally:
            self.operator.store = kept

    def ask(self, method="GET", path="", client=None, base=BASE, headers=LOCKED, **options):
        return (client or self.client()).open(path, method=method, base_url=base, headers=headers, **options)

    def posted(self, raw=EVENT, headers=None, client=None):
        return self.ask("POST", WEBHOOK, client, data=raw, headers=signed(raw) if headers is None else headers)

    def come_back(self, client, names=("main",), **changes):
        sent = self.ask(path="/xero/connect", client=client)
        answer = {**organisations.allow(sent.location, names), **changes}
        return self.ask(path="/xero/callback", client=client, query_string=answer)

    def interrupted(self):
        client = self.client()
        with self.operator.sandbox.world.lock:
            self.operator.sandbox.world.faults.add({"status": 503, "match": {"path": "/connect/token"}})
        return self.come_back(client)

    def chosen(self):
        self.operator.mappings = mappings("third", "fourth")
        client = self.client()
        token = self.come_back(client, ("main", "other")).text.partition('name="token" value="')[2].partition('"')[0]
        return self.ask("POST", "/xero/connections", client, data={"token": token})


def mappings(*names):
    made = {name: Organisation(name=name, sources=(name,)) for name in names}
    return MappingSet(mappings=some_mappings().mappings, tables={}, organisations=made, version="1")


@pytest.fixture
def receivers(redis_store):
    with LocalSandbox(SandboxOptions(organisations=("main", "other"))) as sandbox:
        yield Receivers(Operator(sandbox, redis_store, mappings("main")))


def on_pages(status, answer):
    """Return the rows for what the three pages for operators have in common."""
    return {(method, path, status): lambda at, m=method, p=path: answer(at, m, p) for method, path in PAGES}


ANSWERS = {
    ("POST", WEBHOOK, 200): lambda at: at.posted(b"[" + EVENT + b',{"messageId":"odd"}]', signed(EVENT)),
    ("POST", WEBHOOK, 400): lambda at: at.posted(b"[" + EVENT),
    ("POST", WEBHOOK, 401): lambda at: at.posted(headers={}),
    ("POST", WEBHOOK, 413): lambda at: at.posted(b" " * 16 * 1024 * 1024 + EVENT),
    ("POST", WEBHOOK, 503): lambda at: at.posted(client=at.without_redis()),
    ("GET", "/healthz", 200): lambda at: at.ask(path="/healthz", client=at.without_redis()),
    ("GET", "/readyz", 200): lambda at: at.ask(path="/readyz"),
    ("GET", "/readyz", 503): lambda at: at.ask(path="/readyz", client=at.without_redis()),
    ("GET", "/metrics", 200): lambda at: at.ask(path="/metrics"),
    ("GET", "/metrics", 401): lambda at: at.ask(path="/metrics", headers={}),
    ("GET", "/metrics", 404): lambda at: at.ask(path="/metrics", client=at.client(SEGXERO_PASSWORD="")),
    ("GET", "/metrics", 503): lambda at: at.ask(path="/metrics", client=at.without_redis()),
    ("GET", "/xero/connect", 303): lambda at: at.ask(path="/xero/connect"),
    ("GET", "/xero/callback", 200): lambda at: at.come_back(at.client()),
    ("GET", "/xero/callback", 400): lambda at: at.come_back(at.client(), state="another"),
    ("GET", "/xero/callback", 502): lambda at: at.interrupted(),
    ("POST", "/xero/connections", 200): lambda at: at.chosen(),
    ("POST", "/xero/connections", 400): lambda at: at.ask("POST", "/xero/connections"),
    ("POST", "/xero/connections", 413): lambda at: at.ask(
        "POST", "/xero/connections", data={"token": "x" * 16 * 1024 * 1024}
    ),
    **on_pages(401, lambda at, method, path: at.ask(method, path, headers={})),
    **on_pages(403, lambda at, method, path: at.ask(method, path, base="http://shop.example")),
    **on_pages(404, lambda at, method, path: at.ask(method, path, at.client(SEGXERO_PASSWORD=""))),
    **on_pages(409, lambda at, method, path: at.ask(method, path, at.client(XERO_GRANT="client_credentials"))),
    **on_pages(503, lambda at, method, path: at.ask(method, path, at.without_redis())),
}


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS, ids=str)
def test_a_real_answer_is_as_described(receivers, description, method, path, status):
    answer = ANSWERS[method, path, status](receivers)
    assert answer.status_code == status
    check(operations(description)[method, path], answer)


def test_every_answer_that_is_described_is_one_that_a_route_gives(description):
    described = {
        (method, path, int(status))
        for (method, path), operation in operations(description).items()
        for status, _ in operation.responses.items()
        if not path.endswith("/")
    }
    assert described == ANSWERS.keys()


@pytest.mark.parametrize("change", [{"status": 418}, {"data": b"[]"}, {"headers": {"X-Request-Id": "a b"}}])
def test_an_answer_that_is_not_described_is_seen(receivers, description, change):
    answer = receivers.posted()
    answer.status_code = change.get("status", answer.status_code)
    answer.data = change.get("data", answer.data)
    answer.headers.update(change.get("headers", {}))
    with pytest.raises(FailureGroup):
        check(operations(description)["POST", WEBHOOK], answer)
