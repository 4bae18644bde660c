"""The client: what goes over the wire, what a lost answer means, and what it costs of the budget."""

import time
from decimal import Decimal

import pytest
from redis.exceptions import LockNotOwnedError

from segxero.errors import (
    ENDPOINT,
    ORGANISATION,
    AuthenticationError,
    RetryableError,
    UncertainError,
    XeroValidationError,
)
from segxero.store import keys
from segxero.telemetry.figures import Counts
from segxero.xero.api.budget import Budget, BudgetError, Limits
from segxero.xero.api.client import TIMEOUT, XeroClient
from segxero.xero.api.request import Request
from tests.support.processes.http_server import Answer, free_port
from tests.support.xero.server import OK, make_tokens, xero_settings

ORG = "main"
READ = Request(method="GET", path="/Contacts", params={"where": 'ContactNumber=="ü & 1"'}, headers={"X-Ours": "1"})
WRITE = Request(
    method="PUT",
    path="/Invoices",
    params={"summarizeErrors": "false"},
    body={"Invoices": [{"Total": Decimal("27.50"), "Quantity": Decimal(3), "Name": "Zoë"}]},
)
EXPIRED = Answer(status=401, body={"Detail": "TokenExpired: token expired at 09/24/2021 08:23:47"})
LIMIT = Answer(status=429, headers={"Retry-After": "26", "X-Rate-Limit-Problem": "minute", "X-MinLimit-Remaining": "0"})


@pytest.fixture
def budget(redis_store):
    return Budget(redis_store, 1000)


@pytest.fixture
def make(redis_store, xero_server, budget):
    def client(url="", **options):
        settings = xero_settings(xero_server.url)
        tokens = make_tokens(redis_store, settings, "accounting.contacts")
        return XeroClient(url or settings.xero_api_url, tokens, budget, Counts(redis_store), **options)

    return client


def leases(store):
    return store.zcard(f"{keys.budget(ORG)}:leases")


def test_a_write_carries_exactly_these_headers_and_this_body(make, xero_server):
    make().call(ORG, WRITE, idempotency_key="main-f1")
    (received,) = xero_server.calls
    assert (received.method, received.path) == ("PUT", "/api.xro/2.0/Invoices")
    assert received.query == {"summarizeErrors": "false"}
    assert received.headers["Authorization"] == "Bearer token-1"
    assert received.headers["Accept"] == "application/json"
    assert received.headers["Content-Type"] == "application/json"
    assert received.headers["Idempotency-Key"] == "main-f1"
    assert received.body.decode() == '{"Invoices":[{"Total":27.50,"Quantity":3,"Name":"Zoë"}]}'


def test_a_custom_connections_calls_name_no_tenant(make, xero_server):
    make().call(ORG, WRITE)
    assert "xero-tenant-id" not in {name.lower() for name in xero_server.calls[0].headers}


def test_a_read_has_neither_body_nor_content_type_nor_idempotency_key(make, xero_server):
    make().call(ORG, READ)
    (received,) = xero_server.calls
    assert received.body == b""
    assert received.headers["Content-Type"] is None
    assert received.headers["Idempotency-Key"] is None
    assert received.headers["X-Ours"] == "1"
    assert received.query == {"where": 'ContactNumber=="ü & 1"'}


def test_the_answers_decimals_are_exact(make, xero_server):
    xero_server.api.then(Answer(body='{"Invoices":[{"Total":0.1,"Sub":12345678901234.56}]}'))
    (invoice,) = make().call(ORG, READ)["Invoices"]
    assert invoice == {"Total": Decimal("0.1"), "Sub": Decimal("12345678901234.56")}


def test_the_time_outs_are_shorter_than_herokus_thirty_seconds():
    assert sum(TIMEOUT) < 25


def test_a_good_answer_gives_the_lease_back_and_is_counted(make, redis_store):
    make().call(ORG, WRITE)
    make().call(ORG, READ)
    assert leases(redis_store) == 0
    assert Counts(redis_store).all() == {f"calls|{ORG}|write|200": 1, f"calls|{ORG}|read|200": 1}


