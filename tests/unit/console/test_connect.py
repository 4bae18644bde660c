"""The pages by which an operator connects organisations, and everything that they must refuse."""

from urllib.parse import parse_qs, urlsplit

import pytest

from segxero.console.browser_sessions import COOKIE
from segxero.demo import organisations
from segxero.mapping.model import MappingSet
from segxero.mapping.organisations import Organisation
from segxero.receiver import create_app
from segxero.sandbox import LocalSandbox, SandboxOptions
from segxero.store import keys
from tests.support.people.signing_in import LOCAL, form_token, sign_in
from tests.support.set_ups.fake_services import some_mappings
from tests.support.xero.consents import Operator

PASSWORD = "pässword"
SHOP = "https://shop.example"
NAMES = ("North", "South", "A <b> & Sons")


@pytest.fixture
def operator(redis_store):
    with LocalSandbox(SandboxOptions(organisations=NAMES)) as sandbox:
        yield Operator(sandbox, redis_store, mappings("North", "South"), {"SEGXERO_PASSWORD": PASSWORD})


def mappings(*names):
    made = {name: Organisation(name=name, sources=(name,)) for name in names}
    return MappingSet(mappings=some_mappings().mappings, tables={}, organisations=made, version="1")


def browser(operator, base=LOCAL, **changes):
    """Return a browser in which an operator has signed in."""
    client = stranger(operator, **changes)
    assert sign_in(client, PASSWORD, base).status_code == 303
    return client


def stranger(operator, **changes):
    operator.changes |= changes
    return create_app(operator.services).test_client()


def begin(client, base=LOCAL):
    return client.get("/xero/connect", base_url=base)


def come_back(client, answer, base=LOCAL):
    return client.get("/xero/callback", query_string=answer, base_url=base)


def test_an_operator_is_sent_to_xero_and_back_and_sees_what_is_connected(operator):
    client = browser(operator)
    sent = begin(client)
    assert sent.status_code == 303
    query = parse_qs(urlsplit(sent.location).query)
    assert query["redirect_uri"] == ["http://localhost:8000/xero/callback"]
    page = come_back(client, organisations.allow(sent.location, ("North", "South")))
    assert page.status_code == 200
    assert "<h1>Connected</h1>" in page.text
    assert "<td>North</td><td>North</td>" in page.text
    assert "<select" not in page.text
    assert list(operator.services.connections.all()) == ["North", "South"]


def test_the_cookie_comes_back_from_xeros_site_and_is_for_https_and_this_host_alone_where_that_is_used(operator):
    name, _, value = begin(browser(operator)).headers["Set-Cookie"].partition("=")
    assert name == COOKIE
    assert set(value.split("; ")[1:]) - {expires(value)} == {"HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=600"}
    name, _, value = begin(browser(operator, SHOP), SHOP).headers["Set-Cookie"].partition("=")
    assert name == f"__Host-{COOKIE}"
    assert set(value.split("; ")[1:]) - {expires(value)} == {
        "HttpOnly",
        "Path=/",
        "SameSite=Lax",
        "Max-Age=600",
        "Secure",
    }


def expires(cookie):
    return next(part for part in cookie.split("; ") if part.startswith("Expires="))


@pytest.mark.parametrize(("method", "path"), [("GET", "connect"), ("GET", "callback"), ("POST", "connections")])
def test_everything_is_closed_without_a_password(operator, method, path):
    answer = stranger(operator, SEGXERO_PASSWORD="").open(f"/xero/{path}", method=method)
    assert answer.status_code == 404
    assert "Set SEGXERO_PASSWORD to open this page." in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "connect", 303), ("GET", "callback", 400), ("POST", "connections", 403)]
)
def test_a_stranger_begins_nothing_and_the_password_in_a_header_helps_nobody(operator, method, path, status):
    answer = stranger(operator).open(f"/xero/{path}", method=method, base_url=LOCAL, auth=("any", PASSWORD))
    assert (answer.status_code, "WWW-Authenticate" in answer.headers) == (status, False)
    assert answer.location == ("/sign-in?next=/xero/connect" if status == 303 else None)
    assert list(operator.store.scan_iter("segxero:*")) == []


def test_plain_http_is_for_this_machine_only(operator):
    client = browser(operator, SHOP)
    assert begin(client, "http://shop.example").status_code == 403
    assert list(operator.store.scan_iter("segxero:consent:*")) == []
    assert begin(client, SHOP).status_code == 303
    assert len(list(operator.store.scan_iter("segxero:consent:*"))) == 1


def test_the_way_back_needs_no_session_cookie_but_the_session_itself(operator):
    client = browser(operator)
    answer = organisations.allow(begin(client).location, ("North",))
    client.delete_cookie("segxero")  # it is Strict, so a browser does not send it when Xero sends the browser
    assert come_back(client, answer).status_code == 200
    assert list(operator.services.connections.all()) == ["North"]


def test_whose_session_has_ended_meanwhile_connects_nothing(operator):
    client = browser(operator)
    answer = organisations.allow(begin(client).location, ("North",))
    operator.store.delete(*operator.store.scan_iter("segxero:session:*"))
    assert come_back(client, answer).status_code == 400
    assert operator.calls("/connect/token") == []
    assert operator.services.connections.all() == {}


def test_xero_takes_localhost_only_so_the_browser_goes_there_first(operator):
    sent = begin(browser(operator), "http://127.0.0.1:8000")
    assert (sent.status_code, sent.location) == (303, "http://localhost:8000/xero/connect")
    assert "Set-Cookie" not in sent.headers


