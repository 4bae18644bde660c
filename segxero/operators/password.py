"""The password of operators: compared so that neither time nor memory tells anything about it."""

import hashlib
import hmac
import secrets


class Password:
    """Compares what is given with the *text* of SEGXERO_PASSWORD; '' is no password, and nothing is right then.

    Both sides go through HMAC with a key that only this process knows, and the digests are compared in constant time.
    `hmac.compare_digest` alone tells the length of the password by its time and fails at text that is not ASCII. A slow
    hash (scrypt) protects stored hashes; nothing is stored here, and it would let strangers occupy our processors.
    """

    def __init__(self, text: str) -> None:
        self._key = secrets.token_bytes(32)
        self._text = text.encode()
        self._wanted = self._digest(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)

    def is_right(self, given: str) -> bool:
        """Tell whether *given* is the password."""
        return hmac.compare_digest(self._digest(given.encode("utf-8", "replace")), self._wanted) and bool(self)

    def proof(self, secret: str) -> str:
        """Return what tells, to whoever has the random *secret* of 256 bits, that this is still the same password."""
        return hmac.new(secret.encode(), self._text, hashlib.sha256).hexdigest()

    def _digest(self, text: bytes) -> bytes:
        return hmac.digest(self._key, text, "sha256")
