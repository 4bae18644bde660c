"""The receiver's OpenAPI description: it has every route of the app, and every answer that a route can give."""

import re

import pytest
from schemathesis.core.failures import FailureGroup

from segxero.dead_letters import DeadLetter, DeadLetters
from segxero.demo import organisations
from segxero.mapping.model import MappingSet
from segxero.mapping.organisations import Organisation
from segxero.oversight.blocked import make_cause_id
from segxero.receiver import create_app
from segxero.sandbox import LocalSandbox, SandboxOptions
from segxero.store.client import connect
from tests.support.people.signing_in import LOCAL, sign_in
from tests.support.segment.calls import SECRET, an_event, signed, written
from tests.support.segment.receiver_api import FILE, check, load, operations
from tests.support.set_ups.fake_services import make_services, some_mappings
from tests.support.xero.consents import Operator

AUTOMATIC = {"HEAD", "OPTIONS"}  # Flask's own, where a route has GET
PASSWORD = "password"
BASIC = ("any", PASSWORD)
FUTURE = "Fri, 01 Jan 2100 00:00:00 GMT"
CUSTOM = {"XERO_GRANT": "client_credentials"}
EVENT = written(an_event())
LARGE = {"data": {"token": "x" * 70_000}}  # more than a form of ours
WEBHOOK, STYLE, LETTERS = "/webhooks/segment", "/static/{filename}", "/console/letters/{identifier}"
CAUSES = "/console/causes/{identifier}"
PLACES = {
    STYLE: "/static/segxero.css",
    LETTERS: "/console/letters/seven",
    CAUSES: f"/console/causes/{make_cause_id('', 'MappingError', 'no')}",
}
ASKED = ["/", "/console", LETTERS, CAUSES, "/xero/connect"]
SENT = ["/sign-out", "/console/replay", "/console/trace", "/xero/connections"]


@pytest.fixture(scope="module")
def description():
    return load()


def test_it_has_the_paths_and_methods_of_the_app_and_no_others(description):
    described = {(method, path.rstrip("/")) for method, path in operations(description)}
    rules = create_app(make_services()).url_map.iter_rules()
    there = {(method, path_of(rule)) for rule in rules for method in rule.methods - AUTOMATIC}
    missing, surplus = sorted(there - described), sorted(described - there)
    assert not missing, f"describe these routes with all their answers in {FILE.name}: {missing}"
    assert not surplus, f"the app has no such routes, take them out of {FILE.name}: {surplus}"


