"""Dead letters: what a person must look at, in a Redis list that no worker consumes."""

import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from segxero import jsontext, keys, scripts
from segxero.store import Store


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """One record or event that needs a person; *events* are raw, *next_step* says in a sentence what to do."""

    error: str
    message: str
    next_step: str
    queue: str
    organisation: str = ""
    object: str = ""
    key: str = ""
    mapping: str = ""
    sentences: tuple[str, ...] = ()
    traceback: str = ""
    attempts: int = 1
    events: tuple[str, ...] = ()
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    failed_at: str = field(default_factory=_now)

    def to_json(self) -> str:
        return jsontext.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "DeadLetter":
        values: dict[str, Any] = jsontext.loads(text)
        return cls(**{**values, "sentences": tuple(values["sentences"]), "events": tuple(values["events"])})

    @property
    def cause(self) -> str:
        """What is the same for all letters that one repair frees."""
        return f"{self.queue}: {self.error}: {self.message}"


class DeadLetters:
    """The list `dead_letters`, newest first."""

    def __init__(self, client: Store) -> None:
        self._redis = client
        self._bury = scripts.script(client, "segxero", "bury_letters")

    def bury(self, *letters: DeadLetter) -> None:
        """Keep the *letters* in one step; one whose id is there already is not kept again.

        Raise redis.RedisError when Redis cannot.
        """
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
        pipe.lrem(keys.DEAD_LETTERS, 1, letter.to_json())
        pipe.srem(keys.DEAD_LETTER_IDS, letter.id)
        return bool(pipe.execute()[0])
