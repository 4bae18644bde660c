"""Nothing leaks: secrets and personal data are in no log, alert or message of Celery, whatever goes wrong."""

import base64
import json
import signal
from collections import Counter

import pytest

from segxero.demo import LocalStack
from segxero.store import keys
from tests.support.processes.http_server import Answer, HttpServer, Script
from tests.support.processes.sentry_ingest import PATH, SentryIngest, dsn
from tests.support.processes.waiting import within
from tests.support.segment.shop_events import identify, order

SECRETS = {
    "SEGMENT_BEARER_TOKEN": "marked-bearer-token",
    "XERO_CLIENT_SECRET": "marked-client-secret",
    "SEGXERO_SECRET_KEY": "marked-secret-key-of-segxero",
    "SEGXERO_PASSWORD": "marked-password",
    "LOG_LEVEL": "DEBUG",
}
HOOK = "/hook/marked-hook"
MARK = "Zyxomma"  # in every name and e-mail of this run
QUEUES = ("events", "contacts", "invoices", "tracking", "schedule")
EVENTS = [
    identify("u1", name=f"Ann {MARK}", email=f"ann@{MARK}.example.com", phone="+64 555 9876"),
    identify("u2", name=f"ann {MARK}"),
    identify("u3", name=f"Bo {MARK}", email=f"bo@{MARK}_.example"),
    identify("u4", name=f"Cy {MARK}", email=f"{MARK} without an at"),
    order("L-1", "u1", at=1, email=f"other@{MARK}.example.com"),
    order("L-2", "u1", at=2, total="99.00"),
    order("L-3", "u3", at=3, currency=MARK),
    {"type": "group", "messageId": "no-group", "traits": {"name": f"{MARK} Ltd"}},
    {"type": f"{MARK}", "messageId": "odd"},
]
FAULTS = [
    {"status": 500, "match": {"method": "POST", "path": "/Contacts"}},
    {"lost_answer": True, "match": {"method": "PUT", "path": "/Invoices"}},
    {"element": {"contains": "L-1"}, "message": f"{MARK} is refused.", "match": {"method": "PUT", "path": "/Invoices"}},
]


@pytest.fixture(scope="module")
def sentry():
    """A Sentry and a webhook that keep what they get."""
    ingest = SentryIngest()
    with HttpServer({PATH: ingest, HOOK: Script(Answer())}) as server:
        yield ingest, server


@pytest.fixture(scope="module")
def stack(sentry):
    _, server = sentry
    addresses = {"SENTRY_DSN": dsn(server.url), "ALERT_WEBHOOK_URL": server.url + HOOK}
    with LocalStack(settings={**SECRETS, **addresses}) as running:
        running.wait_ready()
        yield running


@pytest.fixture(scope="module")
def messages(stack):
    """All of Celery's messages after a day in which much goes wrong, as Flower and whoever reads Redis see them."""
    headers = {"Authorization": f"Bearer {SECRETS['SEGMENT_BEARER_TOKEN']}"}
    for fault in FAULTS:
        stack.control("POST", "faults", fault)
    stack.supervisor.kill("worker", signal.SIGSTOP)
    assert stack.post(EVENTS, headers).status_code == 200
    assert stack.post(EVENTS[0], {**headers, "X-Signature": "0" * 40}).status_code == 503
    assert stack.post(EVENTS[0], {"Authorization": f"Bearer {MARK}"}).status_code == 401
    assert stack.post(f'{{"{MARK}": '.encode(), headers).status_code == 400
    found = read(stack)
    stack.supervisor.kill("worker", signal.SIGCONT)
    stack.settle(120)
    assert {letter.key for letter in stack.dead_letters} >= {"u3", "u4", "no-group", "odd"}
    return found + read(stack)


def read(stack):
    lists = [message for queue in QUEUES for message in stack.store.lrange(queue, 0, -1)]
    return lists + stack.store.hvals("unacked")


