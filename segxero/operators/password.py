"""The operators' password, compared in constant time. Used by the door and by sessions."""

import hashlib
import hmac
import secrets


class Password:
    """Compares passwords with *text*, the value of SEGXERO_PASSWORD. If it is '', no password is right.

    Both sides go through HMAC with a key known only to this process, and the digests are compared in constant time.
    Without the HMAC, `hmac.compare_digest` reveals the password's length and fails for text outside ASCII. A slow hash
    (scrypt) protects stored hashes; nothing is stored here, and strangers could use it to occupy our processors.
    """

    def __init__(self, text: str) -> None:
        self._key = secrets.token_bytes(32)
        self._text = text.encode()
        self._wanted = self._digest(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)

    def is_right(self, given: str) -> bool:
        """Return whether *given* is the password."""
        return hmac.compare_digest(self._digest(given.encode("utf-8", "replace")), self._wanted) and bool(self)

    def make_proof(self, secret: str) -> str:
        """Return a proof of this password for a session's random 256-bit *secret*, to notice a changed password."""
        return hmac.new(secret.encode(), self._text, hashlib.sha256).hexdigest()

    def _digest(self, text: bytes) -> bytes:
        return hmac.digest(self._key, text, "sha256")
