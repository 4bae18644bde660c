"""Tokens by consent: one set for a user's organisations, refreshed once for all, and nothing lost with an answer."""

import io
import json
import logging
import subprocess
import sys
import textwrap
import time
import traceback
from dataclasses import replace

import pytest

from segxero.errors import AuthenticationError, RetryableError
from segxero.mapping.model import MappingSet
from segxero.mapping.organisations import Organisation
from segxero.sandbox import LocalSandbox, SandboxOptions
from segxero.store import keys
from segxero.telemetry import logs
from segxero.xero.api.request import Request
from tests.support.set_ups.fake_services import some_mappings
from tests.support.xero.consents import KEY, SECRET, Operator, environment

NAMES = ("North", "South", "West")
READ = Request(method="GET", path="/Contacts")


class Clock:
    """The sandbox's clock: the real one, moved on."""

    ahead = 0.0

    def __call__(self):
        return time.time() + self.ahead


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def operator(redis_store, clock):
    organisations = {name: Organisation(name=name, sources=(name,)) for name in NAMES}
    mappings = MappingSet(mappings=some_mappings().mappings, tables={}, organisations=organisations, version="1")
    with LocalSandbox(SandboxOptions(organisations=NAMES, clock=clock)) as sandbox:
        yield Operator(sandbox, redis_store, mappings)


def access(operator, organisation="North", stale=""):
    return operator.services.tokens.access(organisation, stale)


def user(operator):
    return operator.services.connections.of("North").user


def held(operator):
    return operator.services.token_sets.load(user(operator))


def test_the_consent_asks_for_the_least_scopes_and_a_refresh_token_with_state_and_pkce(operator):
    address, asked = operator.services.connecting.consent.begin("https://shop.example/xero/callback")
    assert address.startswith(f"{operator.sandbox.url}/identity/connect/authorize?response_type=code&client_id=client&")
    assert "scope=accounting.contacts+offline_access&" in address
    assert f"state={asked.state}" in address
    assert "code_challenge_method=S256" in address
    assert asked.verifier not in address
    assert len(asked.verifier) == 64
    assert asked.state not in repr(asked)


def test_a_users_organisations_share_one_token_set_and_each_call_names_its_tenant(operator):
    assert operator.connect(*NAMES) == list(NAMES)
    accesses = [access(operator, name) for name in NAMES]
    assert len({one.token for one in accesses}) == 1
    tenants = [one.tenant for one in accesses]
    assert tenants == list(operator.sandbox.world.books)
    assert accesses[1].headers["xero-tenant-id"] == tenants[1]
    client = operator.services.deliverer.xero
    for name in NAMES:
        client.call(name, READ)
    seen = [call.tenant for call in operator.calls("/api.xro/2.0/Contacts")]
    assert seen == tenants


def test_an_organisation_that_is_not_connected_says_so_and_no_call_is_made(operator):
    operator.connect("North")
    with pytest.raises(AuthenticationError, match=r"^South is not connected to Xero yet; "):
        operator.services.deliverer.xero.call("South", READ)
    assert operator.calls("/api.xro/2.0/Contacts") == []


def test_further_consents_of_the_same_user_add_organisations_and_lose_none(operator):
    assert [operator.connect(name) for name in ("North", "South")] == [["North"], ["North", "South"]]
    assert access(operator, "North").token == access(operator, "South").token
    assert len(list(operator.store.scan_iter(f"{keys.TOKENS}*"))) == 1


def test_a_token_is_refreshed_ahead_of_time_with_the_refresh_token_rotated(operator, clock):
    operator.connect("North")
    before = held(operator)
    shorten(operator, 119)
    after = access(operator)
    assert after.token != before.access
    assert (held(operator).previous, held(operator).refresh != before.refresh) == (before.refresh, True)
    assert operator.refreshes() == 1
    assert access(operator) == after
    assert operator.refreshes() == 1


def shorten(operator, seconds):
    """Let the access token expire in *seconds*, for our eyes."""
    sets, current = operator.services.token_sets, held(operator)
    values = {name: getattr(current, name) for name in current.__slots__}
    sets.save(user(operator), type(current)(**{**values, "expires_at": sets.now() + seconds}))


def test_a_401_refreshes_once_and_the_call_is_made_again(operator):
    operator.connect("North")
    with operator.sandbox.world.lock:
        operator.sandbox.world.tokens.expire_access(time.time())
    assert "Contacts" in operator.services.deliverer.xero.call("North", READ)
    assert [call.status for call in operator.calls("/api.xro/2.0/Contacts")] == [401, 200]
    assert operator.refreshes() == 1


