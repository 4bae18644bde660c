"""Reading one event: which are readable, what their ids and times are, and which are tests."""

import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from segxero.errors import InvalidEventError
from segxero.segment.event import event_time, is_test, message_id, read

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def fault(value: Any) -> str:
    with pytest.raises(InvalidEventError) as caught:
        read(value)
    return str(caught.value)


@pytest.mark.parametrize("kind", ["track", "identify", "page", "screen", "group", "alias", "delete"])
def test_every_type_of_segment_is_read(kind: str):
    assert read({"type": kind}) == {"type": kind}


def test_unknown_fields_are_kept_in_their_order():
    value = {"zeta": 1, "type": "track", "a.b": {"c": None}, "alpha": [Decimal("1.10")], "integrations": None}
    assert list(read(value).items()) == list(value.items())


def test_ids_that_are_numbers_become_text():
    event = read({"type": "group", "userId": 42, "groupId": Decimal("1E+21"), "messageId": 7, "projectId": None})
    assert event == {"type": "group", "userId": "42", "groupId": "1e+21", "messageId": "7", "projectId": None}


def test_traits_properties_and_context_that_are_null_become_empty():
    value = {"type": "delete", "traits": None, "properties": None, "context": None, "integrations": None}
    assert read(value) == {"type": "delete", "traits": {}, "properties": {}, "context": {}, "integrations": None}


def test_lone_surrogates_become_the_replacement_character():
    event = read({"type": "track", "userId": "u\ud800", "properties": {"\udfff": ["a\udc00b", {"c": "😀"}]}})
    assert event == {"type": "track", "userId": "u\ufffd", "properties": {"\ufffd": ["a\ufffdb", {"c": "😀"}]}}


def test_text_that_only_looks_like_an_escape_is_left_alone():
    assert read({"type": "track", "userId": "\\ud800"})["userId"] == "\\ud800"


def test_what_was_given_is_not_changed():
    value = {"type": "track", "context": None, "userId": 5}
    read(value)
    assert value == {"type": "track", "context": None, "userId": 5}


@pytest.mark.parametrize("value", [None, 5, "text", [], [{"type": "track"}], True])
def test_an_event_that_is_no_object_is_refused(value: Any):
    assert fault(value) == "An event should be a JSON object."


def test_a_form_encoded_wrapper_is_refused_with_the_way_out():
    assert fault({"body": "a=b"}) == ("The event is form-encoded: map the content type application/json in Segment.")


@pytest.mark.parametrize("value", [{}, {"type": None}])
def test_a_missing_type_is_named(value: dict[str, Any]):
    assert fault(value) == "The event cannot be read: type is missing."


def test_an_unknown_type_is_refused_with_those_that_exist():
    assert fault({"type": "Track"}) == (
        "The event cannot be read: type should be one of track, identify, page, screen, group, alias, delete."
    )


def test_all_faults_are_told_at_once_and_no_content_with_them():
    value = {"type": 5, "userId": {"secret": 1}, "messageId": True, "properties": "secret", "traits": []}
    assert fault(value) == (
        "The event cannot be read: messageId should be text; properties should be an object; "
        "traits should be an object; type should be text; userId should be text."
    )


def test_the_message_id_is_the_events_own():
    assert message_id({"messageId": "m1"}, "{}") == "m1"


@pytest.mark.parametrize("event", [{}, {"messageId": None}, {"messageId": ""}])
def test_a_hash_of_the_raw_text_stands_for_a_missing_message_id(event: dict[str, Any]):
    assert message_id(event, '{"é":1}') == hashlib.sha256('{"é":1}'.encode()).hexdigest()


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"messageId": "segment-test-message-abc123"}, True),
        ({"userId": "test-user-x1y2"}, True),
        ({"event": "Segment Test Event Name"}, True),
        ({"event": "track-event"}, True),
        ({"messageId": "ajs-1", "userId": "u1", "event": "Order Completed"}, False),
        ({"messageId": None, "userId": None, "event": None}, False),
        ({"event": ["track-event"]}, False),
        ({}, False),
    ],
)
def test_segments_testers_are_recognised(event: dict[str, Any], expected: bool):
    assert is_test(event) is expected


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"timestamp": "2026-02-01T10:00:00.123Z"}, datetime(2026, 2, 1, 10, 0, 0, 123000, UTC)),
        ({"timestamp": "2026-02-01T10:00:00+02:00"}, datetime(2026, 2, 1, 8, tzinfo=UTC)),
        ({"timestamp": "2026-02-01T10:00:00"}, datetime(2026, 2, 1, 10, tzinfo=UTC)),
        ({"originalTimestamp": "2026-02-01T10:00:00Z"}, datetime(2026, 2, 1, 10, tzinfo=UTC)),
        ({"receivedAt": "2026-02-01T10:00:00Z"}, datetime(2026, 2, 1, 10, tzinfo=UTC)),
        ({}, NOW),
        ({"timestamp": "nonsense", "receivedAt": "2026-02-01T10:00:00Z"}, datetime(2026, 2, 1, 10, tzinfo=UTC)),
        ({"timestamp": "0001-01-01T00:00:00Z", "originalTimestamp": "2026-02-01"}, datetime(2026, 2, 1, tzinfo=UTC)),
        ({"timestamp": 1700000000, "originalTimestamp": None, "receivedAt": []}, NOW),
    ],
)
def test_the_first_credible_time_counts(event: dict[str, Any], expected: datetime):
    assert event_time(event, NOW) == expected


def test_a_time_later_than_segments_own_clock_is_cut_to_it():
    event = {"timestamp": "2026-02-02T00:00:00Z", "receivedAt": "2026-02-01T10:00:00Z"}
    assert event_time(event, NOW) == datetime(2026, 2, 1, 10, tzinfo=UTC)


def test_no_time_is_later_than_our_own_clock():
    event = {"timestamp": "2031-01-01T00:00:00Z", "receivedAt": "2031-01-01T00:00:00Z"}
    assert event_time(event, NOW) == NOW


def test_a_delete_event_with_gos_time_has_a_time():
    event = {"type": "delete", "originalTimestamp": "2020-05-09 23:54:49.2098 +0000 UTC m=+70366.295"}
    assert event_time(event, NOW) == datetime(2020, 5, 9, 23, 54, 49, 209800, UTC)
