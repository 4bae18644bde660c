import hashlib
import hmac
from decimal import Decimal

import pytest

from segxero.segment.delivery import delivery
from segxero.segment.signature import Scope, verify

SECRET = "the shop's own secret"
EVENT = {"type": "track", "userId": "zoë", "properties": {"total": Decimal("27.50")}}
WRITTEN = '{"type":"track","userId":"zoë","properties":{"total":27.50}}'.encode()


def signed(message):
    return hmac.new(SECRET.encode(), message, hashlib.sha1).hexdigest()


@pytest.mark.parametrize(
    ("body", "written", "message", "scope"),
    [
        (b" {} ", b" {} ", b" {} ", Scope.BODY),
        (EVENT, WRITTEN, WRITTEN, Scope.BODY),
        ([EVENT, {"type": "page"}], b"[" + WRITTEN + b',{"type":"page"}]', WRITTEN, Scope.FIRST),
        ([EVENT], b"[" + WRITTEN + b"]", WRITTEN, Scope.FIRST),
        ([{"json": EVENT}], b'[{"json":' + WRITTEN + b"}]", WRITTEN, Scope.FIRST),
    ],
    ids=["bytes", "event", "batch", "batch of one", "wrapper"],
)
def test_a_call_is_written_and_signed_as_segment_does(body, written, message, scope):
    call = delivery(body, SECRET)
    assert call.body == written
    assert call.headers == {"Content-Type": "application/json", "X-Signature": signed(message)}
    assert verify(call.headers["X-Signature"], call.body, [SECRET]) is scope


def test_an_empty_batch_can_be_written():
    assert delivery([], SECRET).body == b"[]"
