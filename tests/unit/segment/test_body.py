"""Cutting a webhook body into events: exact slices, exact numbers, and a sentence for each body that cannot be cut."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segxero import jsontext
from segxero.errors import InvalidEventError
from segxero.segment import body

TRACK = '{"type":"track","messageId":"m1"}'


def texts(raw: bytes) -> list[str]:
    return [element.text for element in body.split(raw).events]


def faults(raw: bytes) -> list[str]:
    return [element.fault for element in body.split(raw).events]


def test_one_object_is_one_event_and_no_batch():
    found = body.split(TRACK.encode())
    assert found.events == (body.Element(TRACK, {"type": "track", "messageId": "m1"}),)
    assert not found.is_batch


def test_an_array_of_one_is_a_batch():
    found = body.split(f"[{TRACK}]".encode())
    assert [element.text for element in found.events] == [TRACK]
    assert found.is_batch


def test_an_empty_array_is_a_batch_without_events():
    assert body.split(b" [ ] ") == body.WebhookBody(events=(), is_batch=True)


def test_slices_keep_their_inner_white_space_and_lose_the_outer():
    assert texts(b' \r\n[ {"a" : 1} ,\t[2 ] , "x" ]\n') == ['{"a" : 1}', "[2 ]", '"x"']


def test_wrappers_of_the_extensible_webhook_are_taken_off():
    assert texts(b'[{"json":{"a":1}}, { "json" : {"b":2} } ]') == ['{"a":1}', '{"b":2}']


def test_a_wrapper_with_further_members_is_an_event_of_its_own():
    assert texts(b'[{"json":{"a":1},"type":"track"}]') == ['{"json":{"a":1},"type":"track"}']


def test_a_single_object_is_never_taken_for_a_wrapper():
    assert texts(b'{"json":{"a":1}}') == ['{"json":{"a":1}}']


def test_numbers_keep_their_digits():
    (element,) = body.split(b'{"a":0.30000000000000004,"b":1e+21,"c":10.0,"d":9007199254740993}').events
    assert element.value == {
        "a": Decimal("0.30000000000000004"),
        "b": Decimal("1E+21"),
        "c": Decimal("10.0"),
        "d": 9007199254740993,
    }


def test_the_last_of_two_equal_keys_wins():
    assert body.split(b'{"a":1,"a":2}').events[0].value == {"a": 2}


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"hello", "The body should be a JSON object or an array of JSON objects."),
        (b"5", "The body should be a JSON object or an array of JSON objects."),
        (b"null", "The body should be a JSON object or an array of JSON objects."),
        (b'"text"', "The body should be a JSON object or an array of JSON objects."),
        (b"\xef\xbb\xbf{}", "The body should be a JSON object or an array of JSON objects."),
        (b"a=b&c=d", "The body should be a JSON object or an array of JSON objects."),
        (b'{"a":"\xff"}', "The body should be UTF-8; byte 6 is not."),
        ('{"a":1}'.encode("utf-16"), "The body should be UTF-8; byte 0 is not."),
        (b'{"a":NaN}', "The body is not JSON: NaN is not JSON (character 0)."),
        (b'[{"a":-Infinity}]', "The body is not JSON: -Infinity is not JSON (character 1)."),
        (b'{"a":1}{"b":2}', "The body is not JSON: more text follows the end (character 7)."),
        (b'[{"a":1} {"b":2}]', "The body is not JSON: a comma or the end of the array is missing (character 9)."),
        (b'[{"a":1}', "The body is not JSON: a comma or the end of the array is missing (character 8)."),
        (b'[{"a":1},]', "The body is not JSON: Expecting value (character 9)."),
        (b"[", "The body is not JSON: Expecting value (character 1)."),
    ],
)
def test_a_body_that_is_not_json_as_segment_sends_it_is_refused(raw: bytes, sentence: str):
    with pytest.raises(InvalidEventError) as caught:
        body.split(raw)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"a":' * 101 + b"1" + b"}" * 101,
        b'{"a":[' * 51 + b"1" + b"]}" * 51,
        b'{"a":' + b"[" * 900_000,
    ],
)
def test_a_body_that_is_nested_too_deeply_is_refused(raw: bytes):
    with pytest.raises(InvalidEventError, match="nested more than 100 levels deep"):
        body.split(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":' * 100 + b"1" + b"}" * 100,
        b'{"a":[' * 50 + b"1" + b"]}" * 50,
        b'{"a":[' + b",".join([b'{"b":"]"}'] * 500) + b"]}",
        b'{"a":"' + b"[" * 500 + b'"}',
    ],
)
def test_a_hundred_levels_and_any_number_of_brackets_beside_each_other_are_read(raw: bytes):
    assert faults(raw) == [""]


@pytest.mark.parametrize("number", [b"1" * 5000, b"1e999999999", b"1e-999999999", b"1e99999999999999999999", b"1e400"])
def test_a_body_whose_only_event_holds_an_absurd_number_is_refused(number: bytes):
    with pytest.raises(InvalidEventError, match="The body cannot be read: it holds a number that is too large"):
        body.split(b'{"a":' + number + b"}")


@pytest.mark.parametrize(
    ("culprit", "fault"),
    [
        ('{"a":' * 20_000 + '"}]["' + "}" * 20_000, "is nested more than 100 levels deep"),
        ("[" * 101 + "]" * 101, "is nested more than 100 levels deep"),
        ('{"a":"\\"]","b":' + "1" * 5000 + "}", "holds a number that is too large"),
        ("1" * 5000, "holds a number that is too large"),
        ('{"a":1e999999999}', "holds a number that is too large"),
    ],
)
def test_an_unreadable_event_does_not_harm_its_neighbours(culprit: str, fault: str):
    found = body.split(f"[{TRACK}, {culprit} ,{TRACK}]".encode())
    assert [(element.text, element.fault) for element in found.events] == [(TRACK, ""), (culprit, fault), (TRACK, "")]


def test_the_first_slice_is_the_first_event_of_a_batch():
    assert body.first_slice(b'[ {"a": 1} ,{"b":2}]') == b'{"a": 1}'
    assert body.first_slice(b'[{"json": {"a": 1}},{"json":{"b":2}}]') == b'{"a": 1}'


@pytest.mark.parametrize(
    "raw",
    [b"[", b"[,", b"[hello", b"[}", b'["' + b'\\"' * 400_000, b"[" * 2_000_000, b'[{"a":"' + b"x" * 1_000_000 + b'"}]'],
)
def test_a_first_event_whose_end_cannot_be_found_is_refused_without_a_long_search(raw: bytes):
    with pytest.raises(InvalidEventError, match="The body is not JSON: the first event does not end"):
        body.first_slice(raw)


def test_there_is_no_first_slice_without_a_batch():
    assert body.first_slice(b'{"a":1}') is None
    assert body.first_slice(b"[ ]") is None


def test_four_thousand_events_come_back_in_order():
    found = body.split(("[" + ",".join(f'{{"n":{n}}}' for n in range(4000)) + "]").encode())
    assert [element.value["n"] for element in found.events] == list(range(4000))


def test_more_events_or_values_than_any_body_of_segment_holds_are_refused():
    with pytest.raises(InvalidEventError, match="holds more than 10,000 events; Segment sends at most 4,000"):
        body.split(b"[" + b"1," * 10_000 + b"1]")
    assert len(body.split(b"[" + b"1," * 9_999 + b"1]").events) == 10_000
    with pytest.raises(InvalidEventError, match="holds more than 1,000,000 values"):
        body.split(b'{"a":[' + b"[]," * 500_000 + b"1]}")


SPACE = st.text(alphabet=" \t\r\n", max_size=3)
SCALAR = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(SCALAR, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4))


def normal(value: Any) -> Any:
    return json.loads(jsontext.dumps(value), parse_float=lambda text: float(Decimal(text)))


@given(values=st.lists(JSON, max_size=6), space=SPACE, indent=st.sampled_from([None, 0, 2]), ascii_only=st.booleans())
def test_slices_parse_back_to_the_values_of_any_array(
    values: list[Any], space: str, indent: int | None, ascii_only: bool
):
    written = [
        json.dumps(value, indent=indent, ensure_ascii=True if not _utf8(value) else ascii_only) for value in values
    ]
    raw = (space + "[" + space + f"{space},{space}".join(written) + space + "]" + space).encode()
    found = body.split(raw)
    assert [element.text for element in found.events] == [
        _unwrapped(text, value) for text, value in zip(written, values, strict=True)
    ]
    for element in found.events:
        assert element.value == jsontext.loads(element.text)


@given(values=st.lists(JSON, min_size=1, max_size=4), space=SPACE)
def test_the_first_slice_is_the_first_text_of_any_array(values: list[Any], space: str):
    written = [json.dumps(value) for value in values]
    raw = (space + "[" + space + f"{space},{space}".join(written) + space + "]").encode()
    assert body.first_slice(raw) == _unwrapped(written[0], values[0]).encode()


def _utf8(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _unwrapped(text: str, value: Any) -> str:
    return text if not (isinstance(value, dict) and value.keys() == {"json"}) else json.dumps(value["json"])


@given(st.binary(max_size=200) | st.text(alphabet='[]{}",:\\ \n0123456789eE+-.tfnNaIu', max_size=200).map(str.encode))
def test_any_bytes_give_a_body_or_a_sentence(raw: bytes):
    try:
        found = body.split(raw)
    except InvalidEventError:
        return
    text = raw.decode()
    assert all(element.text in text for element in found.events)