def test_the_headers_of_every_answer_are_learnt_also_of_a_refusal(make, xero_server, budget):
    xero_server.api.then(Answer(status=400, body={"Message": "no"}, headers={"X-DayLimit-Remaining": "7"}))
    with pytest.raises(XeroValidationError):
        make().call(ORG, WRITE)
    assert budget.calls_left(ORG).day == 7


@pytest.mark.parametrize(
    ("answer", "write_error"),
    [
        (Answer(delay=0.6), UncertainError),
        (Answer(drop=True), UncertainError),
        (Answer(body={"Status": "OK"}, cut=True), UncertainError),
    ],
)
def test_never_twice_a_lost_answer_to_a_write_is_uncertain_and_keeps_its_lease(
    make, xero_server, redis_store, answer, write_error
):
    xero_server.api.then(answer)
    with pytest.raises(write_error, match=r"^Xero's answer is lost \(\w+\)$"):
        make(timeout=(1, 0.2)).call(ORG, WRITE)
    assert leases(redis_store) == 1
    assert len(xero_server.calls) == 1
    assert Counts(redis_store).all() == {f"calls|{ORG}|write|lost": 1}


@pytest.mark.parametrize("answer", [Answer(delay=0.6), Answer(drop=True)])
def test_a_lost_answer_to_a_read_is_asked_for_again(make, xero_server, answer):
    xero_server.api.then(answer)
    with pytest.raises(RetryableError) as caught:
        make(timeout=(1, 0.2)).call(ORG, READ)
    assert type(caught.value) is RetryableError


def test_a_refused_connection_sent_nothing_and_gives_its_lease_back(make, redis_store):
    with pytest.raises(RetryableError) as caught:
        make(url=f"http://127.0.0.1:{free_port()}").call(ORG, WRITE)
    assert type(caught.value) is RetryableError
    assert str(caught.value) == "Xero cannot be reached (ConnectionError)"
    assert leases(redis_store) == 0
    assert Counts(redis_store).all() == {f"calls|{ORG}|write|unreachable": 1}


def test_an_unknown_host_sent_nothing_and_gives_its_lease_back(make, redis_store):
    with pytest.raises(RetryableError) as caught:
        make(url="http://xero.invalid").call(ORG, WRITE)
    assert type(caught.value) is RetryableError
    assert leases(redis_store) == 0


def test_a_connection_that_nobody_takes_sent_nothing(make, redis_store):
    # An address of the network that is kept for documentation: packets to it go nowhere.
    begun = time.monotonic()
    with pytest.raises(RetryableError) as caught:
        make(url="http://192.0.2.1", timeout=(0.2, 1)).call(ORG, WRITE)
    assert type(caught.value) is RetryableError
    assert time.monotonic() - begun < 5
    assert leases(redis_store) == 0


def test_an_expired_token_is_replaced_once(make, xero_server):
    xero_server.api.then(EXPIRED, OK)
    make().call(ORG, WRITE, idempotency_key="k")
    assert [call.headers["Authorization"] for call in xero_server.calls] == ["Bearer token-1", "Bearer token-2"]
    assert [call.headers["Idempotency-Key"] for call in xero_server.calls] == ["k", "k"]
    assert len({call.body for call in xero_server.calls}) == 1


def test_a_token_that_is_refused_again_is_not_replaced_a_second_time(make, xero_server):
    xero_server.api.then(EXPIRED)
    with pytest.raises(RetryableError, match="token has expired"):
        make().call(ORG, WRITE)
    assert len(xero_server.calls) == 2
    assert len(xero_server.tokens.asked) == 2


def test_a_missing_scope_is_not_cured_by_a_new_token(make, xero_server):
    xero_server.api.then(Answer(status=401, body={"Detail": "AuthorizationUnsuccessful"}))
    with pytest.raises(AuthenticationError):
        make().call(ORG, WRITE)
    assert len(xero_server.calls) == 1


