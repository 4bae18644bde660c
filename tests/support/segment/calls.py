"""Webhook calls as Segment makes them: compact JSON and a real signature."""

import json
from typing import Any

from segxero.segment import signature

SECRET = "a-shared-secret-of-the-shop"


def an_event(**fields: Any) -> dict[str, Any]:
    """Make a readable event that the fake mappings want, with *fields* changed."""
    return {"type": "track", "event": "Order Completed", "messageId": "m1", "userId": "u1", "projectId": "p1", **fields}


def written(value: Any) -> bytes:
    """Write *value* as V8's JSON.stringify does."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def signed(message: bytes, secret: str = SECRET) -> dict[str, str]:
    """Make the headers of a call whose signature covers *message*."""
    return {"Content-Type": "application/json", "X-Signature": signature.sign(secret, message)}