@pytest.fixture(scope="module")
def troubles(stack, messages, sentry):
    """What a person was told after Redis was away, a connection was refused and a record broke a worker's turn."""
    ingest, server = sentry
    headers = {"Authorization": f"Bearer {SECRETS['SEGMENT_BEARER_TOKEN']}"}
    stack.broker.stop()
    assert stack.post(EVENTS[0], headers).status_code == 503
    stack.broker.start()
    broken = keys.record("main", "Invoice|L-3")
    stack.store.hset(broken, "attempts", MARK)
    stack.store.zadd(keys.outbox("main", "invoices"), {"Invoice|L-3": 0})
    # A refused connection would pause the queue before its turn breaks.
    assert within(60, lambda: "fault" in kinds(ingest)), kinds(ingest)
    stack.control("POST", "faults", {"status": 403, "match": {"method": "POST", "path": "/Contacts"}})
    assert stack.post(identify("u5", name=f"Di {MARK}"), headers).status_code == 200
    wanted = {"dead-letters", "parked", "reconnect", "signature", "fault"}
    assert within(60, lambda: wanted <= kinds(ingest)), kinds(ingest)
    return [received.json["text"] for received in server.requests(HOOK)]


def kinds(ingest):
    return {event["tags"].get("cause", "fault") for event in list(ingest.events)}


def test_a_person_is_told_of_each_cause_once(troubles, sentry):
    ingest, _ = sentry
    events = {event["event_id"]: event for event in ingest.events if event["level"] == "error"}
    issues = Counter(tuple(event["fingerprint"]) for event in events.values())
    assert max(issues.values()) == 1
    assert ("segxero", "", "invoices", "ValueError", "") in issues
    assert len([text for text in troubles if "signed with an unknown secret" in text]) == 1
    assert [text for text in troubles if text.startswith("segxero (main): Xero no longer knows this connection (403)")]
    group = "segxero (main): 1 event waits for a person: Mapping group (contacts.yaml:…): the key is empty"
    assert len([text for text in troubles if text.startswith(group)]) == 1


def test_no_alert_holds_personal_data_or_a_secret(stack, troubles, sentry):
    ingest, _ = sentry
    assert len(ingest.texts) >= 5
    for text in (*ingest.texts, *troubles):
        assert MARK.lower() not in text.lower()
        assert "555 9876" not in text
        assert "marked" not in text
        assert stack.secret not in text


@pytest.fixture
def logs(stack, troubles):
    return {path.name: path.read_text() for path in stack.logs.iterdir()}


def test_no_log_holds_personal_data(logs):
    assert logs.keys() >= {"web.log", "worker.log", "beat.log"}
    assert all(len(text) > 100 for name, text in logs.items() if name in ("web.log", "worker.log"))
    found = [line for text in logs.values() for line in text.splitlines() if MARK.lower() in line.lower()]
    assert found == []
    assert [name for name, text in logs.items() if "555 9876" in text] == []


def test_no_log_holds_a_secret(stack, logs):
    for secret in (stack.secret, *(text for text in SECRETS.values() if text.startswith("marked"))):
        assert [name for name, text in logs.items() if secret in text] == []


def test_no_message_of_celery_holds_more_than_ids(messages):
    assert len([message for message in messages if "workers.events.handle" in message]) >= 7
    for message in messages:
        whole = message + "".join(base64.b64decode(part).decode() for part in _bodies(message))
        assert MARK.lower() not in whole.lower()
        assert "marked" not in whole


def _bodies(message):
    found = json.loads(message)
    inner = found[0] if isinstance(found, list) else found
    return [inner["body"]]


def test_no_secret_lies_in_redis_in_plain_text(stack, messages):
    everything = str([stack.store.dump(key) for key in stack.store.scan_iter("segxero:*")])
    token = stack.store.get(next(iter(stack.store.scan_iter("segxero:token:*"))))
    assert token.startswith("gAAAA")
    assert "marked" not in everything
