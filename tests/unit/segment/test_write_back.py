"""The write-back: what Segment is told of a record, and what its refusals mean."""

import base64

import pytest

from segxero.errors import PermanentError, RetryableError
from segxero.segment.event import OWN_MESSAGE, is_own
from segxero.segment.write_back import WriteBack, WrittenBack
from tests.support.processes.http_server import Answer, HttpServer, Script, free_port

KEY = "write-key"


@pytest.fixture
def script():
    return Script(Answer(body={"success": True}))


@pytest.fixture
def segment(script):
    with HttpServer({"/v1/batch": script}) as server:
        yield server


def told(segment, link):
    """Tell *link* and return the message that Segment got, without its times and library."""
    WriteBack(KEY, segment.url).tell(link)
    received = segment.received[-1]
    assert (received.method, received.path) == ("POST", "/v1/batch")
    (message,) = received.json["batch"]
    kept = ("type", "event", "userId", "anonymousId", "groupId", "traits", "properties")
    return {name: message[name] for name in kept if message.get(name) is not None}


def test_a_user_is_identified_with_the_contacts_id(segment):
    link = WrittenBack(object="Contact", key="u1", xero_id="c1")
    assert told(segment, link) == {"type": "identify", "userId": "u1", "traits": {"xero_contact_id": "c1"}}


def test_a_visitor_stays_anonymous(segment):
    link = WrittenBack(object="Contact", key="a1", xero_id="c1", told_as="anonymousId")
    assert told(segment, link) == {"type": "identify", "anonymousId": "a1", "traits": {"xero_contact_id": "c1"}}


def test_a_company_is_told_in_a_group_call_that_makes_no_user(segment):
    link = WrittenBack(object="Contact", key="g1", xero_id="c1", told_as="groupId")
    assert told(segment, link) == {
        "type": "group",
        "groupId": "g1",
        "anonymousId": "g1",
        "traits": {"xero_contact_id": "c1"},
    }


def test_an_order_is_told_in_a_track_call_of_who_placed_it(segment):
    link = WrittenBack(object="Invoice", key="1001", xero_id="i1", sender="u1")
    assert told(segment, link) == {
        "type": "track",
        "event": "Xero Invoice Linked",
        "userId": "u1",
        "properties": {"order_id": "1001", "xero_invoice_id": "i1"},
    }


def test_a_refund_is_told_in_a_track_call_of_whose_it_is(segment):
    link = WrittenBack(object="CreditNote", key="1001-R1", xero_id="n1", sender="u1")
    assert told(segment, link) == {
        "type": "track",
        "event": "Xero Credit Note Linked",
        "userId": "u1",
        "properties": {"credit_note_number": "1001-R1", "xero_credit_note_id": "n1"},
    }


def test_the_source_is_named_by_its_write_key(segment):
    told(segment, WrittenBack(object="Contact", key="u1", xero_id="c1"))
    received = segment.received[-1]
    named = base64.b64decode(received.headers.get("Authorization", "").removeprefix("Basic ")).decode()
    assert KEY in (received.json.get("writeKey"), named.rstrip(":"))


def test_the_message_id_depends_on_the_record_and_is_known_as_our_own():
    link = WrittenBack(object="Contact", key="u1", xero_id="c1")
    assert link.message_id == WrittenBack(object="Contact", key="u1", xero_id="c1").message_id
    assert link.message_id != WrittenBack(object="Contact", key="u1", xero_id="c2").message_id
    assert link.message_id.startswith(OWN_MESSAGE)
    assert is_own({"messageId": link.message_id})
    assert not is_own({"messageId": "m1"})
    assert not is_own({})


@pytest.mark.parametrize(
    ("status", "error"), [(429, RetryableError), (408, RetryableError), (503, RetryableError), (400, PermanentError)]
)
def test_a_refusal_says_whether_it_may_pass(segment, script, status, error):
    script.then(Answer(status=status, body={"code": "x", "message": "y"}))
    with pytest.raises(error, match=str(status)):
        WriteBack(KEY, segment.url).tell(WrittenBack(object="Contact", key="u1", xero_id="c1"))


def test_a_segment_that_cannot_be_reached_is_tried_again():
    with pytest.raises(RetryableError, match="Segment cannot be reached"):
        WriteBack(KEY, f"http://127.0.0.1:{free_port()}").tell(WrittenBack(object="Contact", key="u1", xero_id="c1"))
