"""Tokens: minted once for all, encrypted at rest, replaced when they are stale."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from segxero.errors import AuthenticationError, RetryableError
from segxero.store import keys
from segxero.store.client import connect
from segxero.xero.access.tokens import EARLY_SECONDS
from tests.support.processes.http_server import Answer, free_port
from tests.support.xero.server import CLIENT, KEY, SECRET, make_tokens, xero_settings

SCOPES = ("accounting.contacts", "accounting.invoices")
TOKEN_KEY = keys.token(CLIENT)


def make(store, server, **environment):
    return make_tokens(store, xero_settings(server.url, **environment), *SCOPES)


def ask(tokens, stale=""):
    return tokens.access("main", stale).token


def oauth_error(status, error):
    return Answer(status=status, body={"error": error}, headers={"Content-Type": "application/json"})


def test_a_token_is_asked_for_with_the_least_scopes_and_basic_authentication(redis_store, xero_server):
    assert ask(make(redis_store, xero_server)) == "token-1"
    assert xero_server.tokens.asked == [
        {
            "grant_type": "client_credentials",
            "scope": "accounting.contacts accounting.invoices",
            "user": CLIENT,
            "password": SECRET,
        }
    ]


def test_the_secret_stands_in_no_body(redis_store, xero_server):
    ask(make(redis_store, xero_server))
    assert SECRET.encode() not in xero_server.server.received[0].body


def test_a_good_token_is_not_asked_for_again_by_any_process(redis_store, xero_server):
    assert [ask(make(redis_store, xero_server)) for _ in range(3)] == ["token-1"] * 3
    assert len(xero_server.tokens.asked) == 1


def test_nothing_leaks_the_token_is_encrypted_at_rest(redis_store, xero_server):
    ask(make(redis_store, xero_server))
    found = {key: redis_store.dump(key) if redis_store.type(key) != "string" else "" for key in redis_store.keys("*")}
    texts = [redis_store.get(key) for key in found if redis_store.type(key) == "string"]
    assert TOKEN_KEY in found
    assert not any("token-1" in text or SECRET in text for text in texts)
    assert not any("token-1" in key for key in found)


def test_twenty_threads_make_one_refresh(redis_url, redis_store, xero_server):
    xero_server.tokens.delay = 0.2
    start = threading.Barrier(20)

    def one(_):
        with connect(redis_url) as client:
            tokens = make(client, xero_server)
            start.wait()
            return ask(tokens)

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(one, range(20))) == {"token-1"}
    assert len(xero_server.tokens.asked) == 1


def test_a_stale_token_is_replaced_once_for_all(redis_url, redis_store, xero_server):
    ask(make(redis_store, xero_server))

    def one(_):
        with connect(redis_url) as client:
            return ask(make(client, xero_server), "token-1")

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(one, range(8))) == {"token-2"}
    assert len(xero_server.tokens.asked) == 2


def test_a_token_is_renewed_before_it_expires(redis_store, xero_server):
    xero_server.tokens.expires_in = EARLY_SECONDS - 1
    tokens = make(redis_store, xero_server)
    assert [ask(tokens), ask(tokens)] == ["token-1", "token-2"]
    xero_server.tokens.expires_in = EARLY_SECONDS + 60
    assert [ask(tokens), ask(tokens)] == ["token-3", "token-3"]


def test_a_token_without_a_time_is_taken_for_xeros_half_hour(redis_store, xero_server):
    xero_server.tokens.expires_in = None
    tokens = make(redis_store, xero_server)
    assert [ask(tokens), ask(tokens)] == ["token-1", "token-1"]


def test_a_scope_that_the_mappings_need_anew_gets_a_new_token_for_a_custom_connection(redis_store, xero_server):
    settings = xero_settings(xero_server.url)
    assert ask(make_tokens(redis_store, settings, *SCOPES)) == "token-1"
    more = make_tokens(redis_store, settings, *SCOPES, "accounting.attachments")
    assert [ask(more), ask(more)] == ["token-2", "token-2"]
    assert xero_server.tokens.asked[1]["scope"] == "accounting.contacts accounting.invoices accounting.attachments"


@pytest.mark.parametrize("scope", ["accounting.contacts accounting.invoices accounting.settings openid", ""])
def test_more_scopes_than_asked_for_are_fine(redis_store, xero_server, scope):
    xero_server.tokens.scope = scope
    tokens = make(redis_store, xero_server)
    assert [ask(tokens), ask(tokens)] == ["token-1", "token-1"]


def test_a_rotated_key_still_reads_the_token_and_the_next_one_uses_the_new_key(redis_store, xero_server):
    old, new = KEY, "another key of the tests"
    assert ask(make(redis_store, xero_server, SEGXERO_SECRET_KEY=old)) == "token-1"
    rotating = make(redis_store, xero_server, SEGXERO_SECRET_KEY=f"{new},{old}")
    assert ask(rotating) == "token-1"
    assert ask(rotating, "token-1") == "token-2"
    assert ask(make(redis_store, xero_server, SEGXERO_SECRET_KEY=new)) == "token-2"
    assert len(xero_server.tokens.asked) == 2


def test_a_token_that_no_key_reads_is_minted_again(redis_store, xero_server):
    ask(make(redis_store, xero_server))
    assert ask(make(redis_store, xero_server, SEGXERO_SECRET_KEY="a quite different key")) == "token-2"


@pytest.mark.parametrize("broken", ["", "not a token", "gAAAAA"])
def test_a_damaged_token_is_minted_again(redis_store, xero_server, broken):
    redis_store.set(TOKEN_KEY, broken)
    assert ask(make(redis_store, xero_server)) == "token-1"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, "invalid_grant"),
        (400, "invalid_client"),
        (401, "invalid_client"),
        (400, "invalid_scope"),
        (400, "unauthorized_client"),
    ],
)
def test_a_refused_grant_needs_a_person(redis_store, xero_server, status, error):
    xero_server.tokens.next_answer = oauth_error(status, error)
    with pytest.raises(AuthenticationError) as caught:
        ask(make(redis_store, xero_server))
    assert str(caught.value) == (
        f"Xero gives no token ({error}); check XERO_CLIENT_ID, XERO_CLIENT_SECRET and the scopes of the app"
    )
    assert not redis_store.exists(TOKEN_KEY)
    xero_server.tokens.next_answer = None
    assert ask(make(redis_store, xero_server)) == "token-1"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=500, body="oops"),
        Answer(status=502, body="<html>Bad Gateway</html>"),
        Answer(status=503, body=""),
        Answer(status=429, body="", headers={"Retry-After": "5"}),
        Answer(status=500, body={"error": "server_error"}, headers={"Content-Type": "application/json"}),
        Answer(status=200, body="not json"),
        Answer(status=200, body={"token_type": "Bearer"}),
        Answer(status=200, body=[]),
        Answer(drop=True),
    ],
)
def test_an_endpoint_in_trouble_is_asked_again_later(redis_store, xero_server, answer):
    xero_server.tokens.next_answer = answer
    with pytest.raises(RetryableError, match=r"^Xero's token endpoint "):
        ask(make(redis_store, xero_server))


def test_an_endpoint_that_nobody_answers_is_asked_again_later(redis_store):
    tokens = make_tokens(redis_store, xero_settings(f"http://127.0.0.1:{free_port()}"), *SCOPES)
    with pytest.raises(RetryableError, match=r"^Xero's token endpoint does not answer \(ConnectionError\)$"):
        ask(tokens)


def test_a_failed_refresh_frees_the_lock(redis_store, xero_server):
    xero_server.tokens.next_answer = Answer(status=500)
    for _ in range(2):
        with pytest.raises(RetryableError):
            ask(make(redis_store, xero_server))
    assert redis_store.keys(f"{TOKEN_KEY}*") == []
