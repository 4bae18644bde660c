"""Replay: sends a dead letter's events through the inbox again, with today's mappings.

Called by `segxero dead-letters replay` and the console. Events already booked change nothing.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from segxero import jsontext
from segxero.dead_letters import DeadLetter, DeadLetters
from segxero.errors import InvalidEventError, SharedKeyError
from segxero.mapping.files.live import MappingSource
from segxero.oversight.blocked import Blocked
from segxero.segment import event as segment_event
from segxero.store import keys
from segxero.store.client import Store
from segxero.sync.folding.inbox import EVENTS_QUEUE, Arrival, Inbox, arrival_id
from segxero.sync.records.disposition import Disposition
from segxero.sync.records.hash_fields import ATTEMPTS, DISPOSITION
from segxero.sync.waiting.outbox import Outbox
from segxero.xero.objects.table import OBJECTS

ENDPOINT = "replay"


class Replay:
    """Replays dead letters. An interrupted or repeated replay neither loses nor doubles anything."""

    def __init__(self, client: Store, inbox: Inbox, outbox: Outbox, letters: DeadLetters, live: MappingSource) -> None:
        self._redis = client
        self._inbox = inbox
        self._outbox = outbox
        self._letters = letters
        self._live = live

    def replay(self, letter: DeadLetter) -> bool:
        """Send *letter* again and remove it from the list. Return False if it holds nothing to send."""
        arrivals = [self._arrival(letter, text) for text in letter.events]
        is_record = letter.object in OBJECTS
        if not arrivals and not is_record:
            return False
        # The letter is removed last: a crash before that leaves it for another replay.
        self._inbox.accept(arrivals, "replayed")
        if is_record:
            self._make_due(letter)
        self._letters.remove(letter)
        return True

    def replay_shared_keys(self) -> int:
        """Replay the orders waiting for the declaration of a shop, once the mappings have changed; return how many."""
        if not self._redis.hexists(keys.LETTER_CAUSES, f"{EVENTS_QUEUE}|{SharedKeyError.__name__}"):
            return 0
        version = self._live.current().version
        changed = [
            letter for letter in self._letters if letter.error == SharedKeyError.__name__ and letter.version != version
        ]
        return sum(self.replay(letter) for letter in changed)

    def free(self, parked: Iterable[Blocked]) -> int:
        """Make *parked* records due again. Return their number."""
        number = 0
        for one in parked:
            self._outbox.free(one.organisation, one.queue, keys.reference(one.object, one.key))
            number += 1
        return number

    def _make_due(self, letter: DeadLetter) -> None:
        """Make the letter's record due again. A record missing from Redis is made anew from the events."""
        ref = keys.reference(letter.object, letter.key)
        record = keys.record(letter.organisation, ref)
        if self._redis.exists(record):
            self._redis.hset(record, mapping={DISPOSITION: Disposition.PENDING, ATTEMPTS: 0})
            self._outbox.put(letter.organisation, OBJECTS[letter.object].queue, ref)

    def _arrival(self, letter: DeadLetter, text: str) -> Arrival:
        try:
            # An unreadable event still has an id, and becomes a dead letter again.
            event = segment_event.read(jsontext.loads(text))
        except (ValueError, InvalidEventError):
            event = {}
        message_id = segment_event.message_id(event, text)
        mappings = self._live.current()
        organisation = letter.organisation or mappings.organisation_of(event)
        return Arrival(
            id=arrival_id(ENDPOINT, message_id),
            organisation=organisation or next(iter(mappings.organisations)),
            endpoint=ENDPOINT,
            message_id=message_id,
            received_at=datetime.now(UTC),
            event=text,
        )