def path_of(rule):
    """Return the path of a Flask *rule* as OpenAPI writes it."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule).rstrip("/")


class Receivers:
    """Clients of receivers in all the states in which they can be asked."""

    def __init__(self, operator):
        self.operator = operator

    def client(self, **changes):
        self.operator.changes = {"SEGXERO_PASSWORD": PASSWORD, "SEGMENT_SHARED_SECRET": SECRET, **changes}
        return create_app(self.operator.services).test_client()

    def signed_in(self, **changes):
        client = self.client(**changes)
        assert sign_in(client, PASSWORD).status_code == 303
        return client

    def without_redis(self):
        """Return a client that shows a session to a receiver whose Redis is away."""
        kept, self.operator.store = self.operator.store, connect("redis://127.0.0.1:1")
        try:
            client = self.client()
        finally:
            self.operator.store = kept
        client.set_cookie("segxero", "any", domain="localhost")
        client.set_cookie("segxero_connect", "any", domain="localhost")
        return client

    def ask(self, method, path, client=None, base=LOCAL, **options):
        return (client or self.client()).open(PLACES.get(path, path), method=method, base_url=base, **options)

    def posted(self, raw=EVENT, headers=None, client=None):
        return self.ask("POST", WEBHOOK, client, data=raw, headers=signed(raw) if headers is None else headers)

    def form(self, path, client=None, **fields):
        """Send a form with the token of the session, which every page of it has."""
        client = client or self.signed_in()
        token = self.ask("GET", "/console", client).text.partition('name="form_token" value="')[2].partition('"')[0]
        return self.ask("POST", path, client, data={"form_token": token, **fields})

    def with_letter(self):
        letter = DeadLetter(id="seven", error="MappingError", message="no", next_step="look", queue="events")
        DeadLetters(self.operator.store).bury(letter)
        return letter

    def cause(self):
        self.with_letter()
        page = self.ask("GET", "/console", self.signed_in()).text
        return page.partition('name="cause" value="')[2].partition('"')[0]

    def come_back(self, client, names=("main",), **changes):
        sent = self.ask("GET", "/xero/connect", client)
        answer = {**organisations.allow(sent.location, names), **changes}
        return self.ask("GET", "/xero/callback", client, query_string=answer)

    def interrupted(self):
        client = self.signed_in()
        with self.operator.sandbox.world.lock:
            self.operator.sandbox.world.faults.add({"status": 503, "match": {"path": "/connect/token"}})
        return self.come_back(client)

    def chosen(self):
        self.operator.mappings = mappings("third", "fourth")
        client = self.signed_in()
        self.come_back(client, ("main", "other"))
        return self.form("/xero/connections", client)

    def guessed(self, method, path, **options):
        """Give so many wrong passwords that the next one must wait."""
        client = self.client()
        for _ in range(12):
            answer = self.ask(method, path, client, **options)
        return answer


def mappings(*names):
    made = {name: Organisation(name=name, sources=(name,)) for name in names}
    return MappingSet(mappings=some_mappings().mappings, tables={}, organisations=made, version="1")


@pytest.fixture
def receivers(redis_store):
    with LocalSandbox(SandboxOptions(organisations=("main", "other"))) as sandbox:
        yield Receivers(Operator(sandbox, redis_store, mappings("main")))


def alike(status, answer, *asked):
    """Return the rows for what several routes, of *asked* by their methods, have in common."""
    rows = [(method, path) for method, paths in asked for path in paths]
    return {(method, path, status): lambda at, m=method, p=path: answer(at, m, p) for method, path in rows}


PAGES = (("GET", [*ASKED, "/sign-in", STYLE, "/xero/callback", "/metrics"]), ("POST", [*SENT, "/sign-in"]))
HELD_BY_REDIS = (("GET", [*ASKED, "/xero/callback"]), ("POST", SENT))

ANSWERS = {
    ("POST", WEBHOOK, 200): lambda at: at.posted(b"[" + EVENT + b',{"messageId":"odd"}]', signed(EVENT)),
    ("POST", WEBHOOK, 400): lambda at: at.posted(b"[" + EVENT),
    ("POST", WEBHOOK, 401): lambda at: at.posted(headers={}),
    ("POST", WEBHOOK, 413): lambda at: at.posted(b" " * 16 * 1024 * 1024 + EVENT),
    ("POST", WEBHOOK, 503): lambda at: at.posted(client=at.without_redis()),
    ("GET", "/healthz", 200): lambda at: at.ask("GET", "/healthz", at.without_redis()),
    ("GET", "/readyz", 200): lambda at: at.ask("GET", "/readyz"),
    ("GET", "/readyz", 503): lambda at: at.ask("GET", "/readyz", at.without_redis()),
    ("GET", "/metrics", 200): lambda at: at.ask("GET", "/metrics", auth=BASIC),
    ("GET", "/metrics", 401): lambda at: at.ask("GET", "/metrics"),
    ("GET", "/metrics", 429): lambda at: at.guessed("GET", "/metrics", auth=("any", "wrong")),
    ("GET", "/metrics", 503): lambda at: at.ask("GET", "/metrics", at.without_redis(), auth=BASIC),
    ("GET", "/sign-in", 200): lambda at: at.ask("GET", "/sign-in"),
    ("POST", "/sign-in", 303): lambda at: at.ask("POST", "/sign-in", data={"password": PASSWORD}),
    ("POST", "/sign-in", 413): lambda at: at.ask("POST", "/sign-in", **LARGE),
    ("POST", "/sign-in", 429): lambda at: at.guessed("POST", "/sign-in", data={"password": "wrong"}),
    ("POST", "/sign-in", 503): lambda at: at.ask("POST", "/sign-in", at.without_redis(), data={"password": PASSWORD}),
    ("POST", "/sign-out", 303): lambda at: at.form("/sign-out"),
    ("GET", "/", 302): lambda at: at.ask("GET", "/", at.signed_in()),
    ("GET", "/console", 200): lambda at: at.ask("GET", "/console", at.signed_in()),
    ("GET", LETTERS, 200): lambda at: at.with_letter() and at.ask("GET", LETTERS, at.signed_in()),
    ("GET", CAUSES, 200): lambda at: at.with_letter() and at.ask("GET", CAUSES, at.signed_in()),
    ("POST", "/console/replay", 200): lambda at: at.form("/console/replay", cause=at.cause()),
    ("POST", "/console/trace", 200): lambda at: at.form("/console/trace", name="u1"),
    ("GET", "/xero/callback", 200): lambda at: at.come_back(at.signed_in()),
    ("GET", "/xero/callback", 400): lambda at: at.come_back(at.signed_in(), state="another"),
    ("GET", "/xero/callback", 502): lambda at: at.interrupted(),
    ("POST", "/xero/connections", 200): lambda at: at.chosen(),
    ("GET", STYLE, 200): lambda at: at.ask("GET", STYLE),
    ("GET", STYLE, 206): lambda at: at.ask("GET", STYLE, headers={"Range": "bytes=0-9"}),
    ("GET", STYLE, 304): lambda at: at.ask("GET", STYLE, headers={"If-Modified-Since": FUTURE}),
    ("GET", STYLE, 416): lambda at: at.ask("GET", STYLE, headers={"Range": "bytes=9999999-"}),
    **alike(303, lambda at, method, path: at.ask(method, path), ("GET", ASKED)),
    **alike(400, lambda at, method, path: at.ask(method, path, at.signed_in()), ("POST", SENT)),
    **alike(403, lambda at, method, path: at.ask(method, path, base="http://shop.example"), *PAGES),
    **alike(
        404,
        lambda at, method, path: at.ask(method, path, at.client(SEGXERO_PASSWORD="")),
        *PAGES,
        ("GET", ["/metrics"]),
    ),
    **alike(413, lambda at, method, path: at.ask(method, path, at.signed_in(), **LARGE), ("POST", SENT)),
    **alike(503, lambda at, method, path: at.ask(method, path, at.without_redis()), *HELD_BY_REDIS),
    ("GET", "/xero/connect", 409): lambda at: at.ask("GET", "/xero/connect", at.signed_in(**CUSTOM)),
    ("GET", "/xero/callback", 409): lambda at: at.ask("GET", "/xero/callback", at.client(**CUSTOM)),
    ("POST", "/xero/connections", 409): lambda at: at.form("/xero/connections", at.signed_in(**CUSTOM)),
}


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS, ids=str)
def test_a_real_answer_is_as_described(receivers, description, method, path, status):
    answer = ANSWERS[method, path, status](receivers)
    with answer:
        assert answer.status_code == status
        check(operations(description)[method, path], answer)


def test_every_answer_that_is_described_is_one_that_a_route_gives(description):
    described = {
        (method, path, int(status))
        for (method, path), operation in operations(description).items()
        for status, _ in operation.responses.items()
        if path != f"{WEBHOOK}/"
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
