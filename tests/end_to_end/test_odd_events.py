"""What is odd but accepted comes to an end, delivered, parked or as a dead letter, and no worker falls over it."""

import json
from collections import Counter

import pytest

from segxero.segment import body
from segxero.segment import event as segment_event
from segxero.store import keys
from tests.support.segment import odd_events

ENDS = {"delivered", "unchanged", "parked", "dead"}


@pytest.fixture(scope="module")
def told(stack):
    """Post every odd event, one by one, and wait until nothing is left to do; return what the receiver said to each."""
    answers = {}
    for text in odd_events.texts():
        answer = stack.post(text.encode())
        assert answer.status_code in {200, 400}, text[:200]
        answers[text] = answer.json()
    stack.settle(120)
    return answers


def accepted(told):
    return [text for text, said in told.items() if said.get("accepted")]


def read(text):
    (element,) = body.split(text.encode()).events
    return segment_event.read(element.value)


def test_most_are_accepted_and_the_rest_gets_a_reason(stack, told):
    said = Counter(
        "accepted" if one.get("accepted") else "rejected" if one.get("rejected") else "refused" for one in told.values()
    )
    assert said == {"accepted": 117, "rejected": 3}
    assert stack.counts["events|accepted"] == 117


def test_each_accepted_event_is_in_a_record_that_has_an_end_or_in_a_dead_letter(stack, told):
    traces = {
        key: [json.loads(entry) for entry in stack.store.lrange(key, 0, -1)]
        for key in stack.store.scan_iter("segxero:story:*")
    }
    held = {entry["message"] for entries in traces.values() for entry in entries if "message" in entry}
    buried = {text for letter in stack.dead_letters for text in letter.events}
    ends = Counter()
    for text in accepted(told):
        message = segment_event.message_id(read(text), text)
        assert message in held or text in buried, text[:200]
        ends["record" if message in held else "dead letter"] += 1
    assert ends.total() == 117
    assert ends["record"] > 90


def test_no_record_is_left_without_an_end(stack, told):
    records = {key: stack.store.hgetall(key) for key in stack.store.scan_iter(keys.record("main", "*"))}
    ends = Counter(record["disposition"] for record in records.values())
    assert ends.keys() <= ENDS
    assert ends["delivered"] > 60
    assert all(record.get("reason") for record in records.values() if record["disposition"] in {"parked", "dead"})
    assert stack.store.hlen(keys.INBOX) == 0


def test_no_letter_is_a_fault_of_ours(stack, told):
    letters = list(stack.dead_letters)
    assert {letter.error for letter in letters} == {"InvalidEventError", "MappingError", "PermanentError"}
    assert [letter.message for letter in letters if letter.traceback] == []


def test_no_process_fell_over_or_began_anew(stack, told):
    logs = {path.stem: path.read_text() for path in stack.logs.iterdir()}
    assert [line for log in logs.values() for line in log.splitlines() if '"traceback"' in line] == []
    assert logs["worker"].count(" ready.") == 1
