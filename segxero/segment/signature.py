"""Segment's X-Signature: the hexadecimal HMAC-SHA1 of a webhook call, keyed with the shared secret.

The receiver calls this module. For a single event the signature covers the body. For a batch Segment signs only the
bytes of the first event, so the others are not authenticated. A proposed change signs the whole array; it is tried
first.
"""

import hashlib
import hmac
from collections.abc import Sequence
from enum import Enum

from segxero.segment import body

HEADER = "X-Signature"


class Scope(Enum):
    """How much of the body the signature covers."""

    BODY = "body"
    FIRST = "first"


def sign(secret: str, message: bytes) -> str:
    """Return the signature that Segment gives *message*."""
    return hmac.new(secret.encode(), message, hashlib.sha1).hexdigest()


def verify(given: str, raw: bytes, secrets: Sequence[str]) -> Scope | None:
    """Return the scope of the signature *given* under any of *secrets*, None if it matches nothing.

    Raise InvalidEventError if *raw* must be read for it and is not JSON.
    """
    if _matches(given, raw, secrets):
        return Scope.BODY
    first = body.first_slice(raw)
    if first is not None and _matches(given, first, secrets):
        return Scope.FIRST
    return None


def _matches(given: str, message: bytes, secrets: Sequence[str]) -> bool:
    """Compare with every secret in constant time, so that the duration reveals nothing about them."""
    wanted = given.strip().lower().encode("utf-8", "surrogateescape")
    return True in [hmac.compare_digest(sign(secret, message).encode(), wanted) for secret in secrets]
