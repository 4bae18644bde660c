"""Intake: sorts the events of a body into accepted, ignored and rejected, then stores them in Redis.

Called by the webhook; `segxero import` uses `sort` alone.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from segxero.dead_letters import DeadLetter
from segxero.errors import InvalidEventError
from segxero.mapping.model import MappingSet
from segxero.segment import event as segment_event
from segxero.segment.body import Element
from segxero.services import Services
from segxero.sync.folding.decision import Unbooked, decide, find_unbooked
from segxero.sync.folding.inbox import EVENTS_QUEUE, Arrival, arrival_id
from segxero.sync.records.disposition import Disposition
from segxero.telemetry.figures import EVENTS

ENDPOINT = "segment"
SHOWN_ID = 100  # characters; Segment's own ids are shorter
NEXT_STEP = (
    "Correct `data` in Segment's destination mapping (the whole event is $.), then replay or discard this letter."
)


@dataclass(slots=True)
class Intake:
    """The events of a body, sorted."""

    arrivals: list[Arrival] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    ignored: int = 0
    tests: int = 0
    own: int = 0
    unbooked: list[Unbooked] = field(default_factory=list)  # the money of ignored events

    def answer(self) -> dict[str, Any]:
        """Return the answer shown in Segment's Event Delivery. A repeated event counts as accepted."""
        return {
            "accepted": len(self.arrivals),
            Disposition.IGNORED: self.ignored + self.tests + self.own,
            "rejected": self.rejected,
        }

    def counts(self) -> dict[str, int]:
        """Return the number of events by result."""
        return {
            "accepted": len(self.arrivals),
            Disposition.IGNORED: self.ignored,
            "test": self.tests,
            "own": self.own,
            "rejected": len(self.rejected),
        }


def sort(elements: Sequence[Element], mappings: MappingSet, received_at: datetime, request_id: str = "") -> Intake:
    """Decide whether to accept, ignore or reject each of *elements*, without storing anything."""
    intake = Intake()
    for index, element in enumerate(elements):
        try:
            event = _read(element)
        except InvalidEventError as error:
            _reject(intake, index, element, str(error))
            continue
        # Test events and our own write-backs must not reach the books.
        if segment_event.is_test(event):
            intake.tests += 1
        elif segment_event.is_own(event):
            intake.own += 1
        else:
            _decide(intake, mappings, event, element.text, received_at, request_id)
    return intake


def _decide(
    intake: Intake,
    mappings: MappingSet,
    event: segment_event.Event,
    text: str,
    received_at: datetime,
    request_id: str,
) -> None:
    decision = decide(mappings, event)
    if decision.why is None:
        intake.arrivals.append(_arrival(event, text, decision.organisation, received_at, request_id))
        return
    intake.ignored += 1
    if unbooked := find_unbooked(mappings, event, decision, segment_event.message_id(event, text)):
        intake.unbooked.append(unbooked)


def keep(intake: Intake, services: Services) -> None:
    """Store accepted events and dead letters. Raise redis.RedisError or OSError if Redis fails."""
    # After a crash between the two steps Segment sends the body again; both steps ignore repetitions.
    if intake.arrivals:
        services.inbox.accept(intake.arrivals)
    services.dead_letters.bury(*intake.letters)
    services.unbooked.count(intake.unbooked)
    others = {EVENTS.field(name): number for name, number in intake.counts().items() if name != "accepted" and number}
    if others:
        services.counts.add_all(others)


def _read(element: Element) -> segment_event.Event:
    if element.fault:
        raise InvalidEventError(f"The event {element.fault}.")
    return segment_event.read(element.value)


def _arrival(
    event: segment_event.Event, text: str, organisation: str, received_at: datetime, request_id: str
) -> Arrival:
    message_id = segment_event.message_id(event, text)
    return Arrival(
        id=arrival_id(ENDPOINT, message_id),
        organisation=organisation,
        endpoint=ENDPOINT,
        message_id=message_id,
        received_at=received_at,
        event=text,
        request_id=request_id,
    )


def _reject(intake: Intake, index: int, element: Element, reason: str) -> None:
    message_id = _shown_id(element.value)
    intake.rejected.append({"index": index, "messageId": message_id, "reason": reason})
    intake.letters.append(
        DeadLetter(
            # A hash of the event, so that a repeated event makes no second letter.
            id=hashlib.sha256(element.text.encode("utf-8", "surrogatepass")).hexdigest()[:12],
            error=InvalidEventError.__name__,
            message=reason,
            next_step=NEXT_STEP,
            queue=EVENTS_QUEUE,
            key=message_id or "",
            events=(element.text,),
        )
    )


def _shown_id(value: Any) -> str | None:
    """Return the messageId of a value that may not be an event."""
    given = value.get("messageId") if isinstance(value, dict) else None
    return segment_event.mend(given[:SHOWN_ID]) if isinstance(given, str) else None
