"""Operators' sessions: the cookie holds a random id, Redis its digest and nothing about a person. Used by the door.

A session ends after IDLE_SECONDS without a request, LONGEST_SECONDS after its sign-in, by sign-out, and when
SEGXERO_PASSWORD changes: Redis stores a proof of the password, checkable only with the session's id.
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
    """An open session. Its *id* is as secret as the password."""

    id: str = field(repr=False)

    @property
    def form_token(self) -> str:
        """The secret in each form of this session. It does not reveal the id, and other sites cannot know it."""
        return hmac.new(self.id.encode(), b"form", hashlib.sha256).hexdigest()

    def owns(self, form_token: str) -> bool:
        """Return whether a form with *form_token* belongs to this session."""
        return hmac.compare_digest(form_token.encode("utf-8", "replace"), self.form_token.encode())


class Sessions:
    """All sessions, stored in Redis and shared by all processes."""

    def __init__(self, store: Store, password: Password) -> None:
        self._redis = store
        self._password = password

    def begin(self) -> Session:
        """Open a session with a new id; an id from before the sign-in could be known to others."""
        session = Session(id=secrets.token_urlsafe(32))
        stored = {"began": time.time(), "proof": self._password.make_proof(session.id)}
        self._redis.set(_key(session.id), jsontext.dumps(stored), ex=IDLE_SECONDS)
        return session

    def find(self, identifier: str) -> Session | None:
        """Return the open session with this id and restart its idle time; None if there is none."""
        text = self._redis.get(_key(identifier)) if identifier else None
        if not text:
            return None
        stored = jsontext.loads(text)
        left = float(stored["began"]) + LONGEST_SECONDS - time.time()
        if left <= 0 or not hmac.compare_digest(stored["proof"], self._password.make_proof(identifier)):
            self.end(identifier)
            return None
        # EXPIRE creates no key, so a session that ended in the meantime stays ended.
        self._redis.expire(_key(identifier), int(min(IDLE_SECONDS, left)) + 1)
        return Session(id=identifier)

    def end(self, identifier: str) -> None:
        """Close the session with this id, if it exists."""
        self._redis.delete(_key(identifier))


def _key(identifier: str) -> str:
    return keys.session(hashlib.sha256(identifier.encode("utf-8", "replace")).hexdigest())
