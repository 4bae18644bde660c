"""Bad input at every route of the running receiver: it refuses with a sentence, keeps nothing, stays small."""

import itertools
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests.auth import AuthBase

from segxero.processes.broker import EmbeddedBroker
from segxero.segment import signature
from segxero.store import keys
from segxero.telemetry.figures import Counts
from tests.support.people.signing_in import form_token
from tests.support.processes.receiver import ReceiverProcess
from tests.support.segment import receiver_api
from tests.support.segment.bad_bodies import BODIES, MARK, REFUSED
from tests.support.segment.calls import SECRET, an_event, signed, written

WEBHOOK = "/webhooks/segment"
SETTINGS = {
    "SEGXERO_PASSWORD": "password",
    "SEGXERO_SECRET_KEY": "a secret key of the tests",
    "XERO_GRANT": "authorization_code",
    "XERO_CLIENT_ID": "client",
    "XERO_CLIENT_SECRET": "client secret",
    "XERO_IDENTITY_URL": "http://127.0.0.1:1",
}
OPERATOR = ("operator", SETTINGS["SEGXERO_PASSWORD"])
# One sign-in for all calls of a route is what an operator has too.
ONE_SESSION = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
description = receiver_api.load()


class Admitted(AuthBase):
    """Signs a call as Segment does, whatever its body is; on the other routes it is an operator's who has signed in."""

    def __init__(self, url):
        form = {"password": SETTINGS["SEGXERO_PASSWORD"]}
        answer = requests.post(f"{url}/sign-in", data=form, allow_redirects=False, timeout=20)
        self._session = f"segxero={answer.cookies['segxero']}"
        page = requests.get(f"{url}/console", headers={"Cookie": self._session}, timeout=20)
        self._form_token = f"form_token={form_token(page)}".encode()

    def __call__(self, call):
        body = call.body or b""
        body = body.encode() if isinstance(body, str) else body
        if call.path_url.startswith(WEBHOOK):
            call.headers[signature.HEADER] = signature.sign(SECRET, body)
        elif call.path_url.startswith("/metrics"):
            return requests.auth.HTTPBasicAuth(*OPERATOR)(call)
        else:
            call.headers["Cookie"] = f"{self._session}; {call.headers.get('Cookie', '')}"
            if "urlencoded" in call.headers.get("Content-Type", ""):
                call.prepare_body(self._form_token + b"&" + body, None)
        return call


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with EmbeddedBroker(tmp_path_factory.mktemp("broker")) as running:
        yield running


@pytest.fixture(scope="module")
def receiver(broker, tmp_path_factory):
    with ReceiverProcess(broker, tmp_path_factory.mktemp("gunicorn") / "log", **SETTINGS) as running:
        yield running


@pytest.fixture(scope="module")
def session(receiver):
    with requests.Session() as opened:
        opened.trust_env = False
        opened.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=8))
        yield opened


@pytest.fixture
def post(receiver, session):
    def posted(raw, over=None, path=WEBHOOK, **headers):
        given = signed(raw if over is None else over)
        return session.post(
            receiver.url + path, data=raw, headers={**given, **headers}, timeout=20, allow_redirects=False
        )

    return posted


def kept(store):
    """Return what Redis holds, as far as a call may change it."""
    return {
        "inbox": store.hlen(keys.INBOX),
        "woken": store.zcard(keys.INBOX_WOKEN),
        "messages": store.llen("events"),
        "letters": store.llen(keys.DEAD_LETTERS),
        "letter ids": store.scard(keys.DEAD_LETTER_IDS),
        "counts": {name: number for name, number in Counts(store).all().items() if name.startswith("events|")},
    }


def counted(answers):
    """Return what the answers say, as the counters should have it."""
    said = [answer.json() for answer in answers if answer.status_code == 200]
    return {
        "accepted": sum(one["accepted"] for one in said),
        "ignored": sum(one["ignored"] for one in said),
        "rejected": sum(len(one["rejected"]) for one in said),
    }


def in_redis(counts):
    told = {name.removeprefix("events|"): number for name, number in counts.items()}
    ignored = sum(told.get(name, 0) for name in ("ignored", "test", "own"))
    return {"accepted": told.get("accepted", 0), "ignored": ignored, "rejected": told.get("rejected", 0)}


@pytest.fixture
def admitted(receiver):
    # The counts of wrong passwords go with the rest, else nobody would come in after a hundred of them.
    receiver.store.flushall()
    return Admitted(receiver.url)


