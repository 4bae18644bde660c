"""POST /webhooks/segment from body to answer, and what is in Redis afterwards."""

import hashlib
import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from segxero.receiver import create_app
from segxero.segment import signature
from segxero.segment.write_back import WrittenBack
from segxero.services import Services
from segxero.sync.folding.inbox import arrival_id
from tests.support.segment.calls import SECRET, an_event, signed, written
from tests.support.set_ups.fake_services import make_services, server_of

PATH = "/webhooks/segment"


@pytest.fixture
def services() -> Services:
    return make_services()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def send(client: FlaskClient, raw: bytes, over: bytes | None = None) -> TestResponse:
    return client.post(PATH, data=raw, headers=signed(raw if over is None else over))


def answer(accepted: int = 0, ignored: int = 0, rejected: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {"accepted": accepted, "ignored": ignored, "rejected": list(rejected)}


def held(services: Services) -> list[str]:
    """The raw texts in the inbox, oldest first."""
    return [services.inbox.find(name).event for name in services.redis.hkeys("segxero:inbox")]


def test_one_event_is_kept_as_it_came(client, services):
    raw = '{"type":"track", "messageId":"m1","properties":{"total":1e+21,"x":"\\ud800 ö \u2028"}}'.encode()
    got = send(client, raw)
    assert (got.status_code, got.json) == (200, answer(accepted=1))
    arrival = services.inbox.find(arrival_id("segment", "m1"))
    assert arrival.event.encode() == raw
    assert (arrival.organisation, arrival.endpoint, arrival.message_id) == ("main", "segment", "m1")
    assert services.redis.llen("events") == 1


def test_the_path_with_a_trailing_slash_is_the_same(client, services):
    raw = written(an_event())
    assert client.post(PATH + "/", data=raw, headers=signed(raw)).json == answer(accepted=1)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/webhooks//segment", 404), ("//webhooks/segment", 404), (PATH + "//", 404), ("/webhooks", 404), ("/", 405)],
)
def test_no_path_is_redirected(client, path, status):
    raw = written(an_event())
    assert client.post(path, data=raw, headers=signed(raw)).status_code == status


