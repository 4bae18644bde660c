"""Sessions of operators: a random id in the browser's cookie; Redis holds its digest and nothing about a person.

A session ends after IDLE_SECONDS without a request, LONGEST_SECONDS after its sign-in, by sign-out, and when
SEGXERO_PASSWORD is changed: Redis holds a proof of the password that only the session's own id can check.
"""

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass, field

from segxero import jsontext
from segxero.operators.password import Password
from segxero.store import keys
from segxero.store.client import Store

IDLE_SECONDS = 30 * 60
LONGEST_SECONDS = 12 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session that is open; its *id* is as secret as the password."""

    id: str = field(repr=False)

    @property
    def form_token(self) -> str:
        """What each form of this session carries: other sites cannot know it, and it does not tell the id."""
        return hmac.new(self.id.encode(), b"form", hashlib.sha256).hexdigest()

    def is_ours(self, form_token: str) -> bool:
        """Tell whether a form with *form_token* is one of this session."""
        return hmac.compare_digest(form_token.encode("utf-8", "replace"), self.form_token.encode())


class Sessions:
    """All sessions, for all processes, in Redis."""

    def __init__(self, store: Store, password: Password) -> None:
        self._redis = store
        self._password = password

    def begin(self) -> Session:
        """Open a session with a new id, whatever the browser had before."""
        session = Session(id=secrets.token_urlsafe(32))
        stored = {"began": time.time(), "proof": self._password.proof(session.id)}
        self._redis.set(_key(session.id), jsontext.dumps(stored), ex=IDLE_SECONDS)
        return session

    def find(self, identifier: str) -> Session | None:
        """Return the open session with this id, which is not idle then; None when there is none."""
        text = self._redis.get(_key(identifier)) if identifier else None
        if not text:
            return None
        stored = jsontext.loads(text)
        left = float(stored["began"]) + LONGEST_SECONDS - time.time()
        if left <= 0 or not hmac.compare_digest(stored["proof"], self._password.proof(identifier)):
            self.end(identifier)
            return None
        # A session that was ended meanwhile stays ended: this makes no key.
        self._redis.expire(_key(identifier), int(min(IDLE_SECONDS, left)) + 1)
        return Session(id=identifier)

    def end(self, identifier: str) -> None:
        """Close the session with this id, if there is one."""
        self._redis.delete(_key(identifier))


def _key(identifier: str) -> str:
    return keys.session(hashlib.sha256(identifier.encode("utf-8", "replace")).hexdigest())