def test_a_429_stops_all_calls_for_as_long_as_xero_says(make, xero_server):
    xero_server.api.then(LIMIT)
    client = make()
    with pytest.raises(RetryableError) as caught:
        client.call(ORG, WRITE)
    assert caught.value.retry_after == 26.0
    with pytest.raises(BudgetError) as blocked:
        client.call(ORG, READ)
    assert blocked.value.reason == "retry-after"
    assert 25 < blocked.value.retry_after <= 26
    assert len(xero_server.calls) == 1


def test_without_budget_nothing_is_sent(make, xero_server, budget):
    for _ in range(60):
        budget.observe(ORG, budget.acquire(ORG), Limits())
    with pytest.raises(BudgetError):
        make().call(ORG, WRITE)
    assert xero_server.calls == []


def test_xero_is_never_followed_elsewhere(make, xero_server):
    xero_server.api.then(Answer(status=302, headers={"Location": f"{xero_server.url}/api.xro/2.0/Other"}))
    with pytest.raises(UncertainError):
        make().call(ORG, WRITE)
    assert [call.path for call in xero_server.calls] == ["/api.xro/2.0/Invoices"]


def test_nothing_leaks_no_error_holds_the_token_or_the_body(make, xero_server):
    for answer in (Answer(drop=True), Answer(status=500), EXPIRED, Answer(status=400, body={"Message": "no"})):
        xero_server.api.then(answer)
        with pytest.raises(Exception, match=r".") as caught:
            make().call(ORG, WRITE)
        assert "token-" not in repr(caught.value)
        assert "Zoë" not in repr(caught.value)
        assert caught.value.__suppress_context__ or caught.value.__context__ is None or answer is EXPIRED


# The last look, right before a body is sent.


def no_longer_ours():
    raise LockNotOwnedError("another turn has begun")


def test_never_twice_a_call_that_fails_its_last_look_never_becomes_one(make, redis_store, xero_server):
    with pytest.raises(LockNotOwnedError):
        make().call(ORG, WRITE, "key", no_longer_ours)
    # Its head may have arrived, its body has not.
    for received in xero_server.calls:
        assert len(received.body) < int(received.headers["Content-Length"])
    assert leases(redis_store) == 0


def test_the_last_look_is_taken_once_for_each_body_and_not_for_a_read(make, xero_server):
    looks = []
    client = make()
    client.call(ORG, WRITE, "key", lambda: looks.append("write"))
    client.call(ORG, READ, last_look=lambda: looks.append("read"))
    assert looks == ["write"]
    assert [received.body.decode() for received in xero_server.calls] == [
        '{"Invoices":[{"Total":27.50,"Quantity":3,"Name":"Zoë"}]}',
        "",
    ]
    assert xero_server.calls[0].headers["Content-Length"] == str(len(xero_server.calls[0].body))
    assert xero_server.calls[0].headers["Transfer-Encoding"] is None


def test_the_last_look_is_taken_again_when_the_token_had_expired(make, xero_server):
    looks = []
    xero_server.api.then(EXPIRED, OK)
    make().call(ORG, WRITE, "key", lambda: looks.append("write"))
    assert looks == ["write", "write"]


@pytest.mark.parametrize(
    ("answer", "down"),
    [
        (Answer(status=500, body="{}"), ENDPOINT),
        (Answer(drop=True), ENDPOINT),
        (Answer(status=503, body="The Organisation is offline"), ORGANISATION),
        (Answer(status=503, body="The Xero API is currently offline for maintenance"), ORGANISATION),
        (LIMIT, ""),
    ],
    ids=["500", "reset", "offline", "maintenance", "429"],
)
def test_an_outage_is_told_from_a_limit(make, xero_server, answer, down):
    xero_server.api.then(answer)
    with pytest.raises(RetryableError) as caught:
        make().call(ORG, WRITE)
    assert caught.value.down == down


def test_a_host_that_nobody_knows_and_a_token_that_nobody_gives_are_outages(make, xero_server):
    xero_server.tokens.next_answer = Answer(status=503)
    with pytest.raises(RetryableError) as caught:
        make().call(ORG, WRITE)
    assert caught.value.down == ORGANISATION
    xero_server.tokens.next_answer = None
    with pytest.raises(RetryableError) as caught:
        make("http://xero.invalid").call(ORG, WRITE)
    assert caught.value.down == ORGANISATION
