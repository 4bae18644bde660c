"""Makes webhook calls as Segment does: an event, an array, or an array of wrappers, signed over the exact bytes.

`segxero send`, the demo and the tests call this module.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from segxero import jsontext
from segxero.segment import signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A webhook call: its body and its headers."""

    body: bytes
    headers: Mapping[str, str]


def delivery(body: bytes | Mapping[str, Any] | Sequence[Any], secret: str) -> Delivery:
    """Write and sign *body*: bytes and a single event as a whole, a batch by its first event (inside its wrapper)."""
    if isinstance(body, bytes):
        return _signed(body, body, secret)
    if isinstance(body, Mapping):
        written = jsontext.dumps(body).encode()
        return _signed(written, written, secret)
    return _signed(jsontext.dumps(list(body)).encode(), _first(body), secret)


def _first(batch: Sequence[Any]) -> bytes:
    if not batch:
        return b""
    event = batch[0]
    is_wrapped = isinstance(event, Mapping) and event.keys() == {"json"}
    return jsontext.dumps(event["json"] if is_wrapped else event).encode()


def _signed(body: bytes, message: bytes, secret: str) -> Delivery:
    headers = {"Content-Type": "application/json", signature.HEADER: signature.sign(secret, message)}
    return Delivery(body=body, headers=headers)
