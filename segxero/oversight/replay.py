"""Replay: a dead letter's events go through the inbox again and meet today's mappings; what is right already stays."""

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
from segxero.sync.waiting.outbox import Outbox
from segxero.xero.objects.table import OBJECTS

ENDPOINT = "replay"


class Replay:
    """Replays letters one by one; interrupted or run twice, it loses and doubles nothing."""

    def __init__(self, client: Store, inbox: Inbox, outbox: Outbox, letters: DeadLetters, live: MappingSource) -> None:
        self._redis = client
        self._inbox = inbox
        self._outbox = outbox
        self._letters = letters
        self._live = live

    def replay(self, letter: DeadLetter) -> bool:
        """Send *letter* on its way again and take it out of the list; False when there is nothing to send."""
        arrivals = [self._arrival(letter, text) for text in letter.events]
        is_record = letter.object in OBJECTS
        if not arrivals and not is_record:
            return False
        self._inbox.accept(arrivals, "replayed")
        if is_record:
            self._make_due(letter)
        self._letters.remove(letter)
        return True

    def replay_shared_keys(self) -> int:
        """Replay the orders that wait for a shop to be declared, once the mappings have changed; return how many."""
        if not self._redis.hexists(keys.LETTER_CAUSES, f"{EVENTS_QUEUE}|{SharedKeyError.__name__}"):
            return 0
        version = self._live.current().version
        changed = [
            letter for letter in self._letters if letter.error == SharedKeyError.__name__ and letter.version != version
        ]
        return sum(self.replay(letter) for letter in changed)

    def free(self, parked: Iterable[Blocked]) -> int:
        """Let the records that are *parked* be looked at again; return how many they are."""
        number = 0
        for one in parked:
            self._outbox.free(one.organisation, one.queue, keys.reference(one.object, one.key))
            number += 1
        return number

    def _make_due(self, letter: DeadLetter) -> None:
        """Let the letter's record be tried again; one that Redis does not hold comes from the events alone."""
        ref = keys.reference(letter.object, letter.key)
        record = keys.record(letter.organisation, ref)
        if self._redis.exists(record):
            self._redis.hset(record, mapping={"disposition": "pending", "attempts": 0})
            self._outbox.put(letter.organisation, OBJECTS[letter.object].queue, ref)

    def _arrival(self, letter: DeadLetter, text: str) -> Arrival:
        try:
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