@pytest.mark.parametrize("path", [PATH, PATH + "/"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_only_post_is_allowed(client, path, method):
    got = client.open(path, method=method)
    assert (got.status_code, got.headers["Allow"]) == (405, "POST")


def test_a_batch_signed_over_its_first_event_is_kept(client, services):
    first = written(an_event())
    got = send(client, b"[" + first + b"," + written(an_event(messageId="m2")) + b"]", over=first)
    assert (got.status_code, got.json) == (200, answer(accepted=2))
    assert services.redis.hlen("segxero:inbox") == 2


def test_a_batch_signed_as_a_whole_is_kept(client):
    raw = b"[" + written(an_event()) + b"," + written(an_event(messageId="m2")) + b"]"
    assert send(client, raw).json == answer(accepted=2)


def test_a_batch_of_one_is_kept(client):
    first = written(an_event())
    assert send(client, b"[" + first + b"]", over=first).json == answer(accepted=1)


def test_an_empty_batch_is_fine(client):
    assert send(client, b"[]").json == answer()


def test_wrapped_events_are_kept_without_their_wrappers(client, services):
    first, second = written(an_event()), written(an_event(messageId="m2"))
    got = send(client, b'[{"json":' + first + b'},{"json":' + second + b"}]", over=first)
    assert got.json == answer(accepted=2)
    assert sorted(held(services)) == sorted([first.decode(), second.decode()])


def test_a_form_encoded_element_is_rejected_and_buried(client, services):
    first = written(an_event())
    got = send(client, b"[" + first + b',{"body":"a=b"}]', over=first)
    reason = "The event is form-encoded: map the content type application/json in Segment."
    assert (got.status_code, got.json) == (
        200,
        answer(accepted=1, rejected=({"index": 1, "messageId": None, "reason": reason},)),
    )
    (letter,) = services.dead_letters
    assert (letter.error, letter.message, letter.queue, letter.events) == (
        "InvalidEventError",
        reason,
        "events",
        ('{"body":"a=b"}',),
    )
    assert letter.next_step == (
        "Correct `data` in Segment's destination mapping (the whole event is $.), then replay or discard this letter."
    )


def test_one_unreadable_event_does_not_reject_the_others(client, services):
    raw = written(
        [an_event(), {"messageId": "bad", "x": "ö"}, 5, an_event(messageId="m2"), {**an_event(), "traits": 1}]
    )
    got = send(client, raw)
    assert got.json == answer(
        accepted=2,
        rejected=(
            {"index": 1, "messageId": "bad", "reason": "The event cannot be read: type is missing."},
            {"index": 2, "messageId": None, "reason": "An event should be a JSON object."},
            {"index": 4, "messageId": "m1", "reason": "The event cannot be read: traits should be an object."},
        ),
    )
    assert {letter.events for letter in services.dead_letters} == {
        ('{"messageId":"bad","x":"ö"}',),
        ("5",),
        (written({**an_event(), "traits": 1}).decode(),),
    }
    assert services.counts.all() == {"events|accepted": 2, "events|rejected": 3}


def test_a_single_object_without_a_type_is_kept_as_a_dead_letter(client, services):
    got = send(client, b'{"order":7,"messageId":"m\\ud8001"}')
    reason = "The event cannot be read: type is missing."
    assert (got.status_code, got.json) == (
        200,
        answer(rejected=({"index": 0, "messageId": "m\ufffd1", "reason": reason},)),
    )
    assert [letter.events for letter in services.dead_letters] == [('{"order":7,"messageId":"m\\ud8001"}',)]


def test_an_event_that_is_nested_too_deeply_harms_only_itself(client, services):
    first, deep = written(an_event()), b'{"type":"track","properties":' + b"[" * 5000 + b"]" * 5000 + b"}"
    got = send(client, b"[" + first + b"," + deep + b"]", over=first)
    reason = "The event is nested more than 100 levels deep."
    assert got.json == answer(accepted=1, rejected=({"index": 1, "messageId": None, "reason": reason},))
    assert [letter.events for letter in services.dead_letters] == [(deep.decode(),)]


def test_an_event_sent_again_is_accepted_and_not_stored_again(client, services):
    raw = written(an_event())
    assert send(client, raw).json == answer(accepted=1)
    assert send(client, raw).json == answer(accepted=1)
    assert send(client, b"[" + raw + b"," + raw + b"]", over=raw).json == answer(accepted=2)
    assert (services.redis.hlen("segxero:inbox"), services.redis.llen("events")) == (1, 1)


def test_events_that_no_mapping_wants_are_ignored(client, services):
    got = send(client, written([an_event(), an_event(type="page", messageId="m2"), an_event(type="screen")]))
    assert got.json == answer(accepted=1, ignored=2)
    assert services.redis.hlen("segxero:inbox") == 1
    assert services.counts.all() == {"events|accepted": 1, "events|ignored": 2}


def test_our_own_write_back_that_comes_round_is_ignored(client, services):
    link = WrittenBack(object="Contact", key="u1", xero_id="c1")
    event = {"type": "identify", "messageId": link.message_id, "userId": "u1", "traits": {"xero_contact_id": "c1"}}
    assert send(client, written(event)).json == answer(ignored=1)
    assert held(services) == []
    assert services.counts.all()["events|own"] == 1


def test_events_of_a_source_that_no_organisation_takes_are_ignored(client, services):
    assert send(client, written(an_event(projectId="p-stranger"))).json == answer(ignored=1)
    assert services.redis.hlen("segxero:inbox") == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"messageId": "segment-test-message-1234"},
        {"userId": "test-user-abc"},
        {"event": "Segment Test Event Name"},
        {"event": "track-event"},
    ],
)
def test_segments_test_events_are_never_booked(client, services, fields):
    got = send(client, written(an_event(**fields)))
    assert (got.status_code, got.json) == (200, answer(ignored=1))
    assert services.redis.hlen("segxero:inbox") == 0
    assert services.counts.all() == {"events|test": 1}


def test_a_missing_message_id_is_the_hash_of_the_raw_event(client, services):
    raw = b'{"type": "track"}'
    assert send(client, b"[ " + raw + b" ]", over=raw).json == answer(accepted=1)
    digest = hashlib.sha256(raw).hexdigest()
    assert services.inbox.find(arrival_id("segment", digest)).message_id == digest


def test_a_numeric_message_id_is_text(client, services):
    assert send(client, b'{"type":"track","messageId":17}').json == answer(accepted=1)
    assert services.inbox.find(arrival_id("segment", "17")).message_id == "17"


@pytest.mark.parametrize("raw", [b"", b"  \n"])
def test_an_empty_body_is_refused(client, raw):
    got = client.post(PATH, data=raw)
    assert (got.status_code, got.json) == (
        400,
        {"message": "The body is empty: map `data` in Segment, usually to the whole event ($.)."},
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"hello",
        b"5",
        b'"text"',
        b"null",
        b"a=b&c=d",
        b"\xef\xbb\xbf{}",
        b'{"type":"\xff"}',
        '{"type":"track"}'.encode("utf-16"),
        b'{"type":"track","a":NaN}',
        b'{"type":"track","a":Infinity}',
        b'{"type":"track"}x',
        b'[{"type":"track"},]',
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"type":"track","a":' + b"9" * 5000 + b"}",
        b'{"type":"track","a":1e999999999}',
    ],
)
def test_what_is_not_json_as_segment_sends_it_is_refused(client, services, raw):
    got = send(client, raw)
    assert (got.status_code, got.content_type) == (400, "application/json")
    assert got.json.keys() == {"message"}
    assert services.redis.keys("*") == []


