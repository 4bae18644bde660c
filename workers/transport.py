"""The transport: kombu's for Redis, behind a filter that lets only readable messages in.

Without the filter an unreadable entry ends the worker (text that is no JSON, a body that is no base64), or is dropped
without a word. The filter reports each through the signal `message_unreadable`, which dropped.py takes.
"""

import base64
import json
from typing import Any

import redis
from celery.utils.dispatch import Signal
from kombu.transport.redis import Channel, Transport

message_unreadable = Signal(name="message_unreadable", providing_args=["queue", "entry", "reason"])

JSON = "application/json"
PARTS = {"body": str, "headers": dict, "properties": dict, "content-type": str}
BODY_PARTS = 3  # args, kwargs and Celery's own part


class FilteredRedis(redis.Redis):
    """A client whose BRPOP gives messages only; anything else counts as if nothing had come."""

    def parse_response(self, connection: Any, command_name: Any, **options: Any) -> Any:
        """Return the answer as redis-py does, but None for an unreadable entry."""
        answer = super().parse_response(connection, command_name, **options)  # type: ignore[no-untyped-call]
        if command_name != "BRPOP" or not answer:
            return answer
        queue, entry = answer
        reason = explain_unreadable(entry)
        if not reason:
            return answer
        message_unreadable.send(sender=None, queue=queue.decode(errors="replace"), entry=entry, reason=reason)
        return None


class FilteredChannel(Channel):
    """kombu's channel with filtered clients."""

    def _get_client(self) -> type[redis.Redis]:
        super()._get_client()  # type: ignore[misc]
        return FilteredRedis


class FilteredTransport(Transport):
    """kombu's transport with filtered channels."""

    Channel = FilteredChannel


def explain_unreadable(entry: bytes) -> str:
    """Return why *entry* of a list is unreadable for Celery; '' for a good message."""
    try:
        message = json.loads(entry)
    except ValueError:
        return "it is no JSON"
    if not isinstance(message, dict):
        return "it is no JSON object"
    for name, kind in PARTS.items():
        if not isinstance(message.get(name), kind):
            return f"it has no {name}"
    properties = message["properties"]
    if not properties.get("delivery_tag") or not isinstance(properties.get("delivery_info"), dict):
        return "it has no delivery tag"
    return _why_body_unreadable(message)


def _why_body_unreadable(message: dict[str, Any]) -> str:
    """Check the body of a task's message; replies and broadcasts of Celery itself have others."""
    if "task" not in message["headers"]:
        return "" if message["properties"]["delivery_info"].get("exchange") else "it names no task"
    if message["content-type"] != JSON:
        return f"its content type is not {JSON}"
    try:
        body = message["body"]
        if message["properties"].get("body_encoding") == "base64":
            body = base64.b64decode(body, validate=True)
        content = json.loads(body)
    except ValueError:
        return "its body cannot be read"
    is_right = isinstance(content, list) and len(content) == BODY_PARTS
    return "" if is_right and isinstance(content[0], list) and isinstance(content[1], dict) else "its body is no task's"