def test_the_registered_address_wins_over_the_request(operator):
    client = browser(operator, SHOP, XERO_REDIRECT_URL="https://shop.example/xero/callback")
    assert begin(client, "https://other.example").location == "https://shop.example/xero/connect"
    query = parse_qs(urlsplit(begin(client, "https://shop.example").location).query)
    assert query["redirect_uri"] == ["https://shop.example/xero/callback"]


def test_a_custom_connection_has_nothing_to_consent_to(operator):
    answer = begin(browser(operator, XERO_GRANT="client_credentials"))
    assert answer.status_code == 409
    assert "set it to authorization_code" in answer.text


def test_missing_credentials_are_named(operator):
    answer = begin(browser(operator, XERO_CLIENT_SECRET="", SEGXERO_SECRET_KEY=""))
    assert answer.status_code == 409
    assert "XERO_CLIENT_SECRET" in answer.text
    assert "SEGXERO_SECRET_KEY" in answer.text


def test_an_answer_is_good_once_in_the_browser_that_asked_and_for_its_state(operator):
    client, other = browser(operator), browser(operator)
    answer = organisations.allow(begin(client).location, ("North",))
    begin(other)
    assert come_back(browser(operator), answer).status_code == 400
    assert come_back(other, answer).status_code == 400
    assert operator.calls("/connect/token") == []
    assert come_back(client, answer).status_code == 200
    assert come_back(client, answer).status_code == 400
    assert len(operator.calls("/connect/token")) == 1


def test_what_was_begun_is_forgotten_after_ten_minutes(operator):
    client = browser(operator)
    begin(client)
    (key,) = operator.store.scan_iter("segxero:consent:*")
    assert 590 < operator.store.ttl(key) <= 600
    assert client.get_cookie(COOKIE).value not in key


def test_a_refusal_of_xero_is_told_and_nothing_is_connected(operator):
    client = browser(operator)
    state = parse_qs(urlsplit(begin(client).location).query)["state"][0]
    answer = come_back(client, {"error": "<access_denied>", "state": state})
    assert answer.status_code == 400
    assert "Xero says &lt;access_denied&gt;; nothing was connected." in answer.text
    assert operator.services.connections.all() == {}


def test_an_outage_of_xero_asks_to_begin_again(operator):
    client = browser(operator)
    answer = organisations.allow(begin(client).location, ("North",))
    with operator.sandbox.world.lock:
        operator.sandbox.world.faults.add({"status": 503, "match": {"path": "/connect/token"}})
    assert come_back(client, answer).status_code == 502


def test_where_names_do_not_tell_the_operator_chooses(operator):
    operator.mappings = mappings("main", "shop & co", "third")
    client = browser(operator)
    page = come_back(client, organisations.allow(begin(client).location, NAMES))
    assert "<h1>Nothing connected yet</h1>" in page.text
    assert "A &lt;b&gt; &amp; Sons</option>" in page.text
    north, south, sons = operator.sandbox.world.books
    answer = choose(client, page, {"main": south, "shop & co": sons, "third": ""})
    assert answer.status_code == 200
    assert "<td>shop &amp; co</td><td>A &lt;b&gt; &amp; Sons</td>" in answer.text
    assert {name: one.tenant for name, one in operator.services.connections.all().items()} == {
        "main": south,
        "shop & co": sons,
    }
    assert choose(client, answer, {"third": north}).status_code == 200
    assert operator.services.connections.of("third").tenant == north


def choose(client, page, form, token=None):
    given = form_token(page) if token is None else token
    return client.post("/xero/connections", data={**form, "form_token": given}, base_url=LOCAL)


def test_a_choice_needs_the_token_of_its_session_and_takes_a_tenant_once(operator):
    operator.mappings = mappings("main", "other")
    north, *_ = operator.sandbox.world.books
    for form, token in (({"main": north}, "wrong"), ({"main": north}, ""), ({"main": north, "other": north}, None)):
        client = browser(operator)
        page = come_back(client, organisations.allow(begin(client).location, NAMES))
        assert choose(client, page, form, token).status_code == 400
    assert operator.services.connections.all() == {}


def test_what_a_choice_names_must_have_been_offered(operator):
    operator.mappings = mappings("main", "other")
    client = browser(operator)
    page = come_back(client, organisations.allow(begin(client).location, ("North", "South")))
    sons = list(operator.sandbox.world.books)[2]
    choose(client, page, {"main": sons, "nobody": sons})
    assert operator.services.connections.all() == {}


def test_connecting_again_leaves_an_operators_hold(operator):
    operator.connect("North", "South")
    operator.services.gate.hold_all("North", 900)
    client = browser(operator)
    come_back(client, organisations.allow(begin(client).location, ("North",)))
    assert operator.services.gate.wait_seconds("North", "contacts") == pytest.approx(900, abs=5)


def test_connecting_again_ends_the_pause_of_all_organisations_of_the_user(operator):
    operator.connect("North", "South")
    operator.store.set(keys.pause("South", "contacts"), 1, ex=300)
    client = browser(operator)
    come_back(client, organisations.allow(begin(client).location, ("North",)))
    assert not operator.store.exists(keys.pause("South", "contacts"))
    assert operator.store.llen("contacts") == 3  # one for each of the two, and one at once where the pause ended
