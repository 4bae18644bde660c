"""Reads a Segment event: checks its form, names its message id and time, and recognises tests.

The receiver and the events queue call this module. Every field but `type` is optional and unknown fields are kept,
because Segment's users map bodies as they like.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from marshmallow import INCLUDE, Schema, ValidationError, fields, validate

from segxero.errors import InvalidEventError
from segxero.segment.clock import read_time

Event: TypeAlias = dict[str, Any]

TYPES = ("track", "identify", "page", "screen", "group", "alias", "delete")
IDENTIFIERS = ("messageId", "userId", "anonymousId", "groupId", "previousId", "projectId")
MEMBERS = ("traits", "properties", "context")
OWN_MESSAGE = "segxero-"  # the message ids of our write-back
TEST_MESSAGE = "segment-test-message"
TEST_USER = "test-user-"
TEST_EVENTS = ("Segment Test Event Name", "track-event")

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Identifier(fields.Field[str]):
    """An id: text, or a number written as JavaScript prints it."""

    default_error_messages = {"invalid": "should be text"}  # noqa: RUF012 - marshmallow's own name and form

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return str(value).lower()
        raise self.make_error("invalid")


class Members(fields.Field[dict[str, Any]]):
    """An object with members of the customer's choice."""

    default_error_messages = {"invalid": "should be an object"}  # noqa: RUF012 - marshmallow's own name and form

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        raise self.make_error("invalid")


_SCHEMA = Schema.from_dict(
    {
        "type": fields.String(
            required=True,
            validate=validate.OneOf(TYPES, error=f"should be one of {', '.join(TYPES)}"),
            error_messages={"required": "is missing", "null": "is missing", "invalid": "should be text"},
        ),
        **{name: Identifier(allow_none=True) for name in IDENTIFIERS},
        **{name: Members(allow_none=True) for name in MEMBERS},
    },
    name="EventSchema",
)(unknown=INCLUDE)


def read(value: Any) -> Event:
    """Check *value* and return it as an event: ids are text, members are objects, all text can be encoded.

    Raise InvalidEventError with a sentence that names every fault, but nothing of the event's content.
    """
    if not isinstance(value, dict):
        raise InvalidEventError("An event should be a JSON object.")
    if value.keys() == {"body"}:
        raise InvalidEventError("The event is form-encoded: map the content type application/json in Segment.")
    value = _mended(value)
    try:
        checked = _SCHEMA.load(value)
    except ValidationError as error:
        raise InvalidEventError(_sentence(error.messages_dict)) from None
    return {name: {} if name in MEMBERS and checked[name] is None else checked[name] for name in value}


def message_id(event: Event, raw_text: str) -> str:
    """Return the event's messageId, or a hash of its raw text if it has none."""
    return event.get("messageId") or hashlib.sha256(raw_text.encode()).hexdigest()


def is_own(event: Event) -> bool:
    """Tell whether the event is our own write-back on its way round; it is never booked."""
    return (event.get("messageId") or "").startswith(OWN_MESSAGE)


def is_test(event: Event) -> bool:
    """Tell whether the event comes from one of Segment's testers; those are never booked.

    Samples of the Event Tester and the mapping tester: segment.com/docs/connections/test-connections.
    """
    return (
        (event.get("messageId") or "").startswith(TEST_MESSAGE)
        or (event.get("userId") or "").startswith(TEST_USER)
        or event.get("event") in TEST_EVENTS
    )


def event_time(event: Mapping[str, Any], received_at: datetime) -> datetime:
    """Return when *event* happened, in UTC: never later than Segment's receivedAt or our own *received_at*.

    `timestamp` is corrected for the client's skew by Segment, but clients can spoof it; `receivedAt` is Segment's
    clock. The first credible time of timestamp, originalTimestamp and receivedAt counts, or else *received_at*.
    """
    latest = min(received_at, read_time(event.get("receivedAt")) or received_at)
    happened = read_time(event.get("timestamp")) or read_time(event.get("originalTimestamp"))
    return min(happened or latest, latest)


def _sentence(faults: Mapping[str, list[str]]) -> str:
    listed = "; ".join(f"{name} {' and '.join(texts)}" for name, texts in sorted(faults.items()))
    return f"The event cannot be read: {listed}."


def _mended(value: dict[str, Any]) -> dict[str, Any]:
    """Mend *value* if it holds surrogates; repr() escapes them, which is a cheap test."""
    return dict(mend(value)) if "\\ud" in repr(value) else value


def mend(value: Any) -> Any:
    """Replace by U+FFFD the lone surrogates in all text of *value*: JSON can escape them, UTF-8 cannot hold them."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {mend(name): mend(member) for name, member in value.items()}
    if isinstance(value, list):
        return [mend(member) for member in value]
    return value
