"""The words that an alert must not say: the values of a record and its events. Called by sights and the schedule.

A document of an order holds no event of the customer once it is in Xero, so both its fields and its events are read.
"""

from collections.abc import Iterator

from segxero import jsontext
from segxero.dead_letters import DeadLetter
from segxero.store import keys
from segxero.store.client import Store
from segxero.sync.records.hash_fields import FIELDS
from segxero.telemetry.causes import known_values


def list_record_words(client: Store, organisation: str, ref: str) -> list[str]:
    """Return the values of a record as Redis holds it, and of the events that Xero does not have yet."""
    stored = client.hgetall(keys.record(organisation, ref))
    texts = [text.partition("\n")[2] for name, text in stored.items() if name.startswith(FIELDS)]
    key = ref.partition("|")[2]
    return [key, *list_words([*texts, *client.hvals(keys.events(organisation, ref))])]


def list_letter_words(client: Store, letter: DeadLetter) -> list[str]:
    """Return the values of a letter's events; a letter without events takes those of its record."""
    if not letter.events and letter.organisation and letter.object:
        ref = keys.reference(letter.object, letter.key)
        return list_record_words(client, letter.organisation, ref)
    return [letter.key, *list_words(letter.events)]


def list_words(texts: list[str] | tuple[str, ...]) -> list[str]:
    """Return the values in JSON *texts*; a text that cannot be read is a value itself."""
    return [word for text in texts for word in _read_words(text)]


def _read_words(text: str) -> Iterator[str]:
    try:
        yield from known_values(jsontext.loads(text))
    except ValueError:
        yield text