@description.parametrize()
@settings(max_examples=settings().max_examples // 2, suppress_health_check=ONE_SESSION)
def test_no_call_that_the_description_allows_or_forbids_is_an_error_of_ours(receiver, admitted, case):
    answer = case.call(base_url=receiver.url, auth=admitted, timeout=20, allow_redirects=False)
    assert answer.status_code < 500
    case.validate_response(answer, checks=receiver_api.CONFORMANCE)


def test_any_body_is_taken_as_its_answer_says_or_refused_with_a_sentence(receiver, post):
    receiver.store.flushall()
    operation = receiver_api.operations(description)["POST", WEBHOOK]
    answers = []

    @settings(max_examples=4 * settings().max_examples)
    @given(raw=BODIES, encoding=st.sampled_from(["", "gzip", "deflate", "br", "zstd, gzip", "\xff"]))
    def throw(raw, encoding):
        answer = post(raw, **({"Content-Encoding": encoding} if encoding else {}))
        assert answer.status_code in {200, 400}
        receiver_api.check(operation, answer)
        assert answer.status_code == 200 or MARK not in answer.text
        answers.append(answer)

    throw()
    now = kept(receiver.store)
    assert in_redis(now["counts"]) == counted(answers)
    assert counted(answers)["accepted"] >= now["inbox"] == now["woken"] == now["messages"] > 0
    assert counted(answers)["rejected"] >= now["letters"] == now["letter ids"] > 0


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_body_is_refused_with_a_sentence_that_tells_nothing_and_nothing_is_kept(receiver, post, name):
    before = kept(receiver.store), receiver.store.dbsize()
    began = time.monotonic()
    answer = post(REFUSED[name])
    assert time.monotonic() - began < 3
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/json")
    assert answer.json().keys() == {"message"}
    assert answer.json()["message"].startswith("The body ")
    assert answer.json()["message"].endswith(".")
    assert MARK not in answer.text
    assert (kept(receiver.store), receiver.store.dbsize()) == before


def test_what_is_accepted_ignored_and_rejected_is_in_redis_exactly(receiver, post):
    receiver.store.flushall()
    first = written(an_event(messageId="odd-0"))
    odd = [
        b'{"type":"track","messageId":"odd-1","userId":"\\ud800","properties":{"a":"\\u0000"}}',
        b'{"type":"track","event":"Order Completed","messageId":"odd-2","properties":{"total":1e399,"total":-0.0}}',
        b'{"type":"track","event":"Order Completed","messageId":"odd-3","timestamp":"-9999-01-01"}',
        b'{"type":"page","messageId":"odd-4"}',
        b'{"type":"track","messageId":"segment-test-message-5"}',
        b"7",
        b"[]",
        b'{"type":7,"messageId":"odd-6","traits":{"name":"%s"}}' % MARK.encode(),
        b'{"type":"track","traits":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"type":"track","n":' + b"9" * 10_000 + b"}",
        first,
    ]
    answer = post(b"[" + first + b"," + b",".join(odd) + b"]", over=first)
    said = answer.json()
    assert (answer.status_code, said["accepted"], said["ignored"]) == (200, 4, 3)
    assert [one["index"] for one in said["rejected"]] == [6, 7, 8, 9, 10]
    assert MARK not in answer.text
    now = kept(receiver.store)
    assert (now["inbox"], now["messages"], now["letters"]) == (3, 3, 5)
    assert in_redis(now["counts"]) == {"accepted": 4, "ignored": 3, "rejected": 5}


def test_who_cannot_sign_learns_nothing_of_the_body_and_leaves_nothing(receiver, session):
    before = kept(receiver.store)
    for raw in (*REFUSED.values(), written(an_event(messageId="a stranger's"))):
        answer = session.post(receiver.url + WEBHOOK, data=raw, timeout=20)
        assert answer.status_code == (401 if raw.strip() else 400)
    wrong = session.post(receiver.url + WEBHOOK, data=b"{}", headers={signature.HEADER: "0" * 40}, timeout=20)
    assert (wrong.status_code, wrong.json()["message"]) == (
        503,
        "The signature matches no shared secret configured here.",
    )
    assert kept(receiver.store) == before


ODD_METHODS = ["TRACE", "CONNECT", "PROPFIND", "PATCH", "FOO", "M-SEARCH", "DELETE", "PUT"]
PAGES = ["/xero/connect", "/xero/callback"]
GET_ROUTES = ["/healthz", "/readyz", "/metrics", *PAGES, "/console", "/console/letters/seven", "/sign-in"]
POST_ROUTES = [WEBHOOK, WEBHOOK + "/", "/console/replay", "/console/trace", "/sign-out", "/xero/connections"]


@pytest.mark.parametrize("method", ODD_METHODS)
def test_a_method_that_a_route_does_not_have_is_405_with_those_that_it_has(receiver, session, method):
    for route in (*GET_ROUTES, *POST_ROUTES):
        answer = session.request(method, receiver.url + route, auth=OPERATOR, timeout=20)
        assert (answer.status_code, answer.headers["Content-Type"]) == (405, "application/json"), route
        assert {"GET", "POST"} & set(answer.headers["Allow"].split(", "))
        assert answer.json()["message"]


TRICKS = ["/webhooks/%2e%2e/metrics", "/../metrics", "/webhooks/segment/../../metrics", "/webhooks//segment"]
TRICKS += ["/metrics%00"]
TRICKS += ["/metrics%2f..", "/%6detrics/..", "/webhooks/segment%0d%0aX-A:b", "/%ff%fe", "/%", "/%zz", "/" + "a" * 3000]
TRICKS += ["/static/..%2f..%2fetc/passwd", "/.env", "/openapi.yaml", "/webhooks/segment;a=b", "/webhooks\\segment"]


@pytest.mark.parametrize("path", TRICKS, ids=lambda path: ascii(path[:40]))
def test_a_path_that_is_not_here_is_404_whatever_it_looks_like(receiver, path):
    for method in (b"GET", b"POST"):
        line = method + b" " + path.encode("latin-1") + b" HTTP/1.1\r\n"
        answer = receiver.spoken(line + b"Host: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        statuses = {b"HTTP/1.1 404 ", b"HTTP/1.1 405 "} if b"/static" in line else {b"HTTP/1.1 404 "}
        assert answer[:13] in statuses, answer[:200]


HOSTS = ["[", "[::1", "localhost:99999", "localhost:abc", "a b", "a/b", "a@b", "", "x" * 5000, "\xff", "%00"]
HEADERS = [f"Authorization: Basic{rest}" for rest in (" ====", " \xff", "", " Og==")]
HEADERS += [
    f"Content-Type: {kind}" for kind in ("multipart/form-data", "application/x-www-form-urlencoded; charset=\xff")
]
HEADERS += ["Cookie: segxero_connect=\xff\x01; ;;=", "X-Request-Id: \xff", "X-Signature: \xff", "If-None-Match: \xff"]
HEADERS += ["X-Forwarded-Proto: gopher", "X-Forwarded-For: \xff", "Forwarded: for=;;", "Upgrade: h2c", "Expect: 1"]
HEADERS += ["Accept: ;;;", "Accept-Charset: *;q=x", "Range: bytes=-1"]


def test_no_header_is_an_error_of_ours(receiver):
    lines = [f"Host: {host}" for host in HOSTS] + [f"Host: localhost\r\n{header}" for header in HEADERS]
    credentials = "Authorization: Basic b3BlcmF0b3I6cGFzc3dvcmQ="
    calls = [*(f"GET {path}" for path in GET_ROUTES[1:]), *(f"POST {path}" for path in POST_ROUTES[2:])]
    for line, asked in itertools.product(lines, calls):
        about = [line] if "Authorization" in line else [line, credentials]
        call = "\r\n".join([f"{asked}?state=%ff%00&code=%f0 HTTP/1.1", *about, "Connection: close", "", ""])
        answer = receiver.spoken(call.encode("latin-1"))
        assert answer.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3", b"HTTP/1.1 4")), (line, asked, answer[:200])


BAD_HEADS = {
    "100,000 bytes in one header": b"X-A: " + b"a" * 100_000 + b"\r\n",
    "2,000 headers": b"X-A: b\r\n" * 2000,
    "a header without a colon": b"X-A\r\n",
    "a header with a space before the colon": b"X-A : b\r\n",
    "a folded header": b"X-A: b\r\n c\r\n",
    "a NUL": b"X-A: \x00\r\n",
    "two lengths": b"Content-Length: 2\r\nContent-Length: 3\r\n",
    "a length with a sign": b"Content-Length: +2\r\n",
    "two codings": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    "an unknown coding": b"Transfer-Encoding: xchunked\r\n",
    "a coding behind a tab": b"Transfer-Encoding:\x0bchunked\r\n",
    "a length and a coding": b"Content-Length: 44\r\nTransfer-Encoding: chunked\r\n",
}
HIDDEN = b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize("name", BAD_HEADS)
def test_a_head_that_two_servers_could_read_differently_hides_no_second_call(receiver, name):
    before = kept(receiver.store), receiver.store.get(keys.BROKER_MARK)
    call = b"POST /webhooks/segment HTTP/1.1\r\nHost: x\r\n" + BAD_HEADS[name] + b"\r\n0\r\n\r\n" + HIDDEN
    answer = receiver.spoken(call)
    assert answer.count(b"HTTP/1.1 ") <= 1
    assert answer[:12] in {b"HTTP/1.1 400", b"HTTP/1.1 431", b"HTTP/1.1 501", b""}, answer[:200]
    assert (kept(receiver.store), receiver.store.get(keys.BROKER_MARK)) == before


def test_an_unread_body_is_not_taken_for_the_next_call(receiver):
    hidden = b"POST /webhooks/segment HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
    call = b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(hidden)
    last = b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = receiver.spoken(call + hidden + last)
    statuses = [line.split()[1] for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
    assert statuses in ([b"200"], [b"200", b"404"])


def test_a_body_that_comes_slowly_or_breaks_off_is_kept_whole_or_not_at_all(receiver):
    receiver.store.flushall()
    raw = written(an_event(messageId="slow"))
    head = f"POST {WEBHOOK} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Signature: {signed(raw)['X-Signature']}\r\n"
    chunked = head.encode() + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(raw) + raw
    whole = head.encode() + b"Content-Length: %d\r\n\r\n" % len(raw)
    for broken in (chunked, chunked[:-5], chunked + b"\r\n", chunked + b"\r\n9", whole + raw[:-1], whole):
        assert receiver.spoken(broken)[:12] in {b"HTTP/1.1 400", b""}
    assert receiver.store.hlen(keys.INBOX) == 0
    slowly = [whole, *(raw[at : at + 40] for at in range(0, len(raw), 40))]
    assert b'{"accepted":1' in receiver.spoken(*slowly, pause=0.05)
    assert receiver.store.hlen(keys.INBOX) == 1


def resident(pid):
    """Return the kilobytes of memory that a process holds."""
    (line,) = [text for text in Path(f"/proc/{pid}/status").read_text().splitlines() if text.startswith("VmRSS:")]
    return int(line.split()[1])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell what a process holds")
def test_thousands_of_bad_calls_leave_no_memory_behind(receiver, post):
    small = [raw for raw in REFUSED.values() if len(raw) < 20_000]
    calls = [*small, b'[{"type":"track"},' + b'"' + b"x" * 16_000 + b'",]']

    def throw(number):
        raw = calls[number % len(calls)]
        return post(raw, **{"Content-Encoding": "gzip", "X-Odd": "o" * 4000}).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(throw, range(600))) == {400}
        before = {pid: resident(pid) for pid in receiver.workers()}
        assert set(pool.map(throw, range(3000))) == {400}
    after = {pid: resident(pid) for pid in receiver.workers()}
    assert after.keys() == before.keys()
    assert len(after) == 2
    # Each worker takes about 1,500 calls with 4 KB of headers: if it kept so much as those, it would be 6 MB larger.
    growth = {pid: after[pid] - before[pid] for pid in after}
    assert max(growth.values()) < 4096, growth


def test_without_its_broker_it_asks_for_the_same_again_within_three_seconds(receiver, broker, post, session):
    good = written(an_event(messageId="while the broker is away"))
    assert post(good).status_code == 200
    broker.stop()
    try:
        for raw, status in ((good, 503), (b"[" + good + b",7]", 503), (b'{"no":"type"}', 503), (REFUSED["NaN"], 400)):
            began = time.monotonic()
            assert post(raw).status_code == status
            assert time.monotonic() - began < 3
        # Xero comes back to localhost only, so the pages are asked there.
        here = receiver.url.replace("127.0.0.1", "localhost")
        cookies = {"segxero": "any", "segxero_connect": "any"}
        for path in ("/readyz", "/metrics", "/console", *PAGES):
            answer = session.get(here + path, auth=OPERATOR, cookies=cookies, timeout=20, allow_redirects=False)
            assert answer.status_code == 503, path
    finally:
        broker.start()
    assert post(good).json() == {"accepted": 1, "ignored": 0, "rejected": []}
