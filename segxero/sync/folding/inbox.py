"""The inbox: events accepted and not yet folded. They survive every crash of ours."""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import redis

from segxero import jsontext
from segxero.errors import FormatError
from segxero.store import formats, keys, scripts
from segxero.store.client import Store
from segxero.telemetry.figures import EVENTS

CHUNK = 500  # arrivals in one Lua call: Redis stays responsive, and Lua can unpack them all at once
EVENTS_QUEUE = "events"
OLDEST_ASKED = 50
HISTORY = " history"  # behind the organisation, where imported events are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An event as it came: *event* is its raw JSON text, *received_at* our clock in aware UTC.

    A *historical* arrival is imported; its records go after all live records.
    """

    id: str
    organisation: str
    endpoint: str
    message_id: str
    received_at: datetime
    event: str
    historical: bool = False
    request_id: str = ""  # of the webhook call that brought it

    @property
    def counted_as(self) -> str:
        """The field of keys.INBOX_WAITING that counts it."""
        return f"{self.organisation}{HISTORY}" if self.historical else self.organisation

    def to_json(self) -> str:
        # The oldest format has no number, and workers of any version read it.
        number = {} if formats.FORMAT == formats.OLDEST else {"format": formats.FORMAT}
        return jsontext.dumps(
            {
                **number,
                "id": self.id,
                "organisation": self.organisation,
                "endpoint": self.endpoint,
                "message_id": self.message_id,
                "received_at": self.received_at.isoformat(),
                "event": self.event,
                "request_id": self.request_id,
                "historical": self.historical,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "Arrival":
        """Read an arrival as any version up to ours wrote it. Raise FormatError for a newer version."""
        values = jsontext.loads(text)
        number = values.pop("format", formats.OLDEST)
        if number > formats.FORMAT:
            raise FormatError(f"an event was kept in format {number}; upgrade the workers, it waits for them")
        return cls(**{**values, "received_at": datetime.fromisoformat(values["received_at"])})


def arrival_id(endpoint: str, message_id: str) -> str:
    """Name an arrival: 32 hexadecimal characters that tell nothing about the person behind it."""
    return hashlib.sha256(f"{endpoint}\n{message_id}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Inbox:
    """Keeps arrivals in Redis; *make_message* makes the Celery message that wakes the task for an arrival id."""

    def __init__(self, client: Store, make_message: Callable[[str], str], patience_seconds: float = 60.0) -> None:
        """Keep in *client*; no further chunk is begun once accepting has taken *patience_seconds*."""
        self._redis = client
        self._patience = patience_seconds
        self._make_message = make_message
        self._accept = scripts.script(client, "segxero.sync.folding", "accept")

    def accept(self, arrivals: Sequence[Arrival], disposition: str = "accepted") -> int:
        """Keep and enqueue the *arrivals*, counted by their *disposition*; return how many are new.

        Raise redis.RedisError when Redis cannot.
        """
        stored = 0
        began = time.monotonic()
        names = [keys.INBOX, keys.INBOX_WOKEN, keys.INBOX_WAITING, EVENTS_QUEUE, keys.COUNTS]
        for start in range(0, len(arrivals), CHUNK):
            if time.monotonic() - began > self._patience:
                raise redis.TimeoutError("Redis is too slow to take all events now; those kept already stay")
            arguments = [EVENTS.field(disposition)]
            for arrival in arrivals[start : start + CHUNK]:
                arguments += (arrival.id, arrival.counted_as, arrival.to_json(), self._make_message(arrival.id))
            stored += int(self._accept(keys=names, args=arguments))
        return stored

    def find(self, identifier: str) -> Arrival | None:
        """Return the arrival, or None when it has been folded or buried already."""
        text = self._redis.hget(keys.INBOX, identifier)
        return None if text is None else Arrival.from_json(text)

    def waiting(self, organisation: str) -> int:
        """Return how many live events of *organisation* are not folded yet."""
        return int(self._redis.hget(keys.INBOX_WAITING, organisation) or 0)

    def wake_lost(self, now: float, age_seconds: float, limit: int = 1000) -> int:
        """Enqueue arrivals again that have waited *age_seconds* without their Celery message.

        Celery's list is first in, first out: an arrival older than the oldest message in the list has no message
        there any more. So a long backlog is not doubled by surplus wake-ups.
        """
        before = min(now - age_seconds, self._oldest_queued(now) - age_seconds)
        lost = self._redis.zrangebyscore(keys.INBOX_WOKEN, "-inf", before, start=0, num=limit)
        pipe = self._redis.pipeline()
        for identifier in lost:
            pipe.zadd(keys.INBOX_WOKEN, {identifier: now}, xx=True)
            pipe.lpush(EVENTS_QUEUE, self._make_message(identifier))
        pipe.execute()
        return len(lost)

    def _oldest_queued(self, now: float) -> float:
        """Return when the oldest message in the queue was sent; *now* when the queue holds none of ours.

        Some of the oldest may be surplus, their events folded already, so several are asked.
        """
        for message in reversed(self._redis.lrange(EVENTS_QUEUE, -OLDEST_ASKED, -1)):
            for identifier in _arguments(message):
                woken = self._redis.zscore(keys.INBOX_WOKEN, identifier)
                if woken is not None:
                    return float(woken)
        return now


def _arguments(message: str) -> Iterator[str]:
    """Yield the argument of a Celery *message*, if it is ours."""
    try:
        representation = jsontext.loads(message)["headers"]["argsrepr"]
    except (ValueError, KeyError, TypeError):
        return
    if isinstance(representation, str):
        yield representation.strip("(),'\" ")
