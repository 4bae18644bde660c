"""Any event that the receiver accepts can be worked on: it changes records, or a sentence says why not."""

import json
from contextlib import suppress
from dataclasses import replace

import fakeredis
from hypothesis import given, settings

from segxero.errors import InvalidEventError, MappingError
from segxero.segment import body
from segxero.segment import event as segment_event
from segxero.sync.records.operations import make_operations
from tests.support.segment.bad_bodies import events
from tests.support.set_ups.core import NOW, Core, earlier_mappings


def accepted(text):
    """Return the events of a body as the receiver takes them, each with its text."""
    try:
        elements = body.split(text.encode("utf-8", "surrogatepass")).events
    except InvalidEventError:
        return
    for element in elements:
        try:
            yield segment_event.read(element.value), element.text
        except InvalidEventError:
            continue


@given(events())
def test_an_event_that_is_read_can_be_written_again_and_identified(text):
    for event, raw in accepted(text):
        again = json.dumps(event, default=str, ensure_ascii=False).encode()
        assert b"type" in again
        assert segment_event.message_id(event, raw)
        assert segment_event.event_time(event, NOW) <= NOW


@given(events())
def test_the_mappings_make_operations_of_it_or_say_why_not(text):
    for event, raw in accepted(text):
        with suppress(MappingError):
            for operation in make_operations(earlier_mappings(), event, NOW, segment_event.message_id(event, raw)):
                assert operation.key
                for _, stamp, value in operation.fields:
                    assert stamp.isascii()
                    value.encode()


@settings(max_examples=settings().max_examples // 2)
@given(events())
def test_what_is_folded_comes_to_an_end(text):
    core = Core(fakeredis.FakeRedis(server=fakeredis.FakeServer(), decode_responses=True))
    for event, raw in accepted(text):
        arrival = replace(core.arrival({"messageId": segment_event.message_id(event, raw)}), event=raw)
        core.inbox.accept([arrival])
        with suppress(MappingError):
            core.fold.fold(arrival, make_operations(core.mappings, event, NOW, arrival.message_id))
    core.deliver()
    assert [letter.message for letter in core.letters if letter.error != "PermanentError"] == []
    records = [core.store.hgetall(key) for key in core.store.scan_iter("segxero:record:*")]
    assert {record["disposition"] for record in records} <= {"delivered", "unchanged", "parked", "dead"}
