"""Dead letters: records and events for a person to look at, in a Redis list without a consumer."""

import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from segxero import jsontext
from segxero.store import keys, scripts
from segxero.store.client import Store
from segxero.telemetry.causes import find_cause

MOST_DISCARDED = 1000
REPORTED_SECONDS = 90 * 86_400


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, kw_only=True)
class Failure:
    """The error of a dead letter, with Xero's *sentences*; *next_step* is a sentence for a person."""

    error: str
    message: str
    next_step: str
    sentences: tuple[str, ...] = ()
    traceback: str = ""

    @property
    def cause(self) -> str:
        """The cause, equal for all letters that the same repair frees."""
        return find_cause(self.message)


@dataclass(frozen=True, kw_only=True)
class FailedRecord:
    """The record of a dead letter, or the event that became no record; *amount* is the money that waits with it.

    The *mapping* made the record; *version* is the version of all mappings.
    """

    queue: str
    organisation: str = ""
    object: str = ""
    key: str = ""
    mapping: str = ""
    version: str = ""
    amount: str = ""
    currency: str = ""


@dataclass(frozen=True, kw_only=True)
class FailedAttempts:
    """The attempts before a dead letter; times are in ISO 8601."""

    attempts: int = 1
    attempted_at: tuple[str, ...] = ()
    first_failed_at: str = ""
    failed_at: str = field(default_factory=_now)

    @property
    def failed_first_at(self) -> str:
        return self.first_failed_at or self.failed_at


@dataclass(frozen=True, kw_only=True)
class DeadLetter(Failure, FailedRecord, FailedAttempts):
    """A record or event that needs a person, with its raw *events*. Its JSON is flat, and so are its fields.

    *original* holds the events as they came when somebody has edited them. *stored* is the text that the list holds.
    """

    events: tuple[str, ...] = ()
    original: tuple[str, ...] = ()
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    stored: str = field(default="", compare=False, repr=False)

    def to_json(self) -> str:
        return jsontext.dumps({name: value for name, value in asdict(self).items() if name != "stored"})

    @classmethod
    def from_json(cls, text: str) -> "DeadLetter":
        """Read a letter kept by this or any other version of segxero."""
        values: dict[str, Any] = jsontext.loads(text)
        known: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
            if name in cls.__dataclass_fields__
        }
        return cls(**{**known, "stored": text})


class DeadLetters:
    """The list `dead_letters`, newest first."""

    def __init__(self, client: Store) -> None:
        self._redis = client
        self._bury = scripts.script(client, "segxero", "bury_letters")

    def bury(self, *letters: DeadLetter) -> None:
        """Keep the *letters* in a single step; a letter with a known id is not kept twice.

        Raise redis.RedisError when Redis cannot.
        """
        # A call with an empty list would cost a round trip for nothing.
        if letters:
            arguments = [text for letter in letters for text in (letter.id, letter.to_json())]
            self._bury(keys=[keys.DEAD_LETTERS, keys.DEAD_LETTER_IDS], args=arguments)

    def __len__(self) -> int:
        return int(self._redis.llen(keys.DEAD_LETTERS))

    def __iter__(self) -> Iterator[DeadLetter]:
        for text in self._redis.lrange(keys.DEAD_LETTERS, 0, -1):
            yield DeadLetter.from_json(text)

    def find(self, identifier: str) -> DeadLetter | None:
        """Return the letter with this id, or None."""
        return next((letter for letter in self if letter.id == identifier), None)

    def remove(self, letter: DeadLetter) -> bool:
        """Take *letter* out of the list; False when somebody else did so before."""
        pipe = self._redis.pipeline()
        pipe.lrem(keys.DEAD_LETTERS, 1, letter.stored or letter.to_json())
        pipe.srem(keys.DEAD_LETTER_IDS, letter.id)
        return bool(pipe.execute()[0])

    def replace(self, letter: DeadLetter, new: DeadLetter) -> bool:
        """Put *new* in the place of *letter*; False when somebody else took it out before."""
        pipe = self._redis.pipeline()
        pipe.linsert(keys.DEAD_LETTERS, "BEFORE", letter.stored or letter.to_json(), new.to_json())
        pipe.lrem(keys.DEAD_LETTERS, 1, letter.stored or letter.to_json())
        return bool(pipe.execute()[1])

    def discard(self, letter: DeadLetter, reason: str) -> bool:
        """Take *letter* out for good; the last MOST_DISCARDED are kept with their *reason*."""
        entry = {"reason": reason, "discarded_at": _now(), "letter": letter.stored or letter.to_json()}
        pipe = self._redis.pipeline()
        pipe.lpush(keys.DISCARDED, jsontext.dumps(entry))
        pipe.ltrim(keys.DISCARDED, 0, MOST_DISCARDED - 1)
        pipe.execute()
        return self.remove(letter)

    def unreported(self, most: int = 1000) -> list[DeadLetter]:
        """Return the unreported among the newest *most* letters, oldest first."""
        texts = self._redis.lrange(keys.DEAD_LETTERS, 0, most - 1)
        letters = [DeadLetter.from_json(text) for text in reversed(texts)]
        pipe = self._redis.pipeline()
        for letter in letters:
            pipe.sadd(keys.DEAD_LETTERS_REPORTED, letter.id)
        # The set of reported ids outlives the letters only for a while, or it would grow for ever.
        if letters:
            pipe.expire(keys.DEAD_LETTERS_REPORTED, REPORTED_SECONDS)
        return [letter for letter, is_new in zip(letters, pipe.execute(), strict=False) if is_new]