@pytest.mark.parametrize("charset", ["utf-16", "latin-1", "no-such-charset", '"'])
def test_the_charset_of_the_content_type_does_not_matter(client, charset):
    raw = written(an_event(name="ö"))
    headers = {**signed(raw), "Content-Type": f"application/json; charset={charset}"}
    assert client.post(PATH, data=raw, headers=headers).json == answer(accepted=1)


def test_sixteen_megabytes_are_read(client):
    raw = b'{"type":"track","messageId":"m1","x":"' + b"x" * (16 * 1024 * 1024 - 40) + b'"}'
    assert len(raw) == 16 * 1024 * 1024
    assert send(client, raw).json == answer(accepted=1)


def test_more_than_sixteen_megabytes_are_refused(client):
    raw = b'"' + b"x" * (16 * 1024 * 1024 - 1) + b'"'
    got = send(client, raw)
    assert (got.status_code, got.content_type) == (413, "application/json")


def test_more_than_sixteen_megabytes_in_chunks_are_refused(client):
    stream = io.BytesIO(b"x" * (16 * 1024 * 1024 + 1))
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    got = client.post(PATH, input_stream=stream, headers=signed(b""), environ_overrides=chunked)
    assert got.status_code == 413


@pytest.mark.parametrize("length", ["5", "900", "-1", "many", "99999999999999999999"])
def test_a_content_length_that_lies_is_never_an_error_of_ours(client, length):
    raw = written(an_event())
    got = client.post(
        PATH, input_stream=io.BytesIO(raw), headers=signed(raw), environ_overrides={"CONTENT_LENGTH": length}
    )
    assert got.status_code in {400, 413, 503}


def test_a_body_that_breaks_off_is_400_and_not_a_wrong_signature(client):
    raw = written(an_event())
    gunicorn = {"CONTENT_LENGTH": str(len(raw)), "wsgi.input_terminated": True}
    got = client.post(PATH, input_stream=io.BytesIO(raw[:-1]), headers=signed(raw), environ_overrides=gunicorn)
    assert (got.status_code, got.json) == (400, {"message": "The body is shorter than its Content-Length."})


def test_redis_out_of_reach_is_503_and_200_when_it_is_back(client, services):
    raw = written(an_event())
    server_of(services).connected = False
    got = send(client, raw)
    assert (got.status_code, got.json) == (
        503,
        {"message": "Redis does not answer. Nothing is lost if you send this again."},
    )
    server_of(services).connected = True
    assert send(client, raw).json == answer(accepted=1)


def test_a_dead_letter_that_cannot_be_kept_is_503(client, services):
    services.redis.set("dead_letters", "not a list")
    assert send(client, b"{}").status_code == 503


def test_a_body_of_many_events_is_taken_in_one_go(client, services):
    # The Redis in this process is slow; test_many_events.py posts the 4,000 that Segment may send at once.
    events = [written(an_event(messageId=f"m{n}")) for n in range(1200)]
    got = send(client, b"[" + b",".join(events) + b"]", over=events[0])
    assert got.json == answer(accepted=1200)
    assert (services.redis.hlen("segxero:inbox"), services.redis.llen("events")) == (1200, 1200)


FIELDS = st.sampled_from(
    ["type", "messageId", "userId", "projectId", "traits", "context", "event", "json", "body", "x"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=5),
)
BODIES = (
    st.binary(max_size=100)
    | st.text(alphabet='[]{}",:\\ud80123456789eE+-.tfnNaI', max_size=100).map(str.encode)
    | JSON.map(json.dumps).map(str.encode)
    | st.dictionaries(FIELDS, JSON).map(lambda fields: json.dumps({**an_event(), **fields}).encode())
    | st.lists(JSON, max_size=4).map(lambda events: json.dumps([an_event(), *events]).encode())
)


@given(BODIES)
def test_no_bytes_at_all_give_an_error_of_ours(raw: bytes):
    client = create_app(make_services()).test_client()
    headers = {"X-Signature": signature.sign(SECRET, raw)}
    assert client.post(PATH, data=raw, headers=headers).status_code in {200, 400}
