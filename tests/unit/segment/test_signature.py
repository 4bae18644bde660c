"""Segment's signature over one body or over the first event of a batch, byte for byte."""

import hashlib
import hmac

import pytest

from segxero.segment.signature import Scope, sign, verify

SECRET = "a-shared-secret-of-the-shop"

# Texts that no Python serialiser writes back as Segment's V8 wrote them.
AWKWARD = [
    '{"type":"track","properties":{"total":1e+21,"rate":1e-7,"sum":0.30000000000000004}}',
    '{"type":"track","event":"caf\\u00e9 \\ud83d\\ude00 \\u001f \\ud800"}',
    '{"type":"track","event":"line\u2028separator and \u2029paragraph"}',
    '{"1":"integer-like keys first","type":"track","event":"Größe 10 ½ 日本 😀"}',
    '{ "type" : "track" ,\n  "a" : [ 1 , 2.50 ] }',
    '{"type":"track","type":"identify"}',
]


def hmac_sha1(message: str, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), message.encode(), hashlib.sha1).hexdigest()


def test_a_signature_is_the_lower_case_hexadecimal_hmac_sha1():
    assert sign("key", b"The quick brown fox jumps over the lazy dog") == "de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9"


@pytest.mark.parametrize("event", AWKWARD)
def test_a_signature_over_one_event_covers_the_body(event: str):
    assert verify(hmac_sha1(event), event.encode(), [SECRET]) is Scope.BODY


@pytest.mark.parametrize("event", AWKWARD)
@pytest.mark.parametrize(
    "batch",
    ["[%s]", '[%s,{"type":"page"}]', " [\n%s , 5 ]", '[{"json":%s}]', '[ { "json" : %s } ,{"json":{"type":"page"}}]'],
)
def test_a_signature_over_the_first_event_is_accepted(event: str, batch: str):
    raw = (batch % event).encode()
    assert verify(hmac_sha1(event), raw, [SECRET]) is Scope.FIRST


def test_a_signature_over_the_whole_array_covers_the_body():
    raw = b'[{"type":"track"},{"type":"page"}]'
    assert verify(sign(SECRET, raw), raw, [SECRET]) is Scope.BODY


def test_a_signature_over_another_event_than_the_first_matches_nothing():
    raw = b'[{"type":"track"},{"type":"page"}]'
    assert verify(hmac_sha1('{"type":"page"}'), raw, [SECRET]) is None


def test_a_signature_over_the_wrapper_matches_nothing():
    assert verify(hmac_sha1('{"json":{"a":1}}'), b'[{"json":{"a":1}}]', [SECRET]) is None


def test_a_body_that_was_changed_matches_nothing():
    assert verify(hmac_sha1('{"total":10}'), b'{"total":10.0}', [SECRET]) is None


def test_every_configured_secret_is_tried():
    assert verify(hmac_sha1("{}", "old"), b"{}", ["new", "old"]) is Scope.BODY
    assert verify(hmac_sha1("{}", "older"), b"{}", ["new", "old"]) is None


def test_upper_case_hexadecimal_and_outer_spaces_are_accepted():
    assert verify(f" {hmac_sha1('{}').upper()} ", b"{}", [SECRET]) is Scope.BODY


@pytest.mark.parametrize("given", ["", "sha1=abc", "é", "\udcff", "undefined", "0" * 40])
def test_anything_else_matches_nothing(given: str):
    assert verify(given, b"{}", [SECRET]) is None


def test_the_first_event_of_a_batch_is_signed_even_if_it_is_nested_too_deeply():
    event = '{"a":' * 20_000 + "1" + "}" * 20_000
    assert verify(hmac_sha1(event), f'[{event},{{"type":"page"}}]'.encode(), [SECRET]) is Scope.FIRST
