"""A Sentry that keeps what it gets: the real SDK sends its envelopes there over HTTP."""

import gzip
from dataclasses import dataclass, field
from typing import Any

from sentry_sdk.envelope import Envelope

from tests.support.processes.http_server import Answer, Received

PATH = "/api/1/envelope/"


@dataclass(slots=True)
class SentryIngest:
    """The route for PATH; `texts` holds each envelope as it came, all of its items."""

    texts: list[str] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, received: Received) -> Answer:
        body = received.body
        if received.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.texts.append(body.decode("utf-8", "replace"))
        event = Envelope.deserialize(body).get_event()
        if event is not None:
            self.events.append(dict(event))
        return Answer(body={"id": "1"}, headers={"Content-Type": "application/json"})

    def said(self) -> list[tuple[str, str]]:
        """Return (level, message or class of the exception) of every event."""
        return [(event["level"], event.get("message") or _classes(event)) for event in self.events]


def _classes(event: dict[str, Any]) -> str:
    return " ".join(value["type"] for value in event["exception"]["values"])


def dsn(url: str) -> str:
    """Return the SENTRY_DSN for an ingest at *url*."""
    return f"{url.replace('http://', 'http://public@')}/1"
