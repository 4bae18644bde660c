"""The gate before Celery: its own messages pass, and no bytes get in that end a worker or vanish without a word."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.messages import messages
from workers.transport import explain_unreadable

GOOD = messages().event("0" * 32)


def changed(**parts):
    return json.dumps({**json.loads(GOOD), **parts})


def body(content):
    return base64.b64encode(content.encode()).decode()


def test_our_own_messages_pass():
    assert explain_unreadable(GOOD.encode()) == ""
    assert explain_unreadable(messages().deliver("contacts", "main").encode()) == ""


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("garbage", "it is no JSON"),
        ("42", "it is no JSON object"),
        ('"text"', "it is no JSON object"),
        ("[]", "it is no JSON object"),
        ("{}", "it has no body"),
        (changed(body=None), "it has no body"),
        (changed(headers=[]), "it has no headers"),
        (changed(properties=1), "it has no properties"),
        (changed(properties={}), "it has no delivery tag"),
        (changed(headers={}, properties={"delivery_tag": "x", "delivery_info": {}}), "it names no task"),
        (changed(**{"content-type": "application/x-python-serialize"}), "its content type is not application/json"),
        (changed(body="%%%"), "its body cannot be read"),
        (changed(body=body("{")), "its body cannot be read"),
        (changed(body=body("[[], {}]")), "its body is no task's"),
        (changed(body=body("[{}, {}, {}]")), "its body is no task's"),
    ],
)
def test_what_is_no_message_is_kept_out_with_its_reason(entry, reason):
    assert explain_unreadable(entry.encode()) == reason


@given(st.binary(max_size=200))
def test_no_bytes_break_the_gate(entry):
    assert explain_unreadable(entry) != ""


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(part=st.sampled_from(["body", "headers", "properties", "content-type"]), value=json_values)
def test_no_value_of_a_part_breaks_the_gate(part, value):
    assert isinstance(explain_unreadable(changed(**{part: value}).encode()), str)
