"""The events queue: folds each event into the records that the mappings make of it, and takes it out of the inbox."""

import logging
import traceback
import uuid
from typing import Any

from segxero import jsontext
from segxero.dead_letters import DeadLetter
from segxero.errors import FormatError, PermanentError
from segxero.oversight.replay import ENDPOINT as REPLAY
from segxero.segment import event as segment_event
from segxero.services import Services
from segxero.sync.folding.decision import Why, decide, find_unbooked
from segxero.sync.folding.inbox import EVENTS_QUEUE, Arrival
from segxero.sync.records.operations import make_operations
from segxero.sync.records.shop_keys import find_people_prefix
from workers.app import app
from workers.base import UNAVAILABLE, SafeTask, services

log = logging.getLogger(__name__)


@app.task(base=SafeTask, bind=True, name="workers.events.handle")
def handle(self: SafeTask, arrival_id: str) -> str:
    """Fold the arrival; return the result in words."""
    wired = services()
    try:
        arrival = wired.inbox.find(arrival_id)
    except FormatError as error:
        # During an upgrade old and new workers run side by side; the event stays in the inbox for a newer worker.
        log.warning("event_is_newer", extra={"arrival": arrival_id, "reason": str(error)})
        return "kept for newer workers"
    if arrival is None:
        return "folded before"
    try:
        changed = _fold(wired, arrival)
    except UNAVAILABLE:
        raise
    except Exception as error:  # noqa: BLE001 - whatever an event breaks, it becomes a dead letter and harms no other
        wired.fold.bury(arrival, _letter(wired, arrival, error))
        log.warning("event_buried", extra={"arrival": arrival.id, "error": type(error).__name__})
        return f"dead letter: {type(error).__name__}"
    return "folded before" if changed is None else f"{changed} records changed"


def _fold(wired: Services, arrival: Arrival) -> int | None:
    event = segment_event.read(jsontext.loads(arrival.event))
    names = wired.workspace.names()
    decision = decide(wired.mappings, event, names)
    prefix = find_people_prefix(wired.mappings, event)
    if decision.why in (Why.UNWANTED, Why.SOURCE):
        # The mappings have changed since the receiver kept it, or a replay sends it. The event counts once by its
        # messageId, so a process that ends between these two steps does no harm.
        unbooked = find_unbooked(wired.mappings, event, decision, arrival.message_id)
        wired.unbooked.count([unbooked] if unbooked else [])
        return wired.fold.fold(arrival, [], event, prefix)
    operations = make_operations(wired.mappings, event, arrival.received_at, arrival.message_id, names)
    return wired.fold.fold(arrival, operations, event, prefix)


def _letter(wired: Services, arrival: Arrival, error: Exception) -> DeadLetter:
    mappings, event = wired.mappings, _plain(arrival.event)
    properties = event.get("properties")
    money = properties if isinstance(properties, dict) else {}
    is_ours = isinstance(error, PermanentError)
    return DeadLetter(
        id=_letter_id(arrival),
        error=type(error).__name__,
        message=str(error),
        next_step=getattr(error, "next_step", "") or "correct the event's source or the mapping, then replay"
        if is_ours
        else "this is a fault of segxero: keep the traceback, upgrade, then replay",
        queue=EVENTS_QUEUE,
        organisation=arrival.organisation,
        key=arrival.message_id,
        traceback="" if is_ours else traceback.format_exc(),
        events=(arrival.event,),
        mapping=", ".join(one.name for one in mappings.mappings if event and one.wants(event, arrival.organisation)),
        version=mappings.version,
        amount=str(money.get("total") or ""),
        currency=str(money.get("currency") or ""),
    )


def _letter_id(arrival: Arrival) -> str:
    """Return the same id for an event that Segment sends again: its letter is kept once.

    A replay's letter has an id of its own: the old letter goes while the new letter is written.
    """
    return uuid.uuid4().hex[:12] if arrival.endpoint == REPLAY else arrival.id[:12]


def _plain(text: str) -> dict[str, Any]:
    """Return the event as it is, nothing checked; {} where that is no object."""
    try:
        value = jsontext.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