def test_a_lost_answer_to_a_refresh_costs_nothing(operator, clock):
    operator.connect("North")
    old = held(operator)
    with operator.sandbox.world.lock:
        operator.sandbox.world.faults.add({"lost_answer": True, "match": {"path": "/connect/token"}})
    with pytest.raises(RetryableError, match=r"^Xero's token endpoint does not answer \(ConnectionError\)$"):
        access(operator, stale=old.access)
    assert held(operator) == old
    clock.ahead += 1700
    assert access(operator, stale=old.access).token != old.access
    assert operator.refreshes() == 2


CRASH = """
    import os, sys
    from segxero.xero.access.token_sets import TokenSets
    from segxero.services import Services
    from segxero.settings import Settings
    from segxero.store.client import connect
    from segxero.xero.access.connections import Connections
    from segxero.xero.access.encryption import Cipher
    from segxero.xero.access.token_endpoint import TokenEndpoint
    from segxero.xero.access.tokens import Tokens

    class Dying(TokenSets):
        def save(self, user, token_set):
            os.kill(os.getpid(), 9)

    settings = Settings.from_env()
    store = connect(settings.redis_url)
    cipher = Cipher(settings.segxero_secret_key)
    sets = (Dying if sys.argv[1] == "crash" else TokenSets)(store, settings.xero_client_id, cipher)
    tokens = Tokens(sets, TokenEndpoint(settings), Connections(store), lambda: (), by_consent=True)
"""


def process(operator, redis_url, program, *arguments):
    env = {**environment(operator.sandbox.url), "REDIS_URL": redis_url}
    text = textwrap.dedent(CRASH) + textwrap.dedent(program)
    return subprocess.run(
        [sys.executable, "-c", text, *arguments], env=env, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_crash_between_xeros_answer_and_our_store_costs_nothing(operator, redis_url):
    operator.connect("North")
    old = held(operator)
    ended = process(operator, redis_url, "tokens.access('North', sys.argv[2])", "crash", old.access)
    assert (ended.returncode, operator.refreshes(), held(operator)) == (-9, 1, old)
    operator.store.delete(f"{keys.token('client', user(operator))}:lock")  # its 45 seconds are over
    assert access(operator, stale=old.access).token != old.access
    assert operator.refreshes() == 2


def test_a_refresh_that_was_stored_before_another_is_made_good_within_the_grace(operator):
    """Redis lost its last second, or an older answer overtook a newer one: the token before the last still works."""
    operator.connect("North")
    first = held(operator).access
    access(operator, stale=first)
    current = held(operator)
    with operator.sandbox.world.lock:
        del operator.sandbox.world.tokens._refresh[current.refresh]
    assert access(operator, stale=current.access).token not in (first, current.access)
    assert operator.refreshes() == 3


def test_the_refresh_token_before_the_last_is_not_tried_after_thirty_minutes(operator):
    operator.connect("North")
    access(operator, stale=held(operator).access)
    current = held(operator)
    # A minute less than Xero's half hour, which begins at Xero's own moment.
    assert float(current.previous_until) == pytest.approx(operator.services.token_sets.now() + 29 * 60, abs=10)
    with operator.sandbox.world.lock:
        del operator.sandbox.world.tokens._refresh[current.refresh]
    late = replace(current, previous_until=operator.services.token_sets.now() - 1)
    operator.services.token_sets.save(user(operator), late)
    with pytest.raises(AuthenticationError, match="no longer accepts the consent"):
        access(operator, stale=current.access)
    assert held(operator).refused
    assert operator.refreshes() == 2


MANY = """
    go, tell = os.pipe()
    for _ in range(50):
        if os.fork() == 0:
            os.close(tell)
            os.read(go, 1)
            store.connection_pool.reset()
            print(tokens.access("North", sys.argv[2]).token[-8:], flush=True)
            os._exit(0)
    os.close(tell)
    for _ in range(50):
        os.wait()
"""


def test_fifty_processes_that_all_see_an_expired_token_make_one_refresh(operator, redis_url):
    operator.connect("North")
    old = held(operator)
    with operator.sandbox.world.lock:
        operator.sandbox.world.tokens.expire_access(time.time())
    ended = process(operator, redis_url, MANY, "many", old.access)
    assert ended.stderr == ""
    found = ended.stdout.split()
    assert (len(found), set(found)) == (50, {held(operator).access[-8:]})
    assert operator.refreshes() == 1


def test_a_refused_refresh_is_asked_once_and_concerns_all_organisations_of_the_user(operator, clock):
    operator.connect("North", "South")
    clock.ahead += 61 * 86_400
    stale = held(operator).access
    for name in ("North", "South", "North"):
        with pytest.raises(AuthenticationError) as caught:
            access(operator, name, stale)
        assert str(caught.value) == (
            "Xero no longer accepts the consent of the user who connected North, South; "
            "connect again: /xero/connect of the receiver, or `segxero connect`"
        )
        assert caught.value.shared == f"user:{user(operator)}"
    assert operator.refreshes() == 1
    operator.connect("North", "South")
    assert "Contacts" in operator.services.deliverer.xero.call("South", READ)


def test_a_token_set_is_idle_after_a_week_so_that_xero_does_not_forget_its_refresh_token(operator):
    operator.connect("North")
    shorten(operator, -7 * 86_400 + 60)
    assert not operator.services.tokens.is_idle("North")
    shorten(operator, -7 * 86_400 - 60)
    tokens = operator.services.tokens
    assert [tokens.is_idle(name) for name in ("North", "South")] == [True, False]
    tokens.access("North")
    assert not tokens.is_idle("North")
    assert operator.refreshes() == 1


def test_an_endpoint_in_trouble_refuses_nobody(operator):
    operator.connect("North")
    old = held(operator)
    with operator.sandbox.world.lock:
        operator.sandbox.world.faults.add({"status": 503, "match": {"path": "/connect/token"}})
    with pytest.raises(RetryableError, match="answered 503"):
        access(operator, stale=old.access)
    assert held(operator) == old


def test_another_answer_than_the_one_that_was_asked_for_connects_nothing(operator):
    consent = operator.services.connecting.consent
    _, asked = consent.begin("http://localhost/xero/callback")
    for answer in ({"code": "x", "state": "other"}, {"code": "x"}, {"error": "access_denied", "state": asked.state}):
        with pytest.raises(AuthenticationError):
            consent.finish(asked, answer)
    assert operator.calls("/connect/token") == []
    assert list(operator.store.scan_iter("segxero:*")) == []


def test_a_missing_scope_is_named_before_the_first_event(operator):
    connecting = operator.services.connecting
    address, asked = connecting.consent.begin("http://localhost/xero/callback")
    from segxero.demo import organisations

    narrow = address.replace("accounting.contacts+offline_access", "offline_access")
    offer = connecting.consent.finish(asked, organisations.allow(narrow, NAMES))
    assert offer.missing == ("accounting.contacts",)


def test_nothing_leaks_no_token_stands_in_redis_logs_or_tracebacks(operator, clock):
    stream = io.StringIO()
    logs.configure("DEBUG", stream)
    logging.getLogger("segxero").debug("this is written")
    try:
        operator.connect(*NAMES)
        first = held(operator)
        access(operator, stale=first.access)
        second = held(operator)
        clock.ahead += 61 * 86_400
        with pytest.raises(AuthenticationError) as caught:
            access(operator, stale=second.access)
        texts = [stream.getvalue(), "".join(traceback.format_exception(caught.value)), repr([first, second])]
    finally:
        logging.basicConfig(force=True, level=logging.WARNING)
    everything = str([operator.store.dump(key) for key in operator.store.scan_iter("*")])
    secrets = [SECRET, KEY, first.access, first.refresh, second.access, second.refresh]
    assert "this is written" in stream.getvalue()
    for secret in secrets:
        assert [text for text in (*texts, everything) if secret in text] == []


def test_keys_are_rotated_once_for_everything_and_the_old_one_can_go(operator):
    operator.connect(*NAMES)
    operator.store.set(keys.consent("x"), operator.services.cipher.seal(json.dumps({})), ex=600)
    token = access(operator).token
    operator.changes = {"SEGXERO_SECRET_KEY": f"another key of the tests,{KEY}"}
    done = [operator.services.token_sets.rotate() for _ in range(2)]
    assert [(one.renewed, one.current, one.unreadable) for one in done] == [(2, 0, []), (0, 2, [])]
    assert 590 < operator.store.ttl(keys.consent("x")) <= 600
    operator.changes = {"SEGXERO_SECRET_KEY": "another key of the tests"}
    assert access(operator).token == token
    operator.changes = {"SEGXERO_SECRET_KEY": "a third key of the tests"}
    assert len(operator.services.token_sets.rotate().unreadable) == 2
    operator.changes = {"SEGXERO_SECRET_KEY": "another key of the tests"}
    assert access(operator).token == token
